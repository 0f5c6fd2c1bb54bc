"""The schema's version. Migrations are applied in order, under a lock, and never edited once released."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from syncd import log
from syncd.errors import StoreError
from syncd.store import backup
from syncd.store.database import Database
from syncd.store.files import locked_file, owned

_LOCK = 7_310_520_241  # any number that nobody else takes in this database


def upgrade(database: Database) -> tuple[str, str]:
    """Bring the schema to this program's version; (before, after).

    An SQLite file that holds something is copied first, beside itself. Raises StoreError for a newer one or one
    that a daemon works on, StoreBusy when it cannot be reached or there is no room for the copy.
    """
    if (there := check(database))[0] == there[1]:
        return there
    with _alone(database), ExitStack() as kept:
        if database.path is not None and check(database)[0] not in ("", head()):
            kept.enter_context(owned(database.path))  # a daemon of the older version must not be migrated under
        connection = kept.enter_context(database.connect(syncd_begin="BEGIN IMMEDIATE"))
        before = _refuse_newer(connection)
        if before != head():
            _migrate(database, connection, before)
        return before, head()


def _migrate(database: Database, connection: Connection, before: str) -> None:
    """The copy is made while nobody else can write, so that it holds the very last row."""
    connection.begin()
    if before and database.path is not None:
        copy = database.path.with_name(backup.name_for(database, before))
        backup.copy(database, copy)
        log.get("store").info("backup made", version=before, file=str(copy))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
    if before:
        log.get("store").info("schema upgraded", before=before, after=head())


def check(database: Database) -> tuple[str, str]:
    """(version of the database, version of the program). Raises StoreError for a newer database."""
    with database.connect() as connection:
        return _refuse_newer(connection), head()


def _refuse_newer(connection: Connection) -> str:
    current = MigrationContext.configure(connection).get_current_revision() or ""
    connection.rollback()
    if current and current not in versions():
        raise StoreError(
            f"the database is of a newer version ({current}) than this program (knows up to {head()}): "
            "install the newer syncd, or restore the backup taken before its upgrade"
        )
    return current


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def versions() -> tuple[str, ...]:
    """What this program knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def head() -> str:
    return versions()[0]


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
