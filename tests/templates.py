"""Databases that are migrated once and handed out empty again and again: most tests are not about migrations."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from syncd.store.schema import metadata
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.conftest import BACKENDS, fresh_postgres


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "syncd.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    with psycopg.connect(postgres, autocommit=True) as connection:  # what the server keeps is thrown away anyway
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    url = fresh_postgres(postgres)
    _migrate(url)
    return url


def _migrate(url: str) -> None:
    store = Store(url, FakeClock())
    store.open()
    store.close()


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database without rows, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "syncd.db")
        return f"sqlite:///{tmp_path}/syncd.db"
    url: str = request.getfixturevalue("migrated_postgres")
    with psycopg.connect(url) as connection:
        connection.execute(_EMPTY)
    return url


_TABLES = [table.name for table in reversed(metadata.sorted_tables)]
_NUMBERED = ("inbox", "orders", "history")
_EMPTY = ";".join(
    [f"DELETE FROM {name}" for name in _TABLES]  # noqa: S608 - names of ours
    + [f"ALTER SEQUENCE {name}_id_seq RESTART" for name in _NUMBERED]
)


@pytest.fixture
def other(database_url: str, clock: FakeClock) -> Iterator[Store]:
    """A second daemon's view of the same database."""
    opened = Store(database_url, clock, lambda: ["crm"])
    yield opened
    opened.close()
