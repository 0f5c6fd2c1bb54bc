"""How long what we have leased is surely ours, by a clock that nobody can set."""

from collections.abc import Callable
from datetime import timedelta

from syncd.clock import Clock
from syncd.errors import SyncdError


class Overslept(SyncdError):
    """The lease may have run out before anything was sent: somebody else may have taken over."""


class Hold:
    """Made before the lease is taken, so that it never outlasts it. A process that was stopped meanwhile finds out."""

    def __init__(self, clock: Clock, lease: timedelta) -> None:
        self._clock, self._lease = clock, lease.total_seconds()
        self._until = clock.monotonic() + self._lease

    def renew(self, prolong: Callable[[], object]) -> None:
        """Counts from before the store was asked; a failure leaves it as it was."""
        asked = self._clock.monotonic()
        prolong()
        self._until = asked + self._lease

    def insist(self) -> None:
        """Raises Overslept when the lease may have run out."""
        if self._clock.monotonic() >= self._until:
            raise Overslept("the lease ran out before the call")
