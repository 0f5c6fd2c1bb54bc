"""Business time: when a team works, and what is due when, proof against summer time and holidays.

Days and clock times are read in the calendar's own zone; every instant that comes in is aware, every
instant that goes out is in UTC, and all arithmetic is done in UTC: the difference of two local times
of one zone is off by an hour across a change of the clocks.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from syncd.core.hours import ALL_DAY, MINUTES_PER_DAY, Hours, Week, parse_hours, parse_week

__all__ = [
    "Hours",
    "NoOpenTime",
    "Week",
    "WorkCalendar",
    "add_worktime",
    "always_open",
    "is_open",
    "next_business_day",
    "next_open",
    "open_time",
    "parse_hours",
    "parse_week",
    "windows",
    "worktime_between",
]

Span = tuple[datetime, datetime]

LOOK_AHEAD_DAYS = 400  # more than a year: a team that works one day a year is still found
_ONE_DAY = timedelta(days=1)
_NOTHING = timedelta()
_LAST_DAY = date.max - timedelta(days=3)  # a night shift after it would leave the calendar


class NoOpenTime(ValueError):
    """The calendar has no working time within 400 days: its hours, not the lead, need mending."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """When somebody works. Two calendars are the same only if they are one object.

    Windows are minutes after local midnight, ordered and apart; an end beyond 1440 reaches into the
    next day. A date in `special` has just those hours; otherwise nobody works on a day that is
    `closed` or a holiday. Raises ValueError for windows that break this.
    """

    name: str
    zone: ZoneInfo
    week: Week  # Monday first
    closed: frozenset[date] = frozenset()
    special: Mapping[date, Hours] = field(default_factory=dict)
    holidays: Container[date] | None = None

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError(f'calendar "{self.name}": a week has seven days, not {len(self.week)}')
        for hours in (*self.week, *self.special.values()):
            if not _in_order(hours):
                raise ValueError(f'calendar "{self.name}": windows overlap or run backwards: {hours}')

    def hours_on(self, day: date) -> Hours:
        if day in self.special:
            return self.special[day]
        return () if self.day_off(day) else self.week[day.weekday()]

    def day_off(self, day: date) -> bool:
        """Whether this date is none of the usual days: a holiday, or a day on which the company is closed."""
        if day in self.special:
            return not self.special[day]
        return day in self.closed or (self.holidays is not None and day in self.holidays)


def always_open(zone: ZoneInfo) -> WorkCalendar:
    """Around the clock, holidays too; a day has 23 or 25 hours when the clocks change."""
    return WorkCalendar("always open", zone, (ALL_DAY,) * 7)


def add_worktime(calendar: WorkCalendar, start: datetime, amount: timedelta) -> datetime:
    """The instant at which `amount` of working time has passed since `start`; UTC.

    A start while closed counts from the next opening; an amount that fills a window exactly is due
    when it closes, not when the next one opens. Nothing at all is due at the next open moment.
    Raises ValueError for a negative amount, NoOpenTime when the calendar does not open.
    """
    if amount < _NOTHING:
        raise ValueError("working time can be added, not taken away")
    left = amount
    for opens, closes in _open_spans(calendar, start):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise _no_open_time(calendar, start)


def worktime_between(calendar: WorkCalendar, x: datetime, y: datetime) -> timedelta:
    """Working time from `x` to `y`; negative if `y` is earlier."""
    x, y = _utc(x), _utc(y)
    if y < x:
        return -worktime_between(calendar, y, x)
    total, reached, last = _NOTHING, x, _local_day(calendar, y)
    for day in takewhile(lambda day: day <= last, _days(_local_day(calendar, x) - _ONE_DAY)):
        for opens, closes in windows(calendar, day):
            begin, end = max(opens, reached), min(closes, y)
            if begin < end:
                total += end - begin
                reached = end
    return total


def open_time(calendar: WorkCalendar, days: float) -> timedelta:
    """What so many days hold: a week what its hours hold, less than a week so many of its usual working days."""
    opened = [sum(end - begin for begin, end in hours) for hours in calendar.week if hours]
    if not opened:
        return _NOTHING
    week = timedelta(minutes=sum(opened))
    return week * (days / 7) if days >= 7 else week * (days / len(opened))


def is_open(calendar: WorkCalendar, at: datetime) -> bool:
    """Whether somebody works at this instant; the closing instant itself is closed."""
    at = _utc(at)
    today = _local_day(calendar, at)
    days = (today - _ONE_DAY, today)  # yesterday's night shift may still be on
    return any(opens <= at < closes for day in days for opens, closes in windows(calendar, day))


def next_open(calendar: WorkCalendar, at: datetime) -> datetime:
    """`at` itself while open, else the next opening; UTC. Raises NoOpenTime."""
    for opens, _ in _open_spans(calendar, at):
        return opens
    raise _no_open_time(calendar, at)


def next_business_day(calendar: WorkCalendar, start: datetime, days: int = 1) -> datetime:
    """The same clock time on the next working day, or `days` working days on; UTC.

    This is what "within one business day" promises: neither 24 clock hours nor 24 working hours. A
    clock time that the change to summer time skips is read an hour later. Raises ValueError for
    less than one day, NoOpenTime when working days end.
    """
    if days < 1:
        raise ValueError("at least one business day")
    local = _utc(start).astimezone(calendar.zone)
    left, idle = days, 0
    for day in _days(local.date() + _ONE_DAY):
        idle = 0 if windows(calendar, day) else idle + 1
        left -= not idle
        if not left:
            return datetime.combine(day, local.time(), tzinfo=calendar.zone).astimezone(UTC)
        if idle > LOOK_AHEAD_DAYS:
            break
    raise _no_open_time(calendar, start)


@lru_cache(maxsize=8192)
def windows(calendar: WorkCalendar, day: date) -> tuple[Span, ...]:
    """When work is done that begins on this local day, in UTC, oldest first."""
    spans = (
        (_instant(calendar.zone, day, begin), _instant(calendar.zone, day, end))
        for begin, end in calendar.hours_on(day)
    )
    return tuple((opens, closes) for opens, closes in spans if opens < closes)


def _instant(zone: ZoneInfo, day: date, minute: int) -> datetime:
    days, minute = divmod(minute, MINUTES_PER_DAY)
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day + timedelta(days=days), clock, tzinfo=zone).astimezone(UTC)


def _open_spans(calendar: WorkCalendar, start: datetime) -> Iterator[Span]:
    """What is open from `start` on, each moment once even where shifts overlap.

    Ends when nothing has opened for LOOK_AHEAD_DAYS.
    """
    reached, idle = _utc(start), 0
    for day in _days(_local_day(calendar, reached) - _ONE_DAY):
        for opens, closes in windows(calendar, day):
            if closes > reached:
                yield max(opens, reached), closes
                reached, idle = closes, 0
        idle += 1
        if idle > LOOK_AHEAD_DAYS:
            return


def _days(first: date) -> Iterator[date]:
    day = first
    while day < _LAST_DAY:
        yield day
        day += _ONE_DAY


def _local_day(calendar: WorkCalendar, at: datetime) -> date:
    return at.astimezone(calendar.zone).date()


def _utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return at.astimezone(UTC)


def _no_open_time(calendar: WorkCalendar, start: datetime) -> NoOpenTime:
    return NoOpenTime(
        f'calendar "{calendar.name}" has no working time in the {LOOK_AHEAD_DAYS} days after {start.date()}'
    )


def _in_order(hours: Hours) -> bool:
    return all(0 <= begin < MINUTES_PER_DAY and begin < end <= begin + MINUTES_PER_DAY for begin, end in hours) and all(
        before[1] <= after[0] for before, after in pairwise(hours)
    )
