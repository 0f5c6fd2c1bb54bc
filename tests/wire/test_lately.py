"""What was seen a moment ago."""

from datetime import timedelta

from syncd.connector import Lately
from syncd.testing import NOON, FakeClock


def test_what_was_seen_counts_for_a_minute_from_when_it_was_seen_last() -> None:
    clock = FakeClock(NOON)
    lately: Lately[str] = Lately(clock)
    assert not lately.has("a")

    lately.saw("a")
    clock.advance(seconds=30)
    lately.saw("a")
    clock.advance(seconds=59)

    assert lately.has("a")
    assert not lately.has("b")
    clock.advance(seconds=1)
    assert not lately.has("a")


def test_it_can_be_kept_for_longer_and_forgotten() -> None:
    clock = FakeClock(NOON)
    lately: Lately[int] = Lately(clock, timedelta(minutes=5))
    lately.saw(1)
    lately.saw(2)
    clock.advance(minutes=4)

    lately.forget(1)

    assert [lately.has(1), lately.has(2)] == [False, True]
