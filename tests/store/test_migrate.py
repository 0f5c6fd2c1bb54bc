"""The schema's version: reached by one program at a time, whole or not at all, and never by an older one."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, inspect, text

from syncd.errors import StoreError
from syncd.store import migrate
from syncd.store.database import Database
from syncd.store.schema import metadata
from syncd.testing.clock import FakeClock
from tests.conftest import BACKENDS, fresh_postgres
from tests.together import together


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/syncd.db"
    return fresh_postgres(request.getfixturevalue("postgres"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = Database(url, FakeClock())
    yield made
    made.close()


def test_the_migrated_schema_is_what_the_program_thinks_it_is(database: Database) -> None:
    migrate.upgrade(database)

    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _can_be_compared})
        assert compare_metadata(context, metadata) == []
        assert _indexes(connection) == _indexes_of_a_schema_made_at_once(database, connection)


def _can_be_compared(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Alembic cannot read an index over an expression back from SQLite; `_indexes` does."""
    return not (kind == "index" and name == "ix_orders_due") and name != "alembic_version"


def _indexes(connection: Any) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > ''")
    else:
        rows = connection.exec_driver_sql(
            "SELECT indexname, indexdef FROM pg_indexes "
            "WHERE schemaname = 'public' AND indexname <> 'alembic_version_pkc'"
        )
    return {name: " ".join(sql.split()) for name, sql in rows}


def _indexes_of_a_schema_made_at_once(database: Database, connection: Any) -> dict[str, str]:
    connection.rollback()
    metadata.drop_all(connection)
    metadata.create_all(connection)
    made = _indexes(connection)
    connection.rollback()
    assert "ix_orders_due" in made
    assert database.sqlite == ("CREATE INDEX" in made["ix_orders_due"] and "USING" not in made["ix_orders_due"])
    return made


def test_an_upgrade_says_from_where_to_where_and_does_nothing_the_second_time(database: Database) -> None:
    first = migrate.upgrade(database)
    second = migrate.upgrade(database)

    assert first == ("", migrate.head())
    assert second == (migrate.head(), migrate.head())
    assert migrate.check(database) == (migrate.head(), migrate.head())


def test_programs_that_start_at_once_migrate_once(url: str) -> None:
    starters = [Database(url, FakeClock()) for _ in range(4)]

    befores = together(*[lambda starter=starter: migrate.upgrade(starter)[0] for starter in starters])

    with starters[0].read() as tx:
        assert tx.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [migrate.head()]
    assert befores.count("") == 1
    for starter in starters:
        starter.close()


def test_a_migration_that_is_cut_off_leaves_nothing_and_can_be_done_again(database: Database) -> None:
    def cut(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "CREATE TABLE orders" in statement:
            raise KeyboardInterrupt

    event.listen(database.engine, "before_cursor_execute", cut)
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(database)
    event.remove(database.engine, "before_cursor_execute", cut)

    with database.connect() as connection:
        left = inspect(connection).get_table_names()
    assert [name for name in left if name != "alembic_version"] == []
    assert migrate.upgrade(database) == ("", migrate.head())


def test_a_newer_database_is_refused_and_the_way_out_is_named(database: Database) -> None:
    migrate.upgrade(database)
    with database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for look in (migrate.upgrade, migrate.check):
        with pytest.raises(StoreError, match=r"newer version \(9999\).*knows up to 0004.*install the newer syncd"):
            look(database)


def test_a_database_that_is_up_to_date_is_opened_beside_a_daemon_that_writes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/syncd.db", FakeClock())
    migrate.upgrade(database)
    daemon = sqlite3.connect(tmp_path / "syncd.db", isolation_level=None)
    daemon.execute("BEGIN IMMEDIATE")

    assert migrate.upgrade(database) == (migrate.head(), migrate.head())

    daemon.close()
    database.close()


def test_a_folder_with_a_percent_sign_is_a_folder_like_any_other(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/50%25 off/syncd.db", FakeClock())

    assert migrate.upgrade(database)[1] == migrate.head()

    database.close()
