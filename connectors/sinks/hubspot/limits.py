"""HubSpot's rate limits: what its headers say, and how long each kind of refusal lasts.

https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo

from syncd.connector import Allowance, Limit

WINDOW = timedelta(seconds=10)
PAUSES: Mapping[str, timedelta] = {
    "SECONDLY": timedelta(seconds=1),
    "TEN_SECONDLY_ROLLING": WINDOW,
}
DAILY = "DAILY"
SEARCHES = Limit("search", 4, timedelta(seconds=1))  # five today, four in accounts and pages that are older
AFTER_MIDNIGHT = timedelta(minutes=1)  # a clock that runs ahead must not cost another whole day


class Meter:
    """Remembers the last answer that said something; answers of the search say nothing."""

    def __init__(self) -> None:
        self._last: Allowance | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        most = _number(headers, "max") or (self._last.per_window if self._last else None)
        if most is None:
            return
        old = self._last or Allowance(most, WINDOW)
        window = _number(headers, "interval-milliseconds")
        today, day = _number(headers, "daily-remaining"), _number(headers, "daily")
        self._last = Allowance(
            per_window=most,
            window=timedelta(milliseconds=window) if window else old.window,
            left_today=old.left_today if today is None else today,
            per_day=old.per_day if day is None else day,
        )

    def allowance(self) -> Allowance | None:
        return self._last


def limit_of(path: str) -> Limit | None:
    """What a call may use up beside the window of all; answers of the search do not tell it."""
    return SEARCHES if path.endswith("/search") else None


def pause_for(policy: str, now: datetime, zone: tzinfo | None) -> timedelta:
    """How long a 429 without Retry-After lasts. The daily count starts anew at the account's midnight."""
    if policy != DAILY:
        return PAUSES.get(policy, WINDOW)
    here = now.astimezone(zone or UTC)
    midnight = datetime.combine(here.date() + timedelta(days=1), time.min, here.tzinfo)
    return midnight.astimezone(UTC) - now + AFTER_MIDNIGHT


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(f"x-hubspot-ratelimit-{name}", "")
    return int(value) if value.isdecimal() else None
