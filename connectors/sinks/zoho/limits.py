"""Zoho's credits of a rolling day, and how long a refusal for too many calls lasts.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html

Calls at the same time are limited too (five to twenty-five); the sink's `workers` keep within that.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from syncd.connector import Allowance

DAY = timedelta(days=1)
CROWDED = timedelta(seconds=15)  # too many at the same time: the others end within that
EMPTY = timedelta(minutes=15)  # credits come back hour by hour
LONGEST = timedelta(hours=6)


class Meter:
    """Remembers the last answer that told of credits."""

    def __init__(self) -> None:
        self._last: Allowance | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        left = _number(headers, "x-api-credits-remaining")
        if left is None:
            return
        most = max(_number(headers, "x-ratelimit-limit") or 0, left, self._last.per_window if self._last else 1)
        self._last = Allowance(per_window=most, window=DAY, left_today=left, per_day=most)

    def allowance(self) -> Allowance | None:
        return self._last

    @property
    def empty(self) -> bool:
        return self._last is not None and self._last.left_today == 0

    def pause(self, headers: Mapping[str, str], now: datetime) -> timedelta:
        """How long a refusal without Retry-After lasts."""
        reset = _number(headers, "x-ratelimit-reset")
        if reset is not None:
            seconds = reset / 1000 if reset > 10**11 else reset
            after = datetime.fromtimestamp(min(seconds, 10**10), UTC) - now
            if timedelta(0) < after < LONGEST:
                return after
        return EMPTY if self.empty else CROWDED


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 16 else None
