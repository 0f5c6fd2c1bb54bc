"""Working hours as people write them: "09:00-12:00, 13:00-17:30", and a week of such days."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

Hours = tuple[tuple[int, int], ...]
"""Windows of one day: (begin, end) in minutes after local midnight, ordered, never overlapping."""

Week = tuple[Hours, ...]
"""Seven days of hours, Monday first."""

MINUTES_PER_DAY = 24 * 60
ALL_DAY: Hours = ((0, MINUTES_PER_DAY),)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WINDOW = re.compile(r"(\d\d?):(\d\d)\s*[-\u2013]\s*(\d\d?):(\d\d)", re.ASCII)


def parse_hours(text: str) -> Hours:
    """Read the windows of a day: "22:00-06:00" runs overnight, "00:00-24:00" is the whole day.

    An empty text, or "closed", is a day off. Raises ValueError that names the part it cannot read.
    """
    if text.strip().lower() in ("", "closed"):
        return ()
    hours = tuple(sorted(_window(part.strip()) for part in text.split(",")))
    for (_, end), (begin, _) in pairwise(hours):
        if begin < end:
            raise ValueError(f'"{text}": the windows overlap')
    return hours


def parse_week(texts: Mapping[str, str]) -> Week:
    """Read {"mon-fri": "09:00-17:00", "sat": "10:00-14:00"}; days that nobody names are off.

    Keys are days, ranges (also "fri-mon"), lists with commas, or "daily". Raises ValueError for an
    unknown day, a day named twice, or hours that cannot be read.
    """
    week: dict[int, Hours] = {}
    for days, text in texts.items():
        for day in _named(days):
            if day in week:
                raise ValueError(f'"{days}": {DAYS[day]} has hours already')
            week[day] = parse_hours(text)
    return tuple(week.get(day, ()) for day in range(len(DAYS)))


def _window(text: str) -> tuple[int, int]:
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}": write hours like 09:00-17:30')
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    begin, end = _minutes(from_hour, from_minute, text), _minutes(to_hour, to_minute, text)
    if begin == MINUTES_PER_DAY:
        raise ValueError(f'"{text}": a day begins at 00:00')
    if begin == end:
        raise ValueError(f'"{text}" is empty; the whole day is 00:00-24:00')
    return begin, end if end > begin else end + MINUTES_PER_DAY


def _minutes(hour: int, minute: int, text: str) -> int:
    minutes = hour * 60 + minute
    if minute > 59 or minutes > MINUTES_PER_DAY:
        raise ValueError(f'"{text}": there is no {hour:02}:{minute:02}')
    return minutes


def _named(days: str) -> Iterator[int]:
    if days.strip().lower() == "daily":
        yield from range(len(DAYS))
        return
    for part in days.split(","):
        first, dash, last = (name.strip() for name in part.partition("-"))
        begin = _day(first)
        length = (_day(last) - begin) % len(DAYS) if dash else 0
        yield from ((begin + step) % len(DAYS) for step in range(length + 1))


def _day(name: str) -> int:
    try:
        return DAYS.index(name.lower())
    except ValueError:
        raise ValueError(f'"{name}" is not a day; use {", ".join(DAYS)} or daily') from None
