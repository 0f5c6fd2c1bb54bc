"""An SQLite driver whose N-th call fails: as it does on a full disk, behind a lock, or when an answer is lost.

It stands below SQLAlchemy, so it does not matter how the store speaks its SQL.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, event


class Stumble(StrEnum):
    ERROR = "disk I/O error"
    BUSY = "database is locked"
    FULL = "database or disk is full"
    LOST = "done, but its answer is lost"


@dataclass
class Fault:
    """Calls are numbered from 1; those from `first` on fail, so many of them. The one in force counts."""

    first: int = 0  # none
    times: int = 1
    kind: Stumble = Stumble.ERROR
    struck: Callable[[], None] = lambda: None  # called at the first failure: others see what is committed
    calls: int = 0
    failed: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # all calls, in order

    def due(self, what: str) -> bool:
        self.calls += 1
        self.seen.append(what)
        if not self.first <= self.calls < self.first + self.times:
            return False
        self.failed.append(what)
        return True

    def error(self) -> sqlite3.OperationalError:
        return sqlite3.OperationalError("disk I/O error" if self.kind is Stumble.LOST else self.kind.value)


@dataclass
class Driver:
    """`install` it in an engine before its first connection; then put a Fault into `fault`, run by run."""

    fault: Fault = field(default_factory=Fault)

    def install(self, engine: Engine) -> None:
        def connect(_dialect: Any, _record: Any, words: list[Any], options: dict[str, Any]) -> sqlite3.Connection:
            return sqlite3.connect(*words, **{**options, "factory": factory(self)})

        event.listen(engine, "do_connect", connect)

    def call(self, what: str, action: Callable[[], Any]) -> Any:
        fault = self.fault
        if not fault.due(what):
            return action()
        if fault.kind is Stumble.LOST:
            action()
        if len(fault.failed) == 1:
            fault.struck()
        raise fault.error()


def factory(driver: Driver) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *values: Any) -> Any:
            return driver.call(sql, lambda: super(Cursor, self).execute(sql, *values))

        def executemany(self, sql: str, *values: Any) -> Any:
            return driver.call(sql, lambda: super(Cursor, self).executemany(sql, *values))

    class Connection(sqlite3.Connection):
        def cursor(self, *_: Any) -> Any:
            return super().cursor(Cursor)

        def execute(self, sql: str, *values: Any) -> Any:
            return self.cursor().execute(sql, *values)  # the driver's own short cut makes a cursor of its own kind

        def commit(self) -> None:
            driver.call("COMMIT", super().commit)

    return Connection
