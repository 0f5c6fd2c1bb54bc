"""Which troubles have been told to people, and how often: shared by all daemons, and kept over a restart."""

from syncd.store import cursors
from syncd.store.content import dump, load
from syncd.store.database import Database

_NAME = "alarms"

Told = dict[str, tuple[int, int]]
"""Cause -> since when it lasts (microseconds), and how often it has been told."""


def read(database: Database) -> Told:
    kept = cursors.read(database, _NAME)
    return {cause: (since, times) for cause, (since, times) in load(kept).items()} if kept else {}


def keep(database: Database, told: Told) -> None:
    with database.write() as tx:
        cursors.move(tx, _NAME, dump(told), database.now_us())
