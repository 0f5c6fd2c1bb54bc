"""`syncd db`: the schema's version."""

from pathlib import Path

import typer

from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, database
from syncd.cli.shown import AS_JSON, as_json, say, warn
from syncd.cli.troubles import Commands
from syncd.store import migrate

app = typer.Typer(cls=Commands, no_args_is_help=True, help="The store's schema: check it, bring it up to date.")


@app.command("upgrade")
def upgrade(path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Bring the schema to this program's version (`syncd run` does the same when it starts)."""
    with database(path) as opened:
        before, after = migrate.upgrade(opened)
    if json:
        as_json({"before": before, "after": after})
    else:
        say(f"already at {after}" if before == after else f"upgraded from {before or 'nothing'} to {after}")


@app.command("check")
def check(path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Compare the schema's version with this program's; exit code 5 when they differ."""
    with database(path) as opened:
        there, ours = migrate.check(opened)
    if json:
        as_json({"database": there, "program": ours})
    elif there == ours:
        say(f"database and program are both at {ours}")
    else:
        warn(f"the database is at {there or 'nothing'}, this program at {ours}: `syncd db upgrade`")
    if there != ours:
        raise typer.Exit(Exit.STORE)
