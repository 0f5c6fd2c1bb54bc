"""Close's limits: so many calls for each group of endpoints, as the last answer of the group says.

https://developer.close.com/api/overview/rate-limits - `RateLimit: limit=100, remaining=50, reset=5`

What the window is stands nowhere: the longest `reset` that was seen is taken for it, which is never too short for long.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock

from syncd.connector import Allowance

LEAST = timedelta(seconds=1)
LONGEST = timedelta(hours=1)
_PART = re.compile(r"(limit|remaining|reset)\s*=\s*(\d{1,9})")


class Meter:
    """Thread-safe. The strictest group speaks for all."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._groups: dict[tuple[str, str], Allowance] = {}

    def note(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        said = parts_of(headers)
        most, reset = said.get("limit", 0), timedelta(seconds=said.get("reset", 0))
        if not most:
            return
        group = method, path.removeprefix("/api/v1/").partition("/")[0]
        with self._lock:
            before = self._groups.get(group)
            self._groups[group] = Allowance(most, max(LEAST, reset, before.window if before else LEAST))

    def allowance(self) -> Allowance | None:
        with self._lock:
            return min(self._groups.values(), key=lambda one: one.per_window / one.window.total_seconds(), default=None)


def pause_for(headers: Mapping[str, str], retry_after: timedelta | None) -> timedelta:
    """How long a 429 lasts."""
    alone = headers.get("ratelimit-reset", "")
    reset = int(alone) if alone.isdecimal() and len(alone) < 9 else parts_of(headers).get("reset", 0)
    return min(max(LEAST, retry_after if retry_after is not None else timedelta(seconds=reset)), LONGEST)


def parts_of(headers: Mapping[str, str]) -> dict[str, int]:
    return {name: int(value) for name, value in _PART.findall(headers.get("ratelimit", ""))}
