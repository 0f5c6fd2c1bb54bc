"""One URL decides: SQLite in WAL mode with synchronous=FULL, or PostgreSQL 15 and later.

A write transaction on SQLite is BEGIN IMMEDIATE behind a lock of this process, so threads queue instead of
polling the file's lock. On PostgreSQL it is READ COMMITTED; rows and advisory locks order the daemons.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from syncd.clock import Clock
from syncd.errors import StoreBusy, StoreError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Whole microseconds since 1970 UTC of an aware time."""
    return (at - EPOCH) // _TICK


def moment(value: int) -> datetime:
    """The aware UTC time of whole microseconds since 1970."""
    return EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


class Database:
    """Connections and transactions. `now()` is the database's time, so that daemons agree on leases."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = read_url(url)
        self.clock = clock
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database or "") if self.sqlite else None
        self.engine = _sqlite_engine(self.url) if self.sqlite else _postgres_engine(self.url)
        self._writing = threading.Lock()
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Aware, UTC, by the database's clock as it was last compared."""
        return self.clock.now() + self._ahead

    def now_us(self) -> int:
        return micros(self.now())

    def compare_clocks(self) -> timedelta:
        """How far the database's clock is ahead of ours; several daemons then share one time."""
        if not self.sqlite:
            with self.read() as tx:
                theirs = tx.execute(text("SELECT clock_timestamp()")).scalar_one()
            self._ahead = theirs.astimezone(UTC) - self.clock.now()
        return self._ahead

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end or rolled back whole.

        Raises StoreBusy when the database cannot keep anything at the moment.
        """
        with (
            self._turn(),
            _told_plainly(),
            self.engine.connect().execution_options(syncd_begin="BEGIN IMMEDIATE") as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view on SQLite; single statements see committed data on PostgreSQL."""
        with _told_plainly(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.sqlite:
            yield
            return
        with self._writing:
            yield

    def close(self) -> None:
        self.engine.dispose()


def read_url(url: str) -> URL:
    """Raises StoreError for anything but sqlite and postgresql."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise StoreError("store.url: SQLite needs a file, as in sqlite:///data/syncd.db")
        return parsed.set(drivername="sqlite")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(f"store.url: {backend} is not supported; use sqlite:///file or postgresql://host/name")


def _sqlite_engine(url: URL) -> Engine:
    path = Path(url.database or "")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, pool_size=16, max_overflow=16, connect_args={"timeout": 15})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-32000",
            "journal_size_limit=67108864",
            "busy_timeout=15000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options().get("syncd_begin", "BEGIN")
        connection.exec_driver_sql(str(how))

    return engine


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=16,
        max_overflow=16,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c lock_timeout=30s"},
    )


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Trouble of the disk or the connection becomes StoreBusy; a broken statement stays a bug."""
    try:
        yield
    except DBAPIError as error:
        words = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
        if _passing(error, words):
            raise StoreBusy(f"the store cannot be used now: {words[:200]}") from error
        raise


_PASSING = ("database is locked", "disk is full", "disk i/o error", "unable to open", "readonly database")


def _passing(error: DBAPIError, words: str) -> bool:
    if error.connection_invalidated:
        return True
    if "sqlite" in type(error.orig).__module__:
        return any(sign in words.lower() for sign in _PASSING)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # never reached the server
        return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}
    return state[:2] in {"08", "40", "53", "55", "57"}
