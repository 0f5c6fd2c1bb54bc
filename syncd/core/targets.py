"""By when somebody must have answered: an amount of working time, or whole working days."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.worktime import WorkCalendar, add_worktime, next_business_day

_UNITS = {"m": 60, "min": 60, "minute": 60, "minutes": 60, "h": 3600, "hour": 3600, "hours": 3600}
_DAYS = {"business day", "business days", "working day", "working days"}
_SHAPE = re.compile(r"([0-9]{1,5})\s*([a-z ]{1,16})")
_MOST_DAYS = 250  # what a year has
_MOST_TIME = timedelta(hours=8 * _MOST_DAYS)


@dataclass(frozen=True, slots=True)
class Target:
    """Either `worktime` or `days` is set."""

    worktime: timedelta = timedelta(0)
    days: int = 0

    def __str__(self) -> str:
        """As `parse_target` reads it."""
        if self.days:
            return f"{self.days} business day{'s' if self.days > 1 else ''}"
        return f"{int(self.worktime.total_seconds() // 60)} min"


def parse_target(text: str) -> Target:
    """Read "5 min", "4 h" (both working time) or "1 business day" (same clock time on the next working day).

    Raises ValueError that says what is understood.
    """
    shape = _SHAPE.fullmatch(" ".join(text.lower().split()))
    if shape is None or not int(shape[1]) or shape[2] not in _UNITS.keys() | _DAYS:
        raise ValueError(f"{text!r} is not a target: write it as 5 min, 4 h or 1 business day")
    amount, unit = int(shape[1]), shape[2]
    days, seconds = (amount, 0) if unit in _DAYS else (0, amount * _UNITS[unit])
    if days > _MOST_DAYS or timedelta(seconds=seconds) > _MOST_TIME:
        raise ValueError(f"{text!r} is more than a year of work: nobody waits so long for an answer")
    return Target(timedelta(seconds=seconds), days)


def due_at(target: Target, calendar: WorkCalendar, start: datetime) -> datetime:
    """Aware, UTC, never before start. Raises NoOpenTime when the calendar does not open."""
    if target.days:
        return next_business_day(calendar, start, target.days)
    return add_worktime(calendar, start, target.worktime)
