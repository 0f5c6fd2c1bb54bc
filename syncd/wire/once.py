"""Tasks and notes, each made once, in a service that has no field for a mark: it stands in the text.

After a lost answer what hangs on the record is looked through for the mark, and only what is not found there after a
while is made again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from syncd.core.looks import waited
from syncd.model import Done, NoteOrder, Outcome, Ref, TaskOrder, Unknown
from syncd.wire.delivery import one_by_one
from syncd.wire.recent import Recent

REMEMBERED = 10_000
USUALLY = waited(2)  # lists show what was made at once, but a call may still be under way: two and a quarter minutes

Marked = TaskOrder | NoteOrder


class Making(Protocol):
    """How a service does it. Methods raise Ambiguous, AuthFailed, RateLimited, Refused or Retryable."""

    def change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        ...

    def find(self, order: Marked) -> Ref | None:
        """By its mark, on its record; those that are done too."""
        ...

    def make(self, order: Marked) -> Outcome: ...


class Once:
    """Thread-safe. For so long (`settle`) what a lost call has made may be there, and not be seen yet."""

    def __init__(self, service: str, making: Making, settle: timedelta = USUALLY) -> None:
        self._service, self._making, self._settle = service, making, settle
        self._made: Recent[str, Ref] = Recent(REMEMBERED)

    def add(self, orders: Sequence[Marked]) -> list[Outcome]:
        """One outcome per order, in order. Raises as `one_by_one` does."""
        return one_by_one(orders, self.bring)

    def bring(self, order: Marked) -> Outcome:
        if isinstance(order, TaskOrder) and order.ref is not None:
            changed = self._making.change(order, order.ref)
            if changed is not None:
                return changed
        if made := self._made.get(order.mark):
            return Done(made, created=False)
        if order.sent_at is not None:
            if found := self._making.find(order):
                return Done(found, created=False)
            if waited(order.looks) < self._settle:
                return Unknown(f"{self._service}: the {word_for(order)} is not there yet", looked=True)
        outcome = self._making.make(order)
        if isinstance(outcome, Done):
            self._made.put(order.mark, outcome.ref)
        return outcome


def word_for(order: Marked) -> str:
    return "task" if isinstance(order, TaskOrder) else "note"
