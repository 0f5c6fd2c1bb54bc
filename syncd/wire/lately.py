"""What was seen a moment ago, and need not be looked at again."""

from collections.abc import Hashable
from datetime import timedelta
from typing import Generic, TypeVar

from syncd.clock import Clock
from syncd.wire.recent import Recent

MINUTE = timedelta(minutes=1)
REMEMBERED = 20_000
SeenT = TypeVar("SeenT", bound=Hashable)


class Lately(Generic[SeenT]):
    """For so long (`kept`) and no longer. Thread-safe."""

    def __init__(self, clock: Clock, kept: timedelta = MINUTE) -> None:
        self._clock, self._kept = clock, kept
        self._seen: Recent[SeenT, float] = Recent(REMEMBERED)

    def saw(self, what: SeenT) -> None:
        self._seen.put(what, self._clock.monotonic())

    def has(self, what: SeenT) -> bool:
        at = self._seen.get(what)
        return at is not None and self._clock.monotonic() - at < self._kept.total_seconds()

    def forget(self, what: SeenT) -> None:
        self._seen.drop(what)
