"""An office to give orders in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd import log
from tests.cli.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    yield Office(tmp_path)
    log.set_up("warning", "json")  # the commands' own standard error is closed by now
