"""What the core lends a connector, for tests."""

from pathlib import Path

from syncd.clock import Clock
from syncd.connector import HttpClient, Tools
from syncd.testing.clock import NOON, FakeClock


def lent_tools(name: str, clock: Clock | None = None, data_dir: Path = Path(), *, patience: float = 5) -> Tools:
    """Real HTTP that waits so many seconds for an answer; a clock that stands at NOON where none is given."""
    return Tools(name, clock or FakeClock(NOON), HttpClient(timeout=(2, patience)), data_dir)
