"""What the core lends a connector, for tests."""

from datetime import UTC, datetime
from pathlib import Path

from syncd.clock import Clock
from syncd.connector import HttpClient, Tools
from syncd.testing.clock import FakeClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def lent_tools(name: str, clock: Clock | None = None, data_dir: Path = Path()) -> Tools:
    """Real HTTP with short timeouts; a clock that stands at NOON where none is given."""
    return Tools(name, clock or FakeClock(NOON), HttpClient(timeout=(2, 5)), data_dir)
