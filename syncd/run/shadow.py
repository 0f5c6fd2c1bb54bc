"""A sink on trial: it is asked who is known there, and what would be written is only written down.

Stands in the place of the sink, so that matching, owners and the field policy work as they would. What it
"made" lives under refs of its own, which are forgotten when the sink goes live.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from syncd.connector import (
    Allowance,
    Budgeted,
    Described,
    Done,
    FieldState,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    RecordOrder,
    Ref,
    SignalPage,
    Sink,
    TaskOrder,
)
from syncd.store.trials import SHADOW

Write = Mapping[str, Any]
Told = Callable[[Sequence[Write]], None]


class Shadow:
    """`told` keeps what would be written: `kind`, `mark` and the values."""

    def __init__(self, sink: Sink, told: Told) -> None:
        self._sink, self._told, self.batch = sink, told, sink.batch

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        """By everything but a ref of ours, which nobody there knows; who was made before is told as we left them."""
        asked = [LeadKeys(k.lead, k.emails, k.phone, _real(k.ref), k.company_domain) for k in leads]
        found = self._sink.find(asked)
        return [
            known or (Known(keys.ref) if keys.ref and keys.ref.object == SHADOW else None)
            for keys, known in zip(leads, found, strict=True)
        ]

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        self._told([_record(order) for order in orders])
        return [_done(order.mark, order.keys.ref) for order in orders]

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        self._told([_task(order) for order in orders])
        return [_done(order.mark, order.ref) for order in orders]

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        self._told([{"kind": "note", "mark": order.mark} for order in orders])
        return [_done(order.mark, None) for order in orders]

    def owners(self) -> Mapping[str, OwnerRef]:
        return self._sink.owners()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:  # noqa: ARG002 - the words of every sink
        """Nothing there came from us."""
        return iter(())

    def allowance(self) -> Allowance | None:
        return self._sink.allowance() if isinstance(self._sink, Budgeted) else None

    def described(self) -> Mapping[str, FieldState]:
        return self._sink.described() if isinstance(self._sink, Described) else {}

    def prepare(self, apply: bool) -> Sequence[Finding]:
        return self._sink.prepare(apply)

    def check(self) -> Sequence[Finding]:
        return [*self._sink.check(), Finding("shadow", ok=True, detail="what would be written is only written down")]

    def close(self) -> None:
        self._sink.close()


def _real(ref: Ref | None) -> Ref | None:
    return None if ref is None or ref.object == SHADOW else ref


def _done(mark: str, ref: Ref | None) -> Outcome:
    return Done(ref or Ref(SHADOW, mark), created=ref is None)


def _record(order: RecordOrder) -> Write:
    there = _real(order.keys.ref) or (order.known and _real(order.known.ref))
    owner = order.owner or (order.known.owner if order.known else None)
    return {
        "kind": "record", "mark": order.mark, "fields": dict(order.fields),
        "owner": _address(owner), "there": there.id if there else "",
    }  # fmt: skip


def _task(order: TaskOrder) -> Write:
    return {
        "kind": "task", "mark": order.mark, "subject": order.subject, "due": order.due_at.isoformat(),
        "owner": _address(order.owner),
    }  # fmt: skip


def _address(owner: OwnerRef | None) -> str:
    return (owner.email or owner.name or owner.id).lower() if owner else ""
