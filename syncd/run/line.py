"""The line to one sink: paused or open, its budget, its breaker, its owners. All calls go through here."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from syncd import log
from syncd.clock import Clock
from syncd.connector import Allowance, Budgeted, Sink
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Retryable
from syncd.model import OwnerRef
from syncd.run.metrics import Metrics
from syncd.store.sinks import Sinks

T = TypeVar("T")

BREAKER = 5
"""So many calls of one kind in a row that failed open the breaker."""

_OWNERS_FOR = timedelta(minutes=10)
_LEARN_EVERY = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=5)
_FIRST_PAUSE = timedelta(seconds=5)
_SHORT_WAIT = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class LineOptions:
    """The settings that every sink has beside its own."""

    patience: timedelta = timedelta(seconds=5)  # how long matching waits for this CRM
    reserve: float = 0.1  # share of the day's calls that is left to people and other programs
    read_back: timedelta = timedelta(minutes=1)
    give_up: timedelta = timedelta(days=5)
    workers: int = 2


class Line:
    def __init__(
        self,
        name: str,
        sink: Sink,
        state: Sinks,
        clock: Clock,
        metrics: Metrics,
        options: LineOptions,
        calls_per_10s: int | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name, self.sink, self.options = name, sink, options
        self.state, self.clock, self.metrics = state, clock, metrics
        self._log = log.get("sink").bind(sink=name)
        self._lock = threading.Lock()
        self._sleep = sleep
        self._failures: dict[str, int] = {}  # call -> how often in a row it failed
        self._broken_by = ""
        self._troubled = True  # until the first success: the store may remember a pause
        self._owners: Mapping[str, OwnerRef] = {}
        self._owners_until = float("-inf")
        self._learn_at = float("-inf")
        self._told_limit = Allowance(calls_per_10s, timedelta(seconds=10)) if calls_per_10s else None

    def paused(self) -> bool:
        """Whether nothing may be sent now."""
        if not self._troubled:
            return False
        return self.state.state(self.name).paused_until > self.state.database.now()

    def gate(self) -> None:
        """Pay for one HTTP call out of the budget that all daemons share; waits a little where it must.

        Raises RateLimited when the wait would be long: the day's calls are spent.
        """
        while (early := self.state.take(self.name, self.options.reserve)) > timedelta(0):
            if early > _SHORT_WAIT:
                raise RateLimited(f"{self.name}: the day's calls are spent but for the reserve", early)
            self._sleep(early.total_seconds())

    def call(self, what: str, action: Callable[[], T]) -> T:
        """Do it, and let the answer move the breaker. Raises whatever `action` raised."""
        started = time.perf_counter()
        try:
            result = action()
        except RateLimited as error:
            self._pause("rate", str(error), error.after)
            raise
        except AuthFailed as error:
            self._pause("login", str(error), self._growing(what))
            raise
        except (Retryable, Ambiguous) as error:
            self._count_failure(what, error)
            raise
        finally:
            self.metrics.calls.labels(self.name, what).observe(time.perf_counter() - started)
            self._learn()
        self._recover(what)
        return result

    def owners(self) -> Mapping[str, OwnerRef]:
        """Asked at most every ten minutes. Raises what `call` raises."""
        with self._lock:
            now = self.clock.monotonic()
            if now >= self._owners_until:
                self._owners = self.call("owners", self.sink.owners)
                self._owners_until = now + _OWNERS_FOR.total_seconds()
            return self._owners

    def forget_owners(self) -> None:
        """A CRM refused an owner: ask again before the next order."""
        self._owners_until = float("-inf")

    def _growing(self, what: str) -> timedelta:
        self._failures[what] = self._failures.get(what, 0) + 1
        return min(_FIRST_PAUSE * (1 << min(self._failures[what], 8)), _LONGEST_PAUSE)

    def _count_failure(self, what: str, error: Retryable | Ambiguous) -> None:
        after = self._growing(what)
        if isinstance(error, Retryable) and error.after:
            after = max(after, error.after)
        if self._failures[what] >= BREAKER:
            self._broken_by = what
            self._pause("outage", str(error), after)

    def _pause(self, kind: str, reason: str, after: timedelta) -> None:
        self._troubled = True
        fresh = self.state.pause(self.name, kind, reason, after, sum(self._failures.values()))
        self.metrics.paused.labels(self.name).set(1)
        if fresh:
            tell = self._log.info if kind == "rate" else self._log.error
            tell("sink paused", kind=kind, reason=reason, seconds=round(after.total_seconds(), 1))

    def _recover(self, what: str) -> None:
        """A look-up that works says nothing of writes that fail: the call that broke the line mends it."""
        self._failures.pop(what, None)
        if self._troubled and self._broken_by in ("", what):
            self._troubled, self._broken_by = False, ""
            self.metrics.paused.labels(self.name).set(0)
            if self.state.resume(self.name):
                self._log.info("sink works again")

    def _learn(self) -> None:
        if self.clock.monotonic() < self._learn_at:
            return
        said = self.sink.allowance() if isinstance(self.sink, Budgeted) else None
        allowance = _the_stricter(said, self._told_limit)
        if allowance is not None:
            self._learn_at = self.clock.monotonic() + _LEARN_EVERY.total_seconds()
            self.state.learn(self.name, allowance)


def _the_stricter(said: Allowance | None, told: Allowance | None) -> Allowance | None:
    """What the service says of the day, and the smaller of both limits per window."""
    if said is None or told is None:
        return said or told
    least = min(said, told, key=lambda limit: limit.per_window / limit.window.total_seconds())
    return replace(said, per_window=least.per_window, window=least.window)
