"""`syncd db`: the schema's version."""

from collections.abc import Callable
from pathlib import Path

import typer

from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, config
from syncd.cli.shown import fail, out
from syncd.clock import SystemClock
from syncd.errors import StoreBusy, StoreError
from syncd.store import migrate
from syncd.store.database import Database

app = typer.Typer(no_args_is_help=True, help="The store's schema: check it, bring it up to date.")


@app.command("upgrade")
def upgrade(path: Path = CONFIG) -> None:
    """Bring the schema to this program's version (`syncd run` does the same when it starts)."""
    before, after = _with_database(path, migrate.upgrade)
    out.print(f"already at {after}" if before == after else f"upgraded from {before or 'nothing'} to {after}")


@app.command("check")
def check(path: Path = CONFIG) -> None:
    """Compare the schema's version with this program's; exit code 5 when they differ."""
    there, ours = _with_database(path, migrate.check)
    if there != ours:
        fail(f"the database is at {there or 'nothing'}, this program at {ours}: `syncd db upgrade`", Exit.STORE)
    out.print(f"database and program are both at {ours}")


def _with_database(path: Path, action: Callable[[Database], tuple[str, str]]) -> tuple[str, str]:
    database = Database(config(path).settings.store.url.get_secret_value(), SystemClock())
    try:
        return action(database)
    except (StoreError, StoreBusy) as error:
        fail(str(error), Exit.STORE)
    finally:
        database.close()
