"""The line to one sink: paused or open, its budget, its breaker, its owners. All calls go through here."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from syncd import log
from syncd.clock import Clock
from syncd.connector import Allowance, Budgeted, Limit, Sink
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Retryable, StoreBusy
from syncd.model import OwnerRef
from syncd.run.metrics import Metrics
from syncd.store.database import EPOCH
from syncd.store.sinks import Sinks

T = TypeVar("T")

BREAKER = 5
"""So many calls of one kind in a row that failed open the breaker."""

WORKERS = 2
"""So many calls at a time, unless the config or the connector says otherwise."""

_OWNERS_FOR = timedelta(minutes=10)
_OLD_OWNERS_FOR = timedelta(minutes=1)
_LEARN_EVERY = timedelta(seconds=5)
_LOOK_EVERY = timedelta(seconds=1)
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=5)
_LONGEST_LOGIN_PAUSE = timedelta(minutes=1)  # whoever mends the credentials should see it soon
_SHORT_WAIT = timedelta(seconds=15)
_YIELDING = frozenset({"changes"})  # calls that can wait: what leads need goes first
_LONGEST_YIELD = timedelta(seconds=1)  # a backlog of leads must not silence them either


@dataclass(frozen=True, slots=True)
class LineOptions:
    """The settings that every sink has beside its own."""

    patience: timedelta = timedelta(seconds=5)  # how long matching waits for this CRM
    reserve: float = 0.1  # share of the day's calls that is left to people and other programs
    read_back: timedelta = timedelta(minutes=1)
    give_up: timedelta = timedelta(days=5)
    workers: int = WORKERS
    remakes: bool = False  # a record that somebody has deleted; otherwise its order is parked


class Line:
    """Thread-safe. Pauses and the budget stand in the store, for all daemons; a store that stumbles while one
    of them is noted never changes what a call has brought.
    """

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
        self._lock, self._owners_lock = threading.Lock(), threading.Lock()
        self._sleep = sleep
        self._failures: dict[str, int] = {}  # call -> how often in a row it failed
        self._broken_by = ""
        self._troubled = True  # until the first success: the store may remember a pause
        self._paused_until, self._look_at = EPOCH, float("-inf")
        self._owners: Mapping[str, OwnerRef] | None = None
        self._owners_until = float("-inf")
        self._learn_at = float("-inf")
        self._told_limit = Allowance(calls_per_10s, timedelta(seconds=10)) if calls_per_10s else None
        self._gated = False  # whether the sink's calls come through the gate at all
        self._here = threading.local()

    def paused(self) -> bool:
        """Whether nothing may be sent now. What other daemons find out counts within a second."""
        now = self.clock.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_EVERY.total_seconds()
            state = self.state.state(self.name)
            self._paused_until = state.paused_until
            self._troubled = self._troubled or bool(state.kind)
        return self._paused_until > self.state.database.now()

    def gate(self, limit: Limit | None = None) -> None:
        """Pay for one HTTP call out of the budget that all daemons share; waits a little where it must.

        Whoever waits here holds no transaction. Raises RateLimited when the wait would be long: the day's calls
        are spent.
        """
        if self._told_limit and self._learn_at == float("-inf"):
            self._learn()
        self._gated = True
        self._here.sent = self._sent() + 1
        yielding = _LONGEST_YIELD if self._what() in _YIELDING else timedelta(0)
        while (early := self._early(limit, yields=yielding > timedelta(0))) > timedelta(0):
            if early > _SHORT_WAIT:
                raise RateLimited(f"{self.name}: the day's calls are spent but for the reserve", early)
            self._sleep(early.total_seconds())
            yielding -= early

    def call(self, what: str, action: Callable[[], T]) -> T:
        """Do it, and let the answer move the breaker. Raises whatever `action` raised.

        What a connector answers out of its own memory says nothing of the service.
        """
        started, before, around = time.perf_counter(), self._sent(), self._what()
        self._here.what = what
        try:
            result = action()
        except RateLimited as error:
            self._pause("rate", str(error), error.after)
            raise
        except AuthFailed as error:
            self._pause("login", str(error), min(self._growing(what), _LONGEST_LOGIN_PAUSE))
            raise
        except (Retryable, Ambiguous) as error:
            self._count_failure(what, error)
            raise
        finally:
            self._here.what = around
            self.metrics.calls.labels(self.name, what).observe(time.perf_counter() - started)
            self._learn()
        if not self._gated or self._sent() > before:
            self._recover(what)
        return result

    def owners(self) -> Mapping[str, OwnerRef]:
        """Asked at most every ten minutes. Raises what `call` raises, unless an older list is at hand."""
        with self._owners_lock:
            now = self.clock.monotonic()
            if self._owners is None or now >= self._owners_until:
                self._owners_until = now + _OWNERS_FOR.total_seconds()
                self._owners = self._read_owners(now)
            return self._owners

    def forget_owners(self) -> None:
        """The sink has refused one whom it listed: ask when they are needed next."""
        with self._owners_lock:
            self._owners_until = float("-inf")

    def _read_owners(self, now: float) -> Mapping[str, OwnerRef]:
        try:
            return self.call("owners", self.sink.owners)
        except (Retryable, Ambiguous) as error:
            if self._owners is None:
                raise
            self._log.warning("owners not read again, those of before stay", reason=str(error))
            self._owners_until = now + _OLD_OWNERS_FOR.total_seconds()
            return self._owners

    def _sent(self) -> int:
        """HTTP calls that this thread has paid for."""
        return getattr(self._here, "sent", 0)

    def _what(self) -> str:
        """The call that this thread is in."""
        return getattr(self._here, "what", "")

    def _early(self, limit: Limit | None, *, yields: bool) -> timedelta:
        return self.state.take(self.name, self.options.reserve, limit, yields=yields)

    def _growing(self, what: str) -> timedelta:
        with self._lock:
            failures = self._failures[what] = self._failures.get(what, 0) + 1
        return min(_FIRST_PAUSE * (1 << min(failures, 8)), _LONGEST_PAUSE)

    def _count_failure(self, what: str, error: Retryable | Ambiguous) -> None:
        after = self._growing(what)
        if isinstance(error, Retryable) and error.after:
            after = max(after, error.after)
        if self._failures.get(what, 0) >= BREAKER:
            self._broken_by = what
            self._pause("outage", str(error), after)

    def _pause(self, kind: str, reason: str, after: timedelta) -> None:
        self._troubled = True
        self._paused_until = max(self._paused_until, self.state.database.now() + after)
        failures = sum(list(self._failures.values()))
        fresh = self._quietly(lambda: self.state.pause(self.name, kind, reason, after, failures))
        if fresh:
            tell = self._log.info if kind == "rate" else self._log.error
            tell("sink paused", kind=kind, reason=reason, seconds=round(after.total_seconds(), 1))

    def _recover(self, what: str) -> None:
        """A look-up that works says nothing of writes that fail: the call that broke the line mends it.

        A call that began before a pause and ends well within it does not end the pause, and neither does the
        probe of a day that turns out to be spent still.
        """
        with self._lock:
            self._failures.pop(what, None)
        running = self._paused_until > self.state.database.now()
        if not self._troubled or running or self._broken_by not in ("", what):
            return
        if self._quietly(lambda: self.state.day_is_spent(self.name, self.options.reserve)):
            return
        self._troubled, self._broken_by = False, ""
        if self._quietly(lambda: self.state.resume(self.name)):
            self._log.info("sink works again")

    def _learn(self) -> None:
        if self.clock.monotonic() < self._learn_at:
            return
        said = self.sink.allowance() if isinstance(self.sink, Budgeted) else None
        allowance = _the_stricter(said, self._told_limit)
        if allowance is not None:
            self._learn_at = self.clock.monotonic() + _LEARN_EVERY.total_seconds()
            self._quietly(lambda: self.state.learn(self.name, allowance))

    def _quietly(self, note: Callable[[], T]) -> T | None:
        try:
            return note()
        except StoreBusy as error:
            self._log.warning("state of the sink not noted", trouble=str(error))
            return None


def _the_stricter(said: Allowance | None, told: Allowance | None) -> Allowance | None:
    """What the service says of the day, and the smaller of both limits per window."""
    if said is None or told is None:
        return said or told
    least = min(said, told, key=lambda limit: limit.per_window / limit.window.total_seconds())
    return replace(said, per_window=least.per_window, window=least.window)
