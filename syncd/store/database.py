"""One URL decides: SQLite in WAL mode with synchronous=FULL, or PostgreSQL 15 and later.

A write transaction on SQLite is BEGIN IMMEDIATE behind a lock of this process, so threads queue instead of
polling the file's lock. On PostgreSQL it is READ COMMITTED; rows and advisory locks order the daemons.
"""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Connection, Engine, Text, create_engine, event, func, literal, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from syncd.clock import Clock
from syncd.errors import StoreBusy, StoreError

BUSY_SECONDS = 15  # how long SQLite waits for another process to finish its transaction
CACHE_KIB = 2_000
"""Of pages, in each connection to SQLite. They fill up as the file grows, and the machine's own cache has all of it:
with four times as much, leads a second are the same, beside ten million known ones too.
"""
STATEMENTS = 128
"""Kept compiled by each connection to SQLite. A batch of another size is another text, of 10 to 270 KiB compiled."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_PART = 500  # values bound to one statement at most; SQLite allows 32,766 and PostgreSQL 65,535

T = TypeVar("T")


def micros(at: datetime) -> int:
    """Whole microseconds since 1970 UTC of an aware time."""
    return (at - EPOCH) // _TICK


def moment(value: int) -> datetime:
    """The aware UTC time of whole microseconds since 1970."""
    return EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time that a statement and its transaction stay short."""
    for start in range(0, len(values), _PART):
        yield values[start : start + _PART]


class Database:
    """Connections and transactions. `now()` is the database's time, so that daemons agree on leases."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = read_url(url)
        self.clock = clock
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database or "") if self.sqlite else None
        self.engine = _sqlite_engine(self.url) if self.sqlite else _postgres_engine(self.url)
        self._durable = self.engine.execution_options(syncd_begin="BEGIN IMMEDIATE")
        self._soon = self.engine.execution_options(syncd_begin="BEGIN IMMEDIATE", syncd_soon=True)
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
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction, committed at the end or rolled back whole.

        `durable`: on the disk when it ends. Without it a loss of power (a crash of ours is none) may undo the
        last such transactions, in order and whole, until the next durable one; right for what would be done
        again with the same result, and never for a word given to somebody else.
        Raises StoreBusy when the database cannot keep anything at the moment.
        """
        engine = self._durable if durable else self._soon
        with self._turn(), _told_plainly(), engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view on SQLite; single statements see committed data on PostgreSQL."""
        with _told_plainly(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def connect(self, **how: str) -> Iterator[Connection]:
        """A plain connection whose user says where transactions begin and end."""
        with _told_plainly(), self.engine.connect().execution_options(**how) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One consistent view for several statements, on both databases."""
        how = {} if self.sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _told_plainly(), self.engine.connect().execution_options(**how) as connection, connection.begin():
            yield connection

    def take_turns(self, tx: Connection, names: Iterable[str]) -> None:
        """Until the end of the transaction nobody else works on these names; on SQLite nobody does anyway.

        Sorted, so that two daemons that need the same names cannot wait for each other in a ring.
        """
        if self.sqlite or not (wanted := sorted(set(names))):
            return
        listed = select(func.unnest(literal(wanted, ARRAY(Text))).label("name")).subquery()
        ordered = select(listed.c.name).order_by(listed.c.name).subquery()
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(ordered.c.name, 0))))

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
    """Raises StoreError for anything but sqlite and postgresql; a bad URL may hold a password: it is not repeated."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("store.url is no address of a database") from None
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
    engine = create_engine(
        url,
        pool_size=16,
        max_overflow=16,
        pool_use_lifo=True,  # a few connections do nearly all, and what they have cached is what is needed
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "cached_statements": STATEMENTS},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        record.info["synchronous"] = _FULL
        _into_wal(connection)
        for pragma in (
            f"synchronous={_FULL}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"cache_size=-{CACHE_KIB}",
            "journal_size_limit=67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options()
        wanted = _NORMAL if how.get("syncd_soon") else _FULL
        if "syncd_begin" in how and connection.info["synchronous"] != wanted:  # cannot be changed once it has begun
            connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
            connection.info["synchronous"] = wanted
        connection.exec_driver_sql(how.get("syncd_begin", "BEGIN"))

    return engine


@retry(
    retry=retry_if_exception(lambda error: "locked" in str(error)),
    stop=stop_after_delay(BUSY_SECONDS),
    wait=wait_random(0.01, 0.1),
    reraise=True,
)
def _into_wal(connection: Any) -> None:
    """SQLite does not wait by itself here when several programs open a new file at once."""
    connection.execute("PRAGMA journal_mode=WAL")


_NORMAL, _FULL = 1, 2  # https://www.sqlite.org/pragma.html#pragma_synchronous


_SESSION = {
    "timezone": "UTC",
    "idle_in_transaction_session_timeout": "20s",  # a daemon that was stopped must not hold its locks for ever
    "lock_timeout": "30s",
}
_NETWORK = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
            "tcp_user_timeout": 30_000}  # fmt: skip


def _postgres_engine(url: URL) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    engine = create_engine(
        url,
        pool_size=16,
        max_overflow=16,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={**_NETWORK, "options": options},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("syncd_soon"):
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")

    return engine


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Trouble of the disk or the connection becomes StoreBusy, a damaged file StoreError; a bug stays a bug."""
    try:
        yield
    except NoFreeConnection as error:
        raise StoreBusy("the store cannot be used now: all its connections are in use") from error
    except DBAPIError as error:
        words = str(error.orig).splitlines()[0] if str(error.orig) else type(error).__name__
        if any(sign in words.lower() for sign in _DAMAGED):
            raise StoreError(f"the database file is damaged ({words[:200]}): {REMEDY}") from error
        if _passing(error, words):
            raise StoreBusy(f"the store cannot be used now: {words[:200]}") from error
        raise


_DAMAGED = ("disk image is malformed", "file is not a database")
REMEDY = (
    "stop the daemon, then restore the newest backup with `syncd db restore`, "
    "or save what can be read with `sqlite3 <file> .recover`"
)
_PASSING = ("database is locked", "disk is full", "disk i/o error", "unable to open", "readonly database")
_PASSING_STATES = frozenset({"25006", "25P03"})  # a standby by now; our transaction was idle for too long
_PASSING_CLASSES = frozenset({"08", "40", "53", "55", "57", "58"})


def _passing(error: DBAPIError, words: str) -> bool:
    if error.connection_invalidated:
        return True
    if "sqlite" in type(error.orig).__module__:
        return any(sign in words.lower() for sign in _PASSING)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # never reached the server
        return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}
    return state in _PASSING_STATES or state[:2] in _PASSING_CLASSES
