"""The database of the simulation: the real schema and statements, in memory, and how it fails a daemon."""

import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from syncd.clock import Clock
from syncd.errors import StoreBusy
from syncd.store.database import Database
from syncd.store.schema import metadata
from syncd.store.store import Store
from tests.battery.storm.chance import RARE, SELDOM, Chance
from tests.battery.storm.spindle import Spindle


class Actor(Protocol):
    """Whoever uses the disk; `at` may end it, or let the others have their turn first."""

    chance: Chance

    def at(self, place: str) -> None: ...

    def die(self, place: str) -> None: ...


class Platter:
    """One database for thousands of seeds, emptied between two of them. `rows` looks at it past everybody, and
    remembers what it saw until somebody writes.
    """

    def __init__(self, clock: Clock) -> None:
        with tempfile.TemporaryDirectory(prefix="syncd-storm-") as folder:
            store = Store(f"sqlite:///{folder}/syncd.db", clock)
            store.open()
            self.database = store.database
            self.database.close()
            self.spindle = Spindle(Path(folder) / "syncd.db")
        vars(self.database).update(engine=self.spindle, _durable=self.spindle, _soon=self.spindle)
        self._driver = self.spindle.driver
        self._seen, self._seen_at = dict[tuple[str, tuple[object, ...]], list[sqlite3.Row]](), -1
        self._empty = [f"DELETE FROM {name}" for name in self._filled_by_work()]  # noqa: S608 - names of our tables

    def _filled_by_work(self) -> list[str]:
        """The tables that are empty in a fresh store, children before their parents."""
        names = [table.name for table in reversed(metadata.sorted_tables)]
        return [*(name for name in names if not self.rows(f"SELECT 1 FROM {name}")), "sqlite_sequence"]  # noqa: S608

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Raises ProgrammingError within a transaction: what it saw there might never be kept."""
        if self._driver.in_transaction:
            raise sqlite3.ProgrammingError("nobody looks at the platter within a transaction")
        if self._seen_at != self.changes:
            self._seen, self._seen_at = {}, self.changes
        seen = self._seen.get((query, values))
        if seen is None:
            cursor = self._driver.execute(query, values)
            cursor.row_factory = sqlite3.Row
            seen = self._seen[query, values] = cursor.fetchall()
        return seen

    @property
    def changes(self) -> int:
        """Grows with every row that is written; the same number again means that nothing has changed."""
        return self._driver.total_changes

    def wipe(self, clock: Clock) -> None:
        self.database.clock = clock
        with self.spindle.begin() as tx:
            for statement in self._empty:
                tx.exec_driver_sql(statement)

    def close(self) -> None:
        self.spindle.dispose()


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
