"""Times, sizes and shares as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.config.units import parse_days, parse_duration, parse_share, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 s", 30), ("5 min", 300), ("2h", 7200), ("1 hour 30 minutes", 5400), ("5 days", 432_000),
        ("1 week", 604_800), ("1.5 h", 5400), ("90", 90), (" 2  H ", 7200), ("1 h, 1 s", 3601),
    ],
)  # fmt: skip
def test_times_are_read_with_their_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


def test_a_bare_number_counts_in_the_unit_of_the_option() -> None:
    assert parse_duration("3", unit="min") == timedelta(minutes=3)


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "-3 s", "3 s ago", "s", "1 month"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 30 s, 5 min, 2 h or 5 days"):
        parse_duration(text)


@given(st.integers(0, 10**6), st.sampled_from(["s", "min", "h", "days"]))
def test_spaces_and_capitals_do_not_change_a_time(amount: int, unit: str) -> None:
    assert parse_duration(f"{amount}{unit}") == parse_duration(f"  {amount}  {unit.upper()} ")


@pytest.mark.parametrize(
    ("text", "size"),
    [("1 MiB", 1_048_576), ("500 kB", 500_000), ("4096", 4096), ("2m", 2_097_152), ("1.5 KiB", 1536)],
)
def test_sizes_are_read_in_bytes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["big", "1 TiB", "-1", "", "1 MiB 2"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


def test_a_percentage_is_a_share() -> None:
    assert parse_share("12.5 %") == 0.125
    assert parse_share("0.1") == "0.1"  # left to be read as a number


def test_days_are_one_or_from_the_first_to_the_last() -> None:
    assert parse_days("2026-12-24") == (date(2026, 12, 24), date(2026, 12, 24))
    assert parse_days("2026-12-24 .. 2027-01-02") == (date(2026, 12, 24), date(2027, 1, 2))


@pytest.mark.parametrize("text", ["24.12.2026", "2026-12-24..", "2026-12-31..2026-12-24", "..", "2026-02-30"])
def test_what_are_no_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a day|ends before it begins"):
        parse_days(text)
