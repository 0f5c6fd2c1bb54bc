"""By when somebody must have answered: an amount of working time, or whole working days."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.worktime import WorkCalendar, add_worktime, next_business_day

_UNITS = {"m": 60, "min": 60, "minute": 60, "minutes": 60, "h": 3600, "hour": 3600, "hours": 3600}
_DAYS = {"business day", "business days", "working day", "working days"}
_SHAPE = re.compile(r"(\d{1,5})\s*([a-z ]{1,16})")


@dataclass(frozen=True, slots=True)
class Target:
    """Either `worktime` or `days` is set."""

    worktime: timedelta = timedelta(0)
    days: int = 0

    def __str__(self) -> str:
        if self.days:
            return f"{self.days} business day{'s' if self.days > 1 else ''}"
        return f"{int(self.worktime.total_seconds() // 60)} min"


def parse_target(text: str) -> Target:
    """Read "5 min", "4 h" (both working time) or 1 business day (same clock time on the next working day).

    Raises ValueError that says what is understood.
    """
    shape = _SHAPE.fullmatch(text.strip().lower())
    if shape:
        amount, unit = int(shape[1]), shape[2].strip()
        if unit in _DAYS and amount:
            return Target(days=amount)
        if unit in _UNITS and amount:
            return Target(worktime=timedelta(seconds=amount * _UNITS[unit]))
    raise ValueError(f"{text!r} is not a target: write it as 5 min, 4 h or 1 business day")


def due_at(target: Target, calendar: WorkCalendar, start: datetime) -> datetime:
    """Aware, UTC, never before start."""
    if target.days:
        return next_business_day(calendar, start, target.days)
    return add_worktime(calendar, start, target.worktime)
