"""Rate limits: ten seconds rolling, a day, and the search's own second.

https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

from collections import deque
from datetime import UTC, datetime, timedelta

from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.clock import stamp
from tests.fakes.hubspot.errors import too_many_calls
from tests.fakes.hubspot.options import Limits

WINDOW = 10.0
UNLIMITED = 1_000_000  # what the usage call names when the daily limit is off


class Meter:
    """Counts the calls that were let through; a refused one costs nothing."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._recent: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._day = ""
        self.today = 0

    def count(self, now: datetime, *, search: bool) -> None:
        """429 with the policy that was hit, or the call is counted."""
        at = now.timestamp()
        self._roll(now)
        if self.limits.daily is not None and self.today >= self.limits.daily:
            raise too_many_calls("DAILY")
        if search:
            _take(self._searches, self.limits.search, at, 1.0, "SECONDLY")
        else:
            _take(self._recent, self.limits.burst, at, WINDOW, "TEN_SECONDLY_ROLLING")
        self.today += 1

    def headers(self, now: datetime) -> dict[str, str]:
        """What every answer but a search's says about the limits that are on."""
        headers: dict[str, str] = {}
        if self.limits.daily is not None:
            left = max(0, self.limits.daily - self.today)
            headers["X-HubSpot-RateLimit-Daily"] = str(self.limits.daily)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(left)
        if self.limits.burst is not None:
            _forget(self._recent, now.timestamp() - WINDOW)
            left = max(0, self.limits.burst - len(self._recent))
            headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = str(int(WINDOW * 1000))
            headers["X-HubSpot-RateLimit-Max"] = str(self.limits.burst)
            headers["X-HubSpot-RateLimit-Remaining"] = str(left)
        return headers

    def usage(self, now: datetime) -> Answer:
        self._roll(now)
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        row = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": UNLIMITED if self.limits.daily is None else self.limits.daily,
            "currentUsage": self.today,
            "collectedAt": stamp(now),
            "fetchStatus": "SUCCESS",
            "resetsAt": stamp(midnight + timedelta(days=1)),
        }
        return Answer(200, {"results": [row]})

    def _roll(self, now: datetime) -> None:
        day = now.astimezone(UTC).date().isoformat()
        if day != self._day:
            self._day, self.today = day, 0


def usage(meter: Meter, _: Call, now: datetime) -> Answer:
    return meter.usage(now)


def _take(calls: deque[float], limit: int | None, at: float, window: float, policy: str) -> None:
    if limit is None:
        return
    _forget(calls, at - window)
    if len(calls) >= limit:
        raise too_many_calls(policy)
    calls.append(at)


def _forget(calls: deque[float], before: float) -> None:
    while calls and calls[0] <= before:
        calls.popleft()
