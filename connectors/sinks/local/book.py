"""The book itself: one SQLite file with contacts, tasks and notes, each unique by its key.

This is the record of a CRM and not syncd's store, so its statements live here.
"""

import csv
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syncd.connector import ConfigError, Retryable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS contacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT UNIQUE, email TEXT COLLATE NOCASE UNIQUE,
  fields TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT NOT NULL UNIQUE,
  contact INTEGER NOT NULL REFERENCES contacts(id),
  subject TEXT NOT NULL, body TEXT NOT NULL, due_at TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL,
  priority TEXT NOT NULL, done_at TEXT, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT NOT NULL UNIQUE,
  contact INTEGER NOT NULL REFERENCES contacts(id),
  body TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS clock (only INTEGER PRIMARY KEY CHECK (only = 1), changes INTEGER NOT NULL);
INSERT OR IGNORE INTO clock VALUES (1, 0);
CREATE INDEX IF NOT EXISTS tasks_contact ON tasks(contact);
CREATE INDEX IF NOT EXISTS contacts_changed ON contacts(changed);
CREATE INDEX IF NOT EXISTS tasks_changed ON tasks(changed);
"""
TABLES = ("contacts", "tasks", "notes")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\x00", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Book:
    """Thread-safe: one connection behind a lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=15)
        self._connection.row_factory = sqlite3.Row
        path.chmod(0o600)
        try:
            self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise ConfigError(f"local: {path} is no book: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Committed at the end, or rolled back whole, also where it is the commit that fails."""
        with self._lock, _told_plainly():
            self._connection.rollback()  # what a rollback that failed has left
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()  # nothing where SQLite has done so itself, as on a full disk
                raise

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock, _told_plainly():
            return list(self._connection.execute(statement, values))

    def export(self, folder: Path) -> list[Path]:
        """One CSV file per table; cells that a spreadsheet would run as a formula get an apostrophe."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for table in TABLES:
            rows = self.rows(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - a name from TABLES
            path = folder / f"{table}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                names = [name for name in self._columns(table) if name != "changed"]
                writer.writerow(names)
                writer.writerows([_safe(row[name]) for name in names] for row in rows)
            written.append(path)
        return written

    def _columns(self, table: str) -> list[str]:
        return [row["name"] for row in self.rows(f"PRAGMA table_info({table})")]

    def close(self) -> None:
        with self._lock:
            self._connection.close()


@contextmanager
def _told_plainly() -> Iterator[None]:
    """A full disk or a damaged file is nothing that an order could help: it is tried again."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise Retryable(f"local: the book cannot be used: {error}") from error


def tick(tx: sqlite3.Connection) -> int:
    """The number of this change; grows by one with each."""
    (number,) = tx.execute("UPDATE clock SET changes = changes + 1 RETURNING changes").fetchone()
    return int(number)


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
