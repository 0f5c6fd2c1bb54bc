"""Each event one to five times, shuffled, to two daemons: a few of them."""

import pytest

from tests.battery.repeats import delivered
from tests.conftest import fresh_postgres


@pytest.mark.parametrize("seed", [1, 2])
def test_every_event_counts_once_however_often_it_comes(postgres: str, seed: int) -> None:
    sent, wrong, found = delivered(fresh_postgres(postgres), 150, seed)

    assert sent > 300
    assert (wrong, found) == ([], [])
