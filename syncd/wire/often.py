"""How often something was seen within a while."""

from datetime import timedelta

from syncd.clock import Clock
from syncd.wire.recent import Recent

REMEMBERED = 20_000


class Often:
    """Counts by name, anew after each `window`; what was not seen for longest is forgotten first. Thread-safe enough
    for counts that need not be exact.
    """

    def __init__(self, clock: Clock, window: timedelta) -> None:
        self._clock, self._window = clock, window.total_seconds()
        self._seen: Recent[str, tuple[float, int]] = Recent(REMEMBERED)

    def count(self, name: str) -> int:
        """How often by now, this time included; 0 for an empty name, which nobody counts."""
        if not name:
            return 0
        now = self._clock.monotonic()
        began, times = self._seen.get(name) or (now, 0)
        if now - began >= self._window:
            began, times = now, 0
        self._seen.put(name, (began, times + 1))
        return times + 1
