"""The web application of an office, with the console: open on this machine, or behind a token."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.app import App
from syncd.console.routes import console_routes
from syncd.testing.clock import FakeClock
from tests.cli.office import Office
from tests.console.browser import Browser

TOKEN = "a-token-of-sixteen-or-more"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def app(office: Office) -> Iterator[App]:
    """Without a token: for this machine only."""
    with office.app() as built:
        built.build_web(console_routes(built))
        yield built


@pytest.fixture
def browser(app: App) -> Browser:
    return Browser(app.web)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def locked(office: Office, clock: FakeClock) -> Iterator[App]:
    """Behind a token, open to others."""
    office.change("log:", f"web: {{host: 0.0.0.0, console_token: {TOKEN}}}\nlog:")
    with office.app(clock) as built:
        built.build_web(console_routes(built))
        yield built


@pytest.fixture
def stranger(locked: App) -> Browser:
    """Somebody from elsewhere who has not logged in."""
    return Browser(locked.web, host="leads.example.com", address="203.0.113.7")
