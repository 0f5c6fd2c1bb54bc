"""Reads back from a sink what became of the leads, and stops the clocks when somebody has answered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from syncd import log
from syncd.core.playbook import Playbook
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable
from syncd.model import Signal, SignalKind, SignalPage
from syncd.run.line import Line
from syncd.run.loop import asked_to_stop
from syncd.store import cursors, leases
from syncd.store.leads import Leads

HANDOVER = timedelta(seconds=5)
"""While another daemon holds the lease, so often we look whether it still does."""

TURN = timedelta(seconds=1)
"""A turn that took longer ends with the page in hand, and the next goes on behind it: after a backlog there may be
hundreds of pages, and a long look is none that hangs.
"""


class Follower:
    """One per sink; of several daemons only the one that holds the lease reads."""

    def __init__(self, line: Line, leads: Leads, playbook: Callable[[], Playbook], holder: str) -> None:
        self.line, self.leads, self.playbook, self.holder = line, leads, playbook, holder
        self._log = log.get("follower").bind(sink=line.name)
        self._trouble = ""
        self._left: tuple[int, Iterator[SignalPage]] | None = None  # fence and pages of a look that goes on

    def turn(self) -> bool | timedelta:
        """Read the changes since the cursor; True when there may be more, else the next look is due after the pause."""
        database, name = self.leads.database, f"changes:{self.line.name}"
        left, self._left = self._left, None
        if self.line.paused():
            return False
        fence = leases.hold(database, name, self.holder)
        if fence is None:
            return HANDOVER
        try:
            self._left = self._read(name, fence, left)
        except leases.LeaseLost:
            self._log.info("another daemon reads this sink now")
        except (AuthFailed, RateLimited, Refused, Retryable, Ambiguous) as error:
            if str(error) != self._trouble:
                self._log.warning("read-back failed", reason=str(error))
            self._trouble = str(error)
        else:
            self._trouble = ""
        return self._left is not None

    def _read(
        self, name: str, fence: int, left: tuple[int, Iterator[SignalPage]] | None
    ) -> tuple[int, Iterator[SignalPage]] | None:
        """What is left to read, when the turn is over before all is read."""
        if left is None or left[0] != fence:
            cursor = cursors.read(self.leads.database, name)
            left = fence, iter(self.line.sink.changes(cursor))
        pages, end = left[1], self.line.clock.monotonic() + TURN.total_seconds()
        while not asked_to_stop() and (page := self.line.call("changes", lambda: next(pages, None))):
            leases.hold(self.leads.database, name, self.holder)
            heard = self.leads.hear(
                self.line.name, [self._in_our_words(signal) for signal in page.signals], page.cursor, fence
            )
            for signal in page.signals:
                self.line.metrics.signals.labels(self.line.name, signal.kind.value).inc()
            if heard:
                self._log.info("signals heard", count=heard)
            if self.line.clock.monotonic() >= end:
                return left
        if late := self.leads.catch_up(self.line.name, fence):
            self._log.info("signals heard", count=late)
        return None

    def _in_our_words(self, signal: Signal) -> Signal:
        """A CRM's user becomes a person of the roster, or "<sink>:<id>" for somebody outside it."""
        if signal.kind is not SignalKind.OWNER_CHANGED or signal.owner is None:
            return signal
        people = {person.email.lower(): person.id for person in self.playbook().people.values()}
        ours = people.get(signal.owner.email.lower(), "") or f"{self.line.name}:{signal.owner.id}"
        return replace(signal, value=ours)
