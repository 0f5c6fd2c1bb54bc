"""What a service says of itself - users, fields, pipelines - read when it is needed and kept for a while."""

from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import Generic, TypeVar

from syncd.clock import Clock

KEPT = timedelta(minutes=10)
ValueT = TypeVar("ValueT")


class Fresh(Generic[ValueT]):
    """Thread-safe: one reads, the others wait for what it gets. A read that raises keeps nothing and loses nothing."""

    def __init__(self, read: Callable[[], ValueT], clock: Clock, kept: timedelta = KEPT) -> None:
        self._read, self._clock, self._kept = read, clock, kept
        self._lock = Lock()
        self._held: tuple[ValueT, float] | None = None  # what was read, and when

    def value(self, at_most: timedelta | None = None) -> ValueT:
        """Read again when it is `at_most` old, or as old as it may be. Raises what `read` raises."""
        age = self._kept if at_most is None else at_most
        with self._lock:
            now = self._clock.monotonic()
            if self._held is None or now - self._held[1] >= age.total_seconds():
                self._held = self._read(), now
            return self._held[0]

    def forget(self) -> None:
        """It has changed since, or may have: it is read again when it is needed next."""
        with self._lock:
            self._held = None
