"""Calls of the last 24 hours, as the header of every answer tells them.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
"""

from collections import deque
from datetime import datetime

from tests.fakes.salesforce.errors import limit_exceeded

DAY = 24 * 3600.0
USUAL = 100_000  # what is told where no limit is on


class Meter:
    """Counts the calls that were let through; the window rolls."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._calls: deque[float] = deque()

    def count(self, now: datetime) -> None:
        """403, or the call is counted."""
        self._roll(now)
        if self.limit is not None and len(self._calls) >= self.limit:
            raise limit_exceeded()
        self._calls.append(now.timestamp())

    def header(self, now: datetime) -> dict[str, str]:
        self._roll(now)
        return {"Sforce-Limit-Info": f"api-usage={len(self._calls)}/{self.limit or USUAL}"}

    def left(self, now: datetime) -> tuple[int, int]:
        """(remaining, most)."""
        self._roll(now)
        most = self.limit or USUAL
        return max(0, most - len(self._calls)), most

    def _roll(self, now: datetime) -> None:
        if self.limit is None:
            while len(self._calls) > USUAL // 2:
                self._calls.popleft()
        while self._calls and self._calls[0] <= now.timestamp() - DAY:
            self._calls.popleft()
