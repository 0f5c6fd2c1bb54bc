"""The command line: verbs, each a function, in one file per group."""

from importlib.metadata import version

import typer

from syncd.cli import (
    arriving,
    checking,
    connectors,
    database,
    describing,
    explaining,
    fetching,
    hooks,
    importing,
    mail,
    proving,
    queues,
    running,
    shadows,
    sinks,
    status,
    telling,
)
from syncd.cli.shown import say
from syncd.cli.troubles import Commands

app = typer.Typer(
    name="syncd",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command("run")(running.run)
app.command("check")(checking.check)
app.add_typer(connectors.app, name="connectors")
app.command("schema")(connectors.schema)
app.command("openapi")(describing.openapi)
app.command("explain")(explaining.explain)
app.command("why")(telling.why)
app.command("status")(status.status)
app.command("sources")(arriving.sources)
app.command("parked")(status.parked)
app.command("retry")(queues.retry)
app.command("settle")(queues.settle)
app.command("quarantine")(queues.quarantine)
app.command("replay")(queues.replay)
app.command("import")(importing.import_file)
app.command("backfill")(fetching.backfill)
app.command("reconcile")(fetching.reconcile)
app.command("prove")(proving.prove)
app.command("prepare")(sinks.prepare)
app.command("doctor")(sinks.doctor)
app.command("export")(sinks.export)
app.add_typer(mail.app, name="mail")
app.add_typer(hooks.app, name="hooks")
app.add_typer(shadows.app, name="shadow")
app.add_typer(database.app, name="db")


def _say_version(wanted: bool) -> None:
    if wanted:
        say(f"syncd {version('syncd')}")
        raise typer.Exit


@app.callback()
def syncd(
    _version: bool = typer.Option(
        False, "--version", callback=_say_version, is_eager=True, help="say which version this is, and end"
    ),
) -> None:
    """Every enquiry becomes exactly one CRM record with an owner and a follow-up task."""


def main() -> None:
    app()
