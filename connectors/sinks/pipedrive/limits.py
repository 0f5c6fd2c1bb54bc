"""Pipedrive's limits: a window of two seconds, a stricter one for searches, and a budget of tokens a day.

https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from syncd.connector import Allowance, Limit

WINDOW = timedelta(seconds=2)
SEARCHES = Limit("search", 10, WINDOW)
AFTER_MIDNIGHT = timedelta(minutes=1)  # a clock that runs ahead must not cost another whole day


class Meter:
    """Remembers the last answer that said something; answers of searches speak of another limit."""

    def __init__(self) -> None:
        self._last: Allowance | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        most, left = _number(headers, "x-ratelimit-limit"), _number(headers, "x-daily-requests-left")
        if most:
            self._last = Allowance(most, WINDOW, left_today=left)

    def allowance(self) -> Allowance | None:
        return self._last


def pause_for(headers: Mapping[str, str], retry_after: timedelta | None, now: datetime) -> timedelta:
    """How long a 429 lasts. The daily budget starts anew at midnight UTC."""
    if retry_after is not None:
        return max(retry_after, timedelta(seconds=1))
    if _number(headers, "x-daily-requests-left") == 0:
        midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time.min, UTC)
        return midnight - now + AFTER_MIDNIGHT
    reset = _number(headers, "x-ratelimit-reset")
    return timedelta(seconds=max(reset, 1)) if reset is not None and reset <= 3600 else WINDOW


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isdecimal() else None
