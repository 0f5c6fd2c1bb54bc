"""One SQLite database in memory behind the words of SQLAlchemy that the product says: what turns the platter.

Every daemon of a storm lives in this thread, and none sleeps within a transaction; so one connection serves them
all, and neither a pool nor locks on a file take their time. SQL as text goes straight to the driver, statements of
Core through SQLAlchemy; what fails is said once more to SQLAlchemy, so that it fails in SQLAlchemy's words.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, StaticPool, create_engine
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData


class Spindle:
    """Engine and connection in one: `begin` is a transaction, `connect` hands out the same thing again."""

    def __init__(self, file: Path) -> None:
        """Starts with what the file holds now, and never touches it again."""
        self.driver = sqlite3.connect(":memory:", isolation_level=None, cached_statements=1000)
        with sqlite3.connect(file) as source:
            source.backup(self.driver)
        source.close()
        self.driver.execute("PRAGMA foreign_keys=ON")
        self._engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: self.driver)
        self._core: Connection = self._engine.connect()
        self._core.exec_driver_sql("SELECT 1")  # from here on it believes itself within a transaction
        self.dialect = self._engine.dialect
        self._heads: dict[str, SimpleResultMetaData] = {}

    @contextmanager
    def begin(self) -> Iterator["Spindle"]:
        """Raises sqlite3.OperationalError within another one: nobody may need a second connection for his turn."""
        self.driver.execute("BEGIN IMMEDIATE")
        try:
            yield self
        except BaseException:
            self.driver.execute("ROLLBACK")
            raise
        self.driver.execute("COMMIT")

    def connect(self) -> "Spindle":
        return self

    def execution_options(self, **_how: Any) -> "Spindle":
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def execute(self, statement: Any, values: Any = None) -> Any:
        return self._core.execute(statement, values)

    def exec_driver_sql(self, sql: str, values: Any = None) -> "Rows":
        driver = self.driver
        try:
            if type(values) is list:
                return Rows(self._head(sql, ()), [], driver.executemany(sql, values).rowcount)
            cursor = driver.execute(sql, values or ())
            rows = cursor.fetchall()
        except sqlite3.Error:
            self._core.exec_driver_sql(sql, values)
            raise
        return Rows(self._head(sql, cursor.description or ()), rows, cursor.rowcount)

    def _head(self, sql: str, columns: Any) -> SimpleResultMetaData:
        head = self._heads.get(sql)
        if head is None:
            head = self._heads[sql] = SimpleResultMetaData([column[0] for column in columns])
        return head

    def dispose(self) -> None:
        self._core.close()
        self._engine.dispose()
        self.driver.close()


class Rows(IteratorResult[Any]):
    """A result of SQLAlchemy whose rows are there already."""

    def __init__(self, head: SimpleResultMetaData, rows: list[Any], count: int) -> None:
        super().__init__(head, iter(rows))
        self.rowcount = count
