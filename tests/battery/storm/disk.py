"""The database of the simulation: the real one on a file in memory, and the ways in which it fails a daemon."""

import shutil
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, event

from syncd.clock import Clock
from syncd.errors import StoreBusy
from syncd.store.database import Database
from syncd.store.store import Store
from tests.battery.storm.chance import RARE, SELDOM, Chance

_SHARED = Path("/dev/shm")  # noqa: S108 - a folder in memory, where there is one


class Actor(Protocol):
    """Whoever uses the disk; `at` may end it, or let the others have their turn first."""

    chance: Chance

    def at(self, place: str) -> None: ...

    def die(self, place: str) -> None: ...


class Platter:
    """One file for thousands of seeds, emptied between two of them. `rows` looks at it past everybody."""

    def __init__(self, clock: Clock) -> None:
        folder = tempfile.mkdtemp(prefix="syncd-storm-", dir=_SHARED if _SHARED.is_dir() else None)
        self.folder = Path(folder)
        url = f"sqlite:///{self.folder / 'syncd.db'}"
        store = Store(url, clock)
        store.open()
        self.database = store.database
        event.listen(self.database.engine, "connect", _hasten)
        self.database.engine.dispose()  # those who come now are in a hurry
        self._rows = sqlite3.connect(self.folder / "syncd.db", isolation_level=None)
        self._rows.row_factory = sqlite3.Row
        self._empty = sqlite3.connect(":memory:")
        self._rows.backup(self._empty)

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self._rows.execute(query, values).fetchall()

    def wipe(self, clock: Clock) -> None:
        self.database.clock = clock
        with self.database.engine.connect() as connection:
            self._empty.backup(connection.connection.dbapi_connection)  # type: ignore[arg-type]

    def close(self) -> None:
        for connection in (self._rows, self._empty):
            connection.close()
        self.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _hasten(connection: sqlite3.Connection, _record: object) -> None:
    """Power never fails here: a crash is that of a process, and the file outlives it."""
    connection.execute("PRAGMA synchronous=OFF")


class Disk(Database):
    """One daemon's view of the platter. A transaction may be busy, fail at its commit, or commit without an
    answer; its daemon may die before or after the commit. Sites are named after who asks for the transaction.
    """

    def __init__(self, platter: Database, clock: Clock, actor: Actor, open_ones: list[str]) -> None:
        self.__dict__.update(platter.__dict__)
        self.clock, self.actor, self._open_ones = clock, actor, open_ones
        self._writing = threading.Lock()

    @contextmanager
    def write(self, **how: bool) -> Iterator[Connection]:
        place, actor = _asked_by(), self.actor
        strikes = actor.chance.strikes
        actor.at(f"before {place}")
        if strikes(f"{place}: database is locked", SELDOM):
            raise StoreBusy("the store cannot be used now: database is locked")
        with super().write(**how) as tx:
            self._open_ones.append(place)
            try:
                yield tx
            finally:
                self._open_ones.pop()
            if strikes(f"{place}: disk is full", SELDOM):
                raise StoreBusy("the store cannot be used now: database or disk is full")
            if strikes(f"{place}: death before the commit", RARE):
                actor.die(place)
        if strikes(f"{place}: death after the commit", RARE):
            actor.die(place)
        if strikes(f"{place}: commit without an answer", SELDOM):
            raise StoreBusy("the store cannot be used now: server closed the connection")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        place = _asked_by()
        self.actor.at(f"before {place}")
        if self.actor.chance.strikes(f"{place}: cannot be read", SELDOM):
            raise StoreBusy("the store cannot be used now: disk i/o error")
        with super().read() as tx:
            self._open_ones.append(place)
            try:
                yield tx
            finally:
                self._open_ones.pop()


def _asked_by() -> str:
    """The function whose transaction it is: two frames of contextlib lie between."""
    return sys._getframe(3).f_code.co_qualname
