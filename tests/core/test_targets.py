"""By when somebody must have answered: read from a few words, reckoned in working time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.hours import parse_week
from syncd.core.targets import Target, due_at, parse_target
from syncd.core.worktime import NoOpenTime, WorkCalendar, always_open

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkCalendar("office", BERLIN, parse_week({"mon-fri": "09:00-17:00"}))
FRIDAY = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)  # 16:30 in Berlin


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("5 min", Target(timedelta(minutes=5))),
        ("5m", Target(timedelta(minutes=5))),
        ("90 minutes", Target(timedelta(minutes=90))),
        ("4 h", Target(timedelta(hours=4))),
        (" 1  Hour ", Target(timedelta(hours=1))),
        ("1 business day", Target(days=1)),
        ("3 working  days", Target(days=3)),
    ],
)
def test_targets_are_read_as_people_write_them(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text",
    ["", "soon", "0 min", "0 business days", "-5 min", "5", "1 day", "5 parsecs", "1.5 h", "\u0665 min", "5 min 3"],
)
def test_what_is_no_target_is_refused_with_what_is_understood(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 5 min, 4 h or 1 business day"):
        parse_target(text)


@pytest.mark.parametrize("text", ["99999 h", "251 business days"])
def test_a_target_of_more_than_a_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="more than a year of work"):
        parse_target(text)


def test_hours_and_minutes_are_working_time() -> None:
    assert due_at(Target(timedelta(hours=1)), OFFICE, FRIDAY) == datetime(2026, 11, 30, 8, 30, tzinfo=UTC)


def test_a_business_day_is_the_same_clock_time_on_the_next_working_day() -> None:
    assert due_at(Target(days=1), OFFICE, FRIDAY) == datetime(2026, 11, 30, 15, 30, tzinfo=UTC)


def test_a_calendar_that_never_opens_is_told() -> None:
    closed = WorkCalendar("closed", BERLIN, parse_week({}))

    with pytest.raises(NoOpenTime, match="closed"):
        due_at(Target(timedelta(minutes=5)), closed, FRIDAY)


amounts = st.integers(1, 5_000).map(lambda minutes: Target(timedelta(minutes=minutes)))
targets = amounts | st.integers(1, 60).map(lambda days: Target(days=days))
starts = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
calendars = st.sampled_from([OFFICE, always_open(BERLIN), always_open(ZoneInfo("Australia/Lord_Howe"))])


@given(targets)
def test_a_target_reads_back_as_it_is_shown(target: Target) -> None:
    assert parse_target(str(target)) == target


@given(targets, calendars, starts)
def test_nothing_is_due_before_it_starts(target: Target, calendar: WorkCalendar, start: datetime) -> None:
    due = due_at(target, calendar, start)

    assert due >= start
    assert due.tzinfo is UTC


@given(amounts, calendars, starts, st.integers(0, 10_000))
def test_whoever_comes_later_is_not_due_earlier(
    target: Target, calendar: WorkCalendar, start: datetime, minutes: int
) -> None:
    later = start + timedelta(minutes=minutes)

    assert due_at(target, calendar, start) <= due_at(target, calendar, later)


@given(st.text(max_size=20) | st.from_regex(r"\d{1,6} ?[a-z ]{1,16}", fullmatch=True))
def test_any_text_is_a_target_or_a_value_error(text: str) -> None:
    try:
        target = parse_target(text)
    except ValueError:
        return

    assert bool(target.days) is not bool(target.worktime)
