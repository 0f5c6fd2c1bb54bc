"""Business time against a count of single minutes on the wall clock of the zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.hours import parse_hours
from syncd.core.worktime import (
    WorkCalendar,
    add_worktime,
    is_open,
    next_business_day,
    next_open,
    worktime_between,
)

MINUTE = timedelta(minutes=1)
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Berlin",
        "Europe/Lisbon",
        "America/New_York",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Chatham",
    )
]
HORIZON = timedelta(days=5)

# The clocks of these zones change between 01:00 and 03:45. Windows may lie across the change, but
# their edges stay out of it: what 02:30 means on such a day is a convention, not a count.
edges = st.one_of(st.integers(0, 12).map(lambda n: n * 5), st.integers(46, 288).map(lambda n: n * 5))
# Days on which some of these clocks change, and a plain one.
first_days = st.sampled_from(
    [
        date(2026, 3, 7),
        date(2026, 3, 28),
        date(2026, 4, 4),
        date(2026, 6, 10),
        date(2026, 9, 26),
        date(2026, 10, 3),
        date(2026, 10, 24),
        date(2026, 10, 31),
    ]
)


@st.composite
def hours(draw):
    points = sorted(set(draw(st.lists(edges, max_size=4))))
    windows = list(zip(points[::2], points[1::2], strict=False))
    if draw(st.booleans()) and (not windows or windows[-1][1] < 1320):
        windows.append((1320, 1440 + draw(st.sampled_from([30, 60, 300, 480]))))
    return tuple(windows)


@st.composite
def calendars(draw):
    week = draw(st.tuples(*[hours()] * 7))
    closed = draw(st.frozensets(st.dates(date(2026, 3, 1), date(2026, 11, 8)), max_size=3))
    special = draw(st.dictionaries(first_days, hours(), max_size=2))
    return WorkCalendar("any", draw(st.sampled_from(ZONES)), week, closed=closed, special=special)


@st.composite
def instants(draw):
    day = draw(first_days)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + draw(st.integers(0, 3 * 1440)) * MINUTE


def works_by_the_wall_clock(calendar, at):
    local = at.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute
    yesterday = local.date() - timedelta(days=1)
    return any(begin <= minute < end for begin, end in calendar.hours_on(local.date())) or any(
        begin <= minute + 1440 < end for begin, end in calendar.hours_on(yesterday)
    )


def minutes_after(start, span):
    return (start + n * MINUTE for n in range(int(span / MINUTE)))


@given(calendars(), instants(), st.integers(0, 4 * 1440))
@settings(max_examples=60)
def test_worktime_is_the_number_of_open_minutes(calendar, x, length):
    y = x + length * MINUTE

    counted = sum(works_by_the_wall_clock(calendar, at) for at in minutes_after(x, y - x))

    assert worktime_between(calendar, x, y) == counted * MINUTE
    assert worktime_between(calendar, y, x) == -counted * MINUTE


@given(calendars(), instants(), st.integers(1, 1500))
@settings(max_examples=60)
def test_due_time_is_reached_by_counting_open_minutes(calendar, start, amount):
    worked = (at + MINUTE for at in minutes_after(start, HORIZON) if works_by_the_wall_clock(calendar, at))

    counted = next((end for number, end in enumerate(worked, 1) if number == amount), None)

    if counted is not None:
        assert add_worktime(calendar, start, amount * MINUTE) == counted


@given(calendars(), instants())
@settings(max_examples=60)
def test_open_and_next_open_agree_with_the_wall_clock(calendar, at):
    opening = next((m for m in minutes_after(at, HORIZON) if works_by_the_wall_clock(calendar, m)), None)

    assert is_open(calendar, at) == works_by_the_wall_clock(calendar, at)
    if opening is not None:
        assert next_open(calendar, at) == opening


always_somewhere_open = calendars().filter(lambda calendar: any(calendar.week))
amounts = st.timedeltas(timedelta(0), timedelta(hours=30))


@given(always_somewhere_open, instants(), amounts)
@settings(max_examples=100)
def test_due_is_never_before_its_start_and_counts_back_to_the_amount(calendar, start, amount):
    due = add_worktime(calendar, start, amount)

    assert due >= start
    assert worktime_between(calendar, start, due) == amount


@given(always_somewhere_open, instants(), amounts, amounts)
@settings(max_examples=100)
def test_more_time_is_never_due_earlier(calendar, start, some, more):
    assert add_worktime(calendar, start, some + more) >= add_worktime(calendar, start, some)


@given(always_somewhere_open, instants(), instants(), instants())
@settings(max_examples=60)
def test_worktime_of_two_stretches_adds_up(calendar, x, y, z):
    whole = worktime_between(calendar, x, z)

    assert worktime_between(calendar, x, y) + worktime_between(calendar, y, z) == whole


@given(always_somewhere_open, instants(), st.integers(1, 9))
@settings(max_examples=60)
def test_business_day_is_a_later_working_day_at_the_same_clock_time(calendar, start, days):
    due = next_business_day(calendar, start, days).astimezone(calendar.zone)

    local = start.astimezone(calendar.zone)
    assert due.date() >= local.date() + timedelta(days=days)
    assert calendar.hours_on(due.date())
    if not 0 < local.hour < 5:
        assert due.time() == local.time()


def test_count_of_minutes_itself_sees_the_night_shift():
    week = (parse_hours("22:00-06:00"), *((),) * 6)
    calendar = WorkCalendar("night", ZoneInfo("UTC"), week)

    assert works_by_the_wall_clock(calendar, datetime(2026, 6, 16, 5, 59, tzinfo=UTC))
    assert not works_by_the_wall_clock(calendar, datetime(2026, 6, 16, 6, tzinfo=UTC))
