"""Waiting grows with every try, stays within its bounds, and keeps its spread."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.backoff import FIRST, LONGEST, wait

attempts = st.integers(-3, 10_000)
jitters = st.floats(0, 1)


def test_waits_double_from_two_seconds_to_six_hours() -> None:
    waits = [wait(attempt, 1.0) for attempt in range(1, 20)]

    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)]
    assert waits[-1] == timedelta(hours=6)


@given(attempts, jitters)
def test_a_wait_lies_between_half_of_the_first_and_all_of_the_longest(attempt: int, jitter: float) -> None:
    assert FIRST / 2 <= wait(attempt, jitter) <= LONGEST


@given(attempts, jitters)
def test_a_later_try_never_waits_less(attempt: int, jitter: float) -> None:
    assert wait(attempt, jitter) <= wait(attempt + 1, jitter)


@given(attempts)
def test_the_spread_is_half_of_the_wait_also_at_the_longest(attempt: int) -> None:
    assert wait(attempt, 0.0) * 2 == wait(attempt, 1.0)
