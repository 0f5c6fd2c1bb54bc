"""The command line: verbs, each a function, in one file per group."""

import typer

from syncd.cli import checking, database, explaining, importing, proving, queues, running, sinks

app = typer.Typer(
    name="syncd",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Every enquiry becomes exactly one CRM record with an owner and a follow-up task.",
)

app.command("run")(running.run)
app.command("check")(checking.check)
app.command("connectors")(checking.connectors)
app.command("schema")(checking.schema)
app.command("explain")(explaining.explain)
app.command("why")(explaining.why)
app.command("status")(queues.status)
app.command("parked")(queues.parked)
app.command("retry")(queues.retry)
app.command("quarantine")(queues.quarantine)
app.command("replay")(queues.replay)
app.command("import")(importing.import_file)
app.command("prove")(proving.prove)
app.command("prepare")(sinks.prepare)
app.command("export")(sinks.export)
app.add_typer(database.app, name="db")


def main() -> None:
    app()
