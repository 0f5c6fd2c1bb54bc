"""When the silence of a source is a trouble: by the usual rate of the hour of the week, learned from what has come,
or by what the config expects.

The test is Poisson with the rate of the very hours that passed: a source that works would be silent for so long less
than once in ten years. The rate is known from some weeks only, so what is asked is the chance of no arrival after what
those weeks brought in the same hours (a Poisson whose rate is gamma distributed): a little more patient than the rate
alone. Days off of the company's calendar are neither learned from nor waited in.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from syncd.core.expect import Expected
from syncd.core.worktime import WorkCalendar

HOUR = timedelta(hours=1)
WEEK_HOURS = 7 * 24
WEEKS = 8
"""Learned from, at most; a habit that has changed is forgotten by then."""

FEWEST_WEEKS, FEWEST_ARRIVALS = 4, 20
"""Before that a source may not cry, unless the config says what must come."""

RECENT_HOURS = 2 * WEEK_HOURS
"""Fewer in the last two weeks than before: then that is what is usual now."""

SHORTEST = timedelta(minutes=30)
YEARS = 10
"""A source that works is told once in so many years for no reason."""

LONGEST_DAYS = 366
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKS_A_YEAR = 365.25 / 7


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something has come, by hour of the week: 168 hours, Monday 0:00 of the calendar's zone first."""

    arrivals: tuple[int, ...]  # an outlier, as an import or a flood, counts no more than the second-fullest such hour
    watched: tuple[int, ...]  # how many such hours were looked at
    level: float  # of the last two weeks against all; at most 1

    @property
    def per_week(self) -> float:
        return sum(self.rate(slot) for slot in range(WEEK_HOURS))

    def rate(self, slot: int) -> float:
        """Arrivals in this hour of the week, as things go lately."""
        return self.level * self.arrivals[slot] / self.watched[slot] if self.watched[slot] else 0.0


@dataclass(frozen=True, slots=True)
class Limit:
    """From when on silence is a trouble, and by what."""

    at: datetime  # aware, UTC
    by: Literal["learned", "expect"]


def hour_of(at: datetime) -> int:
    """Hours since 1970 UTC, as `learn` counts them."""
    return (at - _EPOCH) // HOUR


def learn(counts: Mapping[int, int], calendar: WorkCalendar) -> Pace | None:
    """Of arrivals by hour since 1970, up to the last one; None where that is too little to judge by.

    What comes before the last eight weeks is ignored, and so is the last hour, which is last because something came.
    """
    last = max(counts, default=0)
    weeks = min(WEEKS, (last - min(counts, default=0)) // WEEK_HOURS)
    if weeks < FEWEST_WEEKS:
        return None
    by_slot: dict[int, list[tuple[int, int]]] = {slot: [] for slot in range(WEEK_HOURS)}
    for hour, slot in _hours(calendar, last - weeks * WEEK_HOURS, last):
        by_slot[slot].append((hour, counts.get(hour, 0)))
    usual = {slot: _most_usual([n for _, n in seen]) for slot, seen in by_slot.items()}
    arrivals = tuple(sum(min(n, usual[slot]) for _, n in by_slot[slot]) for slot in range(WEEK_HOURS))
    if sum(arrivals) < FEWEST_ARRIVALS:
        return None
    watched = tuple(len(by_slot[slot]) for slot in range(WEEK_HOURS))
    recent = [
        (min(n, usual[slot]), arrivals[slot] / watched[slot])
        for slot, seen in by_slot.items()
        for hour, n in seen
        if hour >= last - RECENT_HOURS
    ]
    came, expected = sum(n for n, _ in recent), sum(rate for _, rate in recent)
    return Pace(arrivals, watched, min(1.0, (came + 1) / (expected + 1)))


def _most_usual(counts: list[int]) -> int:
    """The second-fullest, and at least one: what happened once is no habit."""
    return max(1, sorted(counts)[-2]) if len(counts) > 1 else 1


def limit(pace: Pace | None, expected: Expected | None, calendar: WorkCalendar, since: datetime) -> Limit | None:
    """From when on nothing since `since` is a trouble; None where nothing can be said."""
    learned = None if pace is None else _improbable(pace, calendar, since)
    limits = [Limit(learned, "learned")] if learned else []
    if expected:
        limits.append(Limit(expected.by(calendar, since), "expect"))
    return min(limits, key=lambda each: each.at, default=None)


def _improbable(pace: Pace, calendar: WorkCalendar, since: datetime) -> datetime | None:
    """When the chance of silence since then falls below one that comes up once in ten years of such gaps."""
    enough = math.log(YEARS * _WEEKS_A_YEAR * max(pace.per_week, 1)) / pace.level
    passed: defaultdict[int, float] = defaultdict(float)  # hour of the week -> how many such have gone by
    surprise, start = 0.0, hour_of(since)
    begun = (since - _EPOCH) / HOUR - start
    for hour, slot in _hours(calendar, start, start + LONGEST_DAYS * 24):
        whole = 1.0 - (begun if hour == start else 0.0)
        arrivals, watched = pace.arrivals[slot], pace.watched[slot]
        if not arrivals:
            continue
        before = math.log1p(passed[slot] / watched)
        more = arrivals * (math.log1p((passed[slot] + whole) / watched) - before)
        if surprise + more >= enough:
            part = watched * math.expm1((enough - surprise) / arrivals + before) - passed[slot]
            at = _EPOCH + (hour + 1 - whole + part) * HOUR
            return max(at, since + SHORTEST)
        surprise += more
        passed[slot] += whole
    return None


def _hours(calendar: WorkCalendar, first: int, end: int) -> Iterator[tuple[int, int]]:
    """Hours since 1970, each with its hour of the week, but for those of days off.

    On the day on which the clocks change some are taken for their neighbours, which teaches nothing wrong.
    """
    for start in range(first, end, 24):
        local = (_EPOCH + start * HOUR).astimezone(calendar.zone)
        ahead = (local.utcoffset() or timedelta(0)) // HOUR
        today, tomorrow = (calendar.day_off(local.date() + timedelta(days=days)) for days in (0, 1))
        for hour in range(start, min(start + 24, end)):
            if not (today if hour - start < 24 - local.hour else tomorrow):
                yield hour, (hour + ahead + _THURSDAY) % WEEK_HOURS


_THURSDAY = 3 * 24  # 1970 began on one, and a week on Monday
