"""The schema's version. Migrations are applied in order, under a lock, and never edited once released."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from syncd.errors import StoreError
from syncd.store.database import Database

_LOCK = 7_310_520_241  # any number that nobody else takes in this database


def upgrade(database: Database) -> tuple[str, str]:
    """Bring the schema to this program's version; (before, after).

    Raises StoreError for a newer one, StoreBusy when it cannot be reached.
    """
    if (versions := check(database))[0] == versions[1]:
        return versions
    with _alone(database), database.connect(syncd_begin="BEGIN IMMEDIATE") as connection:
        before = _refuse_newer(connection)
        if before != _head():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        return before, _head()


def check(database: Database) -> tuple[str, str]:
    """(version of the database, version of the program). Raises StoreError for a newer database."""
    with database.connect() as connection:
        return _refuse_newer(connection), _head()


def _refuse_newer(connection: Connection) -> str:
    current = MigrationContext.configure(connection).get_current_revision() or ""
    connection.rollback()
    if current and current not in _versions():
        raise StoreError(
            f"the database is of a newer version ({current}) than this program (knows up to {_head()}): "
            "install the newer syncd, or restore the backup taken before its upgrade"
        )
    return current


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def _versions() -> tuple[str, ...]:
    """What this program knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _head() -> str:
    return _versions()[0]


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Only one program migrates at a time; the others wait and then find nothing left to do."""
    if database.path is not None:
        with locked_file(database.path.with_name(database.path.name + ".migrate")):
            yield
        return
    # without a transaction, which the server would end when it has been idle for as long as a migration takes
    with database.connect(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.execute(text("RESET lock_timeout"))


@contextmanager
def locked_file(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on a file; it goes with the process. Raises BlockingIOError when not waiting."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
