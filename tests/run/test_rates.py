"""Buckets that forget who has not been seen for long, and never in favour of who has."""

from hypothesis import given
from hypothesis import strategies as st

from syncd.run.rates import Buckets


@given(
    rate=st.floats(0.1, 50),
    burst=st.integers(1, 20),
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 30)), max_size=60),
)
def test_forgetting_changes_no_answer(rate: float, burst: int, steps: list[tuple[str, float]]) -> None:
    buckets, now, full_at = Buckets(rate, burst), 1000.0, dict[str, float]()

    for name, pause in steps:
        now += pause
        at = max(full_at.get(name, 0.0), now) + 1 / rate
        granted = at - now <= burst / rate
        if granted:
            full_at[name] = at

        assert buckets.empty(name, now) == (not granted)
        assert buckets.take(name, now) == granted


def test_who_has_not_been_seen_for_as_long_as_filling_takes_is_forgotten() -> None:
    buckets = Buckets(10, 50)

    for second in range(100):
        for number in range(20):
            buckets.take(f"{second}-{number}", float(second))

    assert len(buckets._full_at) + len(buckets._full_before) <= 2 * 20 * 6
