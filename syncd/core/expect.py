"""What a person says must come at least: "1 per day", "5 per week in business hours"."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.worktime import WorkCalendar, add_worktime, open_time

_FORM = re.compile(
    r"(\d{1,6}) (?:per|an?|every) (?:(\d{1,3}) )?(hour|day|week|month)s?( in business hours)?", re.ASCII | re.IGNORECASE
)
_DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Expected:
    """So many in so long a time, so a silence may last for the time of one of them."""

    count: int
    days: float
    in_hours: bool = False  # only time in which the company works counts; a day is its usual working day

    def by(self, calendar: WorkCalendar, since: datetime) -> datetime:
        """When the next one is due after one at `since`; UTC. Raises NoOpenTime where the company never works."""
        if not self.in_hours:
            return since + timedelta(days=self.days) / self.count
        time = timedelta(days=self.days) if self.days < 1 else open_time(calendar, self.days)
        return add_worktime(calendar, since, time / self.count)


def parse_expected(text: str) -> Expected:
    """Read "1 per day", "3 per 2 weeks", "10 per day in business hours". Raises ValueError."""
    found = _FORM.fullmatch(" ".join(text.split()))
    if found is None or not int(found[1]) or found[2] == "0":
        raise ValueError(f'"{text}" is no rate; write 1 per day, 3 per 2 weeks or 10 per day in business hours')
    return Expected(int(found[1]), int(found[2] or 1) * _DAYS[found[3].lower()], bool(found[4]))
