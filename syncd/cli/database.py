"""`syncd db`: the schema's version, and copies of the store."""

from itertools import islice
from pathlib import Path

import typer

from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, database
from syncd.cli.shown import AS_JSON, as_json, say, warn, when
from syncd.cli.troubles import Commands
from syncd.store import backup as copies
from syncd.store import migrate
from syncd.store.backup import Doubt
from syncd.store.inbox import Inbox
from syncd.store.receipts import Reading, read

app = typer.Typer(cls=Commands, no_args_is_help=True, help="The store: its schema's version, backup, restore.")

_TO = typer.Argument(
    None, help="a file, or a folder in which it gets a name with the time; beside the store if left out"
)
_KEEP = typer.Option(0, "--keep", min=0, help="delete all but so many of the named copies there; 0: delete none")
_RECEIPTS = typer.Argument(
    ..., help="a folder of receipts, as `store.receipts` names one", exists=True, file_okay=False
)
_AT_ONCE = 200
_FROM = typer.Argument(..., help="a copy, as `syncd db backup` made it")


@app.command("upgrade")
def upgrade(path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Bring the schema to this program's version (`syncd run` does the same when it starts)."""
    with database(path, logged="info") as opened:
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


@app.command("backup")
def backup(to: Path | None = _TO, keep: int = _KEEP, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Copy the SQLite store while the daemon goes on; the copy is checked, and appears when it is whole."""
    with database(path) as opened:
        folder = to if to and to.is_dir() else copies.file_of(opened).parent
        target = to if to and not to.is_dir() else folder / copies.name_for(opened, "backup")
        copies.copy(opened, target)
        deleted = copies.thin_out(opened, target.parent, keep) if keep else []
    if json:
        as_json({"file": target, "bytes": target.stat().st_size, "deleted": deleted})
    else:
        say(f"{target}: {target.stat().st_size} bytes, sound")
        for old in deleted:
            say(f"{old}: deleted")


@app.command("restore")
def restore(file: Path = _FROM, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Put a copy in the place of the SQLite store, with the daemon stopped. What was there is set aside."""
    with database(path) as opened:
        aside = copies.restore(opened, file, migrate.versions())
        doubt = copies.doubt_open_orders(opened)
    if json:
        as_json({"aside": aside, **_parts(doubt)})
        return
    if aside:
        say(f"What was there is now {aside}")
    _tell(doubt)


@app.command("restored")
def restored(path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Say once, before the first start, that the store was put back by other means (pg_restore, a snapshot).

    What is open in it may have been sent since: its marks are looked for before anything is sent.
    """
    with database(path) as opened, copies.unused(opened):
        doubt = copies.doubt_open_orders(opened)
    if json:
        as_json(_parts(doubt))
    else:
        _tell(doubt)


@app.command("rebuild")
def rebuild(folder: Path = _RECEIPTS, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Take in again what the receipts of `store.receipts` tell of and this store lacks, with the daemon stopped.

    After a restore, or into an empty store. Exit code 1 when some receipts cannot be read.
    """
    reading, new = Reading(), 0
    with database(path) as opened, copies.unused(opened):
        migrate.upgrade(opened)
        inbox, told = Inbox(opened), read(folder, reading)
        while batch := list(islice(told, _AT_ONCE)):
            new += inbox.rebuild(batch).new
    if json:
        as_json({"read": reading.read, "new": new, "damaged": reading.damaged})
    else:
        say(f"{reading.read} receipts read, {new} submissions were missing here and are taken in again")
        say("What they lead to is looked for in the CRM before it is sent.")
        for place in reading.damaged:
            warn(f"cannot be read: {place}")
    if reading.damaged:
        raise typer.Exit(Exit.FAILED)


def _parts(doubt: Doubt) -> dict[str, object]:
    return {"orders": doubt.orders, "submissions": doubt.submissions, "newest": doubt.newest}


def _tell(doubt: Doubt) -> None:
    say(f"{doubt.orders} open orders: each is looked for in its CRM before it is sent.")
    if doubt.newest is None:
        say("There is no submission in this store: have everything sent again.")
    else:
        say(f"{doubt.submissions} submissions, the newest of {when(doubt.newest)}: have what came later sent again.")
        say("What reached the CRM already is found there and not made twice.")
