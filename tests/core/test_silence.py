"""Silence: what is improbable by the usual rate of the very hours that passed, or less than the config expects."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.expect import parse_expected
from syncd.core.hours import parse_hours, parse_week
from syncd.core.silence import FEWEST_ARRIVALS, FEWEST_WEEKS, SHORTEST, WEEK_HOURS, Pace, hour_of, learn, limit
from syncd.core.worktime import WorkCalendar, always_open

BERLIN = always_open(ZoneInfo("Europe/Berlin"))
UTC_CALENDAR = always_open(ZoneInfo("UTC"))
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
OFFICE = tuple((1.0 if 8 <= slot % 24 < 19 else 0.1) * (1.0 if slot < 120 else 0.15) for slot in range(WEEK_HOURS))
FLAT = (1.0,) * WEEK_HOURS


def every(hours: int, weeks: int, start: datetime = MONDAY) -> dict[int, int]:
    """One arrival each time so many hours have passed."""
    first = hour_of(start)
    return dict.fromkeys(range(first, first + weeks * WEEK_HOURS + 1, hours), 1)


def told_at(pace: Pace | None, since: datetime, calendar: WorkCalendar = UTC_CALENDAR) -> datetime | None:
    found = limit(pace, None, calendar, since)
    return found.at if found else None


def gaps(per_week: float, shape: tuple[float, ...], dice: random.Random, weeks: int) -> Iterator[datetime]:
    """Arrivals by chance alone, at these rates."""
    whole = sum(shape)
    for hour in range(weeks * WEEK_HOURS):
        at, left = 0.0, per_week * shape[hour % WEEK_HOURS] / whole
        while left and (at := at + dice.expovariate(left)) < 1:
            yield MONDAY + timedelta(hours=hour + at)


@settings(max_examples=8)
@given(per_week=st.sampled_from([4.0, 10.0, 25.0]), shape=st.sampled_from([OFFICE, FLAT]), seed=st.integers(0))
def test_a_source_that_works_by_chance_alone_is_called_silent_less_than_once_a_year(
    per_week: float, shape: tuple[float, ...], seed: int
) -> None:
    dice, cries, years = random.Random(seed), 0, 3
    for _ in range(years):
        counts: dict[int, int] = {}
        last, pace, learned = MONDAY, None, 0
        for at in gaps(per_week, shape, dice, 52):
            if hour_of(at) - learned >= WEEK_HOURS:  # as the daemon, but that learns anew in every hour
                learned = hour_of(at)
                pace = learn({hour: n for hour, n in counts.items() if hour > learned - 9 * WEEK_HOURS}, UTC_CALENDAR)
            told = told_at(pace, last) if pace else None
            cries += told is not None and told <= at
            counts[hour_of(at)] = counts.get(hour_of(at), 0) + 1
            last = at

    assert cries < years


@settings(max_examples=25)
@given(per_week=st.floats(5, 400), shape=st.sampled_from([OFFICE, FLAT]), weeks=st.integers(6, 10), seed=st.integers(0))
def test_a_source_that_stops_is_told_within_thirty_of_its_usual_gaps(
    per_week: float, shape: tuple[float, ...], weeks: int, seed: int
) -> None:
    counts: dict[int, int] = {}
    last = MONDAY
    for at in gaps(per_week, shape, random.Random(seed), weeks):
        counts[hour_of(at)] = counts.get(hour_of(at), 0) + 1
        last = at
    pace = learn(counts, UTC_CALENDAR)

    if pace is None:  # too little has come by chance
        assert sum(counts.values()) < 2 * FEWEST_ARRIVALS
        return
    told = told_at(pace, last)
    assert told is not None
    missed = sum(pace.rate(_slot(hour)) for hour in range(hour_of(last), hour_of(told) + 1))
    assert 5 < missed < 30


def test_nobody_cries_before_there_is_enough_to_learn_from() -> None:
    assert learn({}, BERLIN) is None
    assert learn(every(6, FEWEST_WEEKS - 1), BERLIN) is None
    assert learn(every(WEEK_HOURS, 8), BERLIN) is None
    assert learn(every(24, FEWEST_WEEKS), BERLIN) is not None


def test_quiet_nights_and_weekends_are_no_silence() -> None:
    counts = {hour: 3 for hour in every(1, 6) if _slot(hour) < 120 and 8 <= hour % 24 < 18}
    pace = learn(counts, UTC_CALENDAR)
    friday = MONDAY + timedelta(weeks=6, days=4, hours=17, minutes=50)

    told = told_at(pace, friday)

    monday = MONDAY + timedelta(weeks=7, hours=8)
    assert told is not None
    assert monday + timedelta(hours=1) < told < monday + timedelta(hours=6)


def _slot(hour: int) -> int:
    return (hour - hour_of(MONDAY)) % WEEK_HOURS


def test_a_holiday_is_neither_learned_from_nor_waited_in() -> None:
    closed = replace(UTC_CALENDAR, closed=frozenset({date(2026, 2, 17)}))
    pace = learn(every(2, 6), UTC_CALENDAR)
    since = datetime(2026, 2, 16, 23, tzinfo=UTC)

    usual, on_a_holiday = told_at(pace, since), told_at(pace, since, closed)

    assert usual is not None
    assert on_a_holiday == usual + timedelta(days=1)
    quiet = {hour: n for hour, n in every(2, 6).items() if hour // 24 != hour_of(MONDAY) // 24 + 15}
    with_holiday = learn(quiet, replace(UTC_CALENDAR, closed=frozenset({date(2026, 1, 20)})))
    assert with_holiday is not None
    assert with_holiday.per_week == pytest.approx(learn(every(2, 6), UTC_CALENDAR).per_week)  # type: ignore[union-attr]


def test_an_import_or_a_flood_teaches_nothing() -> None:
    usual, flooded = every(4, 8), every(4, 8)
    for hour in range(hour_of(MONDAY) + 200, hour_of(MONDAY) + 220):
        flooded[hour] = 50_000

    calm, after = learn(usual, UTC_CALENDAR), learn(flooded, UTC_CALENDAR)

    assert calm is not None
    assert after is not None
    assert after.per_week < 1.1 * calm.per_week


def test_a_source_that_brings_less_lately_is_given_more_time() -> None:
    counts = every(2, 8)
    slow = {hour: n for hour, n in counts.items() if hour < max(counts) - 2 * WEEK_HOURS or hour % 8 == 0}
    since = MONDAY + timedelta(weeks=8)

    usual, lately = told_at(learn(counts, UTC_CALENDAR), since), told_at(learn(slow, UTC_CALENDAR), since)

    assert usual is not None
    assert lately is not None
    assert lately - since > 2 * (usual - since)


def test_however_much_comes_half_an_hour_is_no_silence() -> None:
    pace = learn(dict.fromkeys(every(1, 8), 100_000), UTC_CALENDAR)
    since = MONDAY + timedelta(weeks=8)

    assert told_at(pace, since) == since + SHORTEST


@pytest.mark.parametrize(
    ("text", "since", "due"),
    [
        ("1 per day", "2026-03-06T15:00", "2026-03-07T15:00"),
        ("4 per day", "2026-03-06T15:00", "2026-03-06T21:00"),
        ("2 per 2 weeks", "2026-03-06T15:00", "2026-03-13T15:00"),
        ("an hour", "", ""),
        ("1 an hour", "2026-03-06T15:00", "2026-03-06T16:00"),
        ("1 per day in business hours", "2026-03-06T15:00", "2026-03-09T15:00"),
        ("2 per day in business hours", "2026-03-06T15:00", "2026-03-09T11:00"),
        ("1 per hour in business hours", "2026-03-06T16:30", "2026-03-09T09:30"),
        ("1 per week in business hours", "2026-03-06T15:00", "2026-03-13T15:00"),
        ("0 per day", "", ""),
        ("1 per day on weekdays", "", ""),
        ("many", "", ""),
    ],
)
def test_what_the_config_expects_says_when_the_next_one_is_due(text: str, since: str, due: str) -> None:
    office = WorkCalendar("office", ZoneInfo("UTC"), parse_week({"mon-fri": "09:00-17:00"}))

    if not due:
        with pytest.raises(ValueError, match="write 1 per day"):
            parse_expected(text)
        return
    found = limit(None, parse_expected(text), office, datetime.fromisoformat(since + "Z"))
    assert found is not None
    assert (found.at, found.by) == (datetime.fromisoformat(due + "Z"), "expect")


def test_the_earlier_of_both_limits_counts() -> None:
    pace = learn(every(24, 8), UTC_CALENDAR)
    since = MONDAY + timedelta(weeks=8)

    soon = limit(pace, parse_expected("1 per day"), UTC_CALENDAR, since)
    late = limit(pace, parse_expected("1 per month"), UTC_CALENDAR, since)

    assert soon is not None
    assert late is not None
    assert (soon.by, late.by) == ("expect", "learned")


def test_days_off_are_those_that_are_usually_none() -> None:
    calendar = WorkCalendar(
        "office",
        ZoneInfo("UTC"),
        parse_week({"mon-fri": "09:00-17:00"}),
        frozenset({date(2026, 3, 3)}),
        {date(2026, 3, 4): (), date(2026, 3, 5): parse_hours("09:00-12:00")},
    )

    assert [day for day in range(2, 9) if calendar.day_off(date(2026, 3, day))] == [3, 4]
