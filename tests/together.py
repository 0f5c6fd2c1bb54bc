"""Several things at once, and a look at what the database was asked."""

import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from syncd.store.database import Database

T = TypeVar("T")


def together(*actions: Callable[[], T]) -> list[T]:
    """Run each in a thread of its own, all starting at once; their results in order. Raises what one raises."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], T]) -> T:
        start.wait(30)
        return action()

    with ThreadPoolExecutor(len(actions)) as threads:
        return [each.result(60) for each in [threads.submit(run, action) for action in actions]]


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile, with its parameters; settings of a connection are not counted."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if not statement.startswith(("PRAGMA", "SET LOCAL")):
            seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def plan_of(database: Database, statement: str, parameters: Any) -> str:
    """How the database would find the rows; sequential scans are forbidden where they can be."""
    how = "EXPLAIN QUERY PLAN " if database.sqlite else "EXPLAIN "
    with database.read() as tx:
        if not database.sqlite:
            tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(str(row[-1]) for row in tx.exec_driver_sql(how + statement, parameters))


@contextmanager
def busy(
    database: Database, part: str = "", *, times: int = 1_000_000, after: int = 0, every: int = 1
) -> Iterator[list[str]]:
    """The database cannot do statements that hold `part`: so many times, once `after` of them have passed.

    `every`: only each n-th of them fails. What is raised is what the driver raises when the file is locked or
    the server is away; the statements that failed are listed.
    """
    failed: list[str] = []
    count = itertools.count(-after)

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if part not in statement or len(failed) >= times:
            return
        number = next(count)
        if number >= 0 and number % every == 0:
            failed.append(statement)
            locked, away = sqlite3.OperationalError("database is locked"), psycopg.OperationalError("away")
            raise OperationalError(statement, None, locked if database.sqlite else away)

    event.listen(database.engine, "before_cursor_execute", fail)
    try:
        yield failed
    finally:
        event.remove(database.engine, "before_cursor_execute", fail)
