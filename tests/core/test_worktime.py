from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from syncd.core.holidays_of import public_holidays
from syncd.core.worktime import (
    NoOpenTime,
    WorkCalendar,
    add_worktime,
    always_open,
    is_open,
    next_business_day,
    next_open,
    parse_hours,
    parse_week,
    windows,
    worktime_between,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
HOUR = timedelta(hours=1)
OFFICE = WorkCalendar("office", BERLIN, parse_week({"mon-fri": "08:00-17:00"}))


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def calendar(hours, zone=BERLIN, **extra):
    return WorkCalendar("team", zone, parse_week({"daily": hours}), **extra)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-06-12 16:00", 4, "2026-06-15 11:00"),  # Friday afternoon, due on Monday
        ("2026-06-13 12:00", 1, "2026-06-15 09:00"),  # received outside hours
        ("2026-06-15 05:00", 1, "2026-06-15 09:00"),
        ("2026-06-15 17:00", 1, "2026-06-16 09:00"),  # exactly at close
        ("2026-06-15 15:00", 2, "2026-06-15 17:00"),  # exactly enough time left
        ("2026-06-15 08:00", 9, "2026-06-15 17:00"),
        ("2026-06-15 08:00", 45, "2026-06-19 17:00"),
        ("2026-06-15 17:00", 0, "2026-06-16 08:00"),
        ("2026-06-15 10:00", 0, "2026-06-15 10:00"),
    ],
)
def test_due_time_counts_open_hours_only(start, hours, due):
    assert add_worktime(OFFICE, berlin(start), hours * HOUR) == berlin(due)


def test_lunch_is_not_working_time():
    split = calendar("09:00-12:00, 13:00-17:30")

    assert add_worktime(split, berlin("2026-06-15 11:30"), HOUR) == berlin("2026-06-15 13:30")
    assert worktime_between(split, berlin("2026-06-15 11:30"), berlin("2026-06-15 13:30")) == HOUR


def test_two_holidays_in_a_row_are_skipped():
    team = WorkCalendar("office", BERLIN, OFFICE.week, holidays=public_holidays("DE-BY"))

    due = add_worktime(team, berlin("2026-04-02 16:00"), 2 * HOUR)  # Good Friday .. Easter Monday

    assert due == berlin("2026-04-07 09:00")


def test_special_hours_win_over_a_holiday_and_over_a_closed_date():
    christmas_eve, boxing_day = date(2026, 12, 24), date(2026, 12, 26)
    team = calendar(
        "08:00-17:00",
        closed=frozenset({christmas_eve, boxing_day}),
        special={christmas_eve: parse_hours("08:00-12:00")},
        holidays=public_holidays("DE"),
    )

    assert add_worktime(team, berlin("2026-12-24 11:00"), 2 * HOUR) == berlin("2026-12-27 09:00")


def test_leap_day_is_a_day():
    assert add_worktime(calendar("09:00-10:00"), berlin("2028-02-28 09:00"), 3 * HOUR) == berlin("2028-03-01 10:00")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 1), ("2026-11-01", 3), ("2026-11-02", 2)])
def test_window_across_a_change_of_clocks_has_its_real_length(day, hours):
    night = calendar("01:30-03:30", NEW_YORK)
    start = datetime.fromisoformat(day).replace(tzinfo=NEW_YORK)

    assert worktime_between(night, start, start + timedelta(days=1)) == hours * HOUR


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-06-01", 24)])
def test_day_around_the_clock_has_its_real_length(day, hours):
    (window,) = windows(always_open(NEW_YORK), date.fromisoformat(day))

    assert window[1] - window[0] == hours * HOUR


def test_change_of_half_an_hour_is_counted():
    (window,) = windows(always_open(LORD_HOWE), date(2026, 10, 4))

    assert window[1] - window[0] == 23.5 * HOUR


def test_window_that_the_change_skips_is_gone():
    assert windows(calendar("02:00-03:00", NEW_YORK), date(2026, 3, 8)) == ()


def test_midnight_that_does_not_exist_is_the_moment_after_the_gap():
    (before,) = windows(always_open(ZoneInfo("America/Havana")), date(2026, 3, 7))
    (after,) = windows(always_open(ZoneInfo("America/Havana")), date(2026, 3, 8))

    assert before[1] == after[0]
    assert after[1] - after[0] == 23 * HOUR


def test_noon_to_noon_in_one_zone_is_measured_in_real_time():
    x, y = (datetime(2026, 3, day, 12, tzinfo=NEW_YORK) for day in (7, 8))

    assert worktime_between(always_open(NEW_YORK), x, y) == 23 * HOUR


def test_repeated_hour_is_told_apart_by_its_fold():
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    second = datetime(2026, 11, 1, 1, 15, tzinfo=NEW_YORK, fold=1)

    assert worktime_between(always_open(NEW_YORK), first, second) == timedelta(minutes=45)


def test_night_shift_goes_on_after_midnight():
    night = WorkCalendar("night", BERLIN, parse_week({"mon": "22:00-06:00"}))

    assert is_open(night, berlin("2026-06-16 05:59"))
    assert not is_open(night, berlin("2026-06-16 06:00"))
    assert add_worktime(night, berlin("2026-06-16 05:00"), 2 * HOUR) == berlin("2026-06-22 23:00")


def test_shifts_that_overlap_across_midnight_are_counted_once():
    day = datetime(2026, 6, 15, tzinfo=UTC)
    both = WorkCalendar("both", ZoneInfo("UTC"), parse_week({"mon": "20:00-08:00", "tue": "06:00-07:00, 07:30-10:00"}))

    assert worktime_between(both, day, day + timedelta(days=3)) == 14 * HOUR
    assert add_worktime(both, day, 13 * HOUR) == day + 33 * HOUR


def test_hours_are_those_of_the_calendar_wherever_the_lead_writes_from():
    start = datetime(2026, 6, 15, 22, tzinfo=NEW_YORK)  # Tuesday 04:00 in Berlin

    assert next_open(OFFICE, start) == berlin("2026-06-16 08:00")


def test_every_instant_handed_out_is_utc():
    start = berlin("2026-06-13 12:00")

    answers = [
        add_worktime(OFFICE, start, HOUR),
        next_open(OFFICE, start),
        next_business_day(OFFICE, start),
        *windows(OFFICE, date(2026, 6, 15))[0],
    ]

    assert {answer.tzinfo for answer in answers} == {UTC}


def test_closing_instant_is_closed_and_opening_instant_is_open():
    assert is_open(OFFICE, berlin("2026-06-15 08:00"))
    assert not is_open(OFFICE, berlin("2026-06-15 17:00"))
    assert next_open(OFFICE, berlin("2026-06-15 17:00")) == berlin("2026-06-16 08:00")


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-06-15 10:20", 1, "2026-06-16 10:20"),
        ("2026-06-12 16:00", 1, "2026-06-15 16:00"),
        ("2026-06-13 10:00", 1, "2026-06-15 10:00"),
        ("2026-06-15 20:00", 1, "2026-06-16 20:00"),
        ("2026-06-11 09:00", 3, "2026-06-16 09:00"),
        ("2026-03-27 09:00", 1, "2026-03-30 09:00"),  # the clocks change in between
    ],
)
def test_one_business_day_is_the_same_clock_time_on_the_next_working_day(start, days, due):
    assert next_business_day(OFFICE, berlin(start), days) == berlin(due)


def test_business_day_skips_holidays():
    team = WorkCalendar("office", BERLIN, OFFICE.week, holidays=public_holidays("DE-BY"))

    assert next_business_day(team, berlin("2026-04-02 09:00")) == berlin("2026-04-07 09:00")


def test_calendar_that_never_opens_says_so():
    never = WorkCalendar("ghost", BERLIN, parse_week({}))
    start = berlin("2026-06-15 08:00")

    for ask in (
        lambda: add_worktime(never, start, HOUR),
        lambda: next_open(never, start),
        lambda: next_business_day(never, start),
    ):
        with pytest.raises(NoOpenTime, match='calendar "ghost" has no working time in the 400 days'):
            ask()
    assert not is_open(never, start)
    assert worktime_between(never, start, start + timedelta(days=900)) == timedelta()


def test_team_that_works_one_day_a_year_is_found():
    fair = WorkCalendar("fair", BERLIN, parse_week({}), special={date(2027, 6, 14): parse_hours("09:00-17:00")})

    assert next_open(fair, berlin("2026-06-15 08:00")) == berlin("2027-06-14 09:00")


def test_end_of_time_is_no_open_time():
    with pytest.raises(NoOpenTime):
        add_worktime(OFFICE, datetime(9999, 12, 24, 12, tzinfo=UTC), 90 * HOUR)


def test_two_calendars_do_not_share_their_windows():
    early = calendar("06:00-07:00")
    late = calendar("20:00-21:00")

    assert windows(early, date(2026, 6, 15)) != windows(late, date(2026, 6, 15))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: add_worktime(OFFICE, datetime(2026, 6, 15, 9), HOUR),  # noqa: DTZ001 - the point of the test
        lambda: is_open(OFFICE, datetime(2026, 6, 15, 9)),  # noqa: DTZ001 - the point of the test
        lambda: add_worktime(OFFICE, berlin("2026-06-15 09:00"), -HOUR),
        lambda: next_business_day(OFFICE, berlin("2026-06-15 09:00"), 0),
        lambda: WorkCalendar("short", BERLIN, ((),) * 6),
        lambda: WorkCalendar("mixed", BERLIN, (((600, 700), (650, 800)),) * 7),
        lambda: WorkCalendar("empty", BERLIN, (((600, 600),),) * 7),
        lambda: WorkCalendar("long", BERLIN, (((600, 2100),),) * 7),
        lambda: WorkCalendar("day", BERLIN, ((),) * 7, special={date(2026, 1, 1): ((1440, 1500),)}),
    ],
)
def test_what_cannot_be_meant_is_refused(ask):
    with pytest.raises(ValueError, match=r"zone|taken away|at least one|seven days|overlap or run backwards"):
        ask()
