"""The schema's version. Migrations are applied in order, under a lock, and never edited once released."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from syncd.errors import StoreError
from syncd.store.database import Database

_LOCK = 7_310_520_241  # any number that nobody else takes in this database


def upgrade(database: Database) -> tuple[str, str]:
    """Bring the schema to this program's version; (before, after). Raises StoreError for a newer one."""
    with _alone(database), database.engine.connect() as connection:
        before = _refuse_newer(connection)
        config = _config()
        if before != _head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        return before, _head()


def check(database: Database) -> tuple[str, str]:
    """(version of the database, version of the program). Raises StoreError for a newer database."""
    with database.engine.connect() as connection:
        return _refuse_newer(connection), _head()


def _refuse_newer(connection: Connection) -> str:
    current = MigrationContext.configure(connection).get_current_revision() or ""
    connection.rollback()
    if current:
        try:
            ScriptDirectory.from_config(_config()).get_revision(current)
        except CommandError:
            raise StoreError(
                f"the database is of a newer version ({current}) than this program (knows up to {_head()}): "
                "install the newer syncd, or restore the backup taken before its upgrade"
            ) from None
    return current


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config


def _head() -> str:
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Only one program migrates at a time; the others wait and then find nothing left to do."""
    if database.path is not None:
        with locked_file(database.path.with_name(database.path.name + ".migrate")):
            yield
        return
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})


@contextmanager
def locked_file(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on a file; it goes with the process. Raises BlockingIOError when not waiting."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
