"""A CRM in memory that keeps the promises of a sink, and fails when it is told to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from syncd.connector import (
    Done,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    RecordOrder,
    Ref,
    SignalPage,
    TaskOrder,
)

T = TypeVar("T")


class FakeCrm:
    """`records`, `tasks` and `notes` are what it has; `calls` is what it was asked, in order.

    `troubles[call]` is a list of errors to raise or outcomes to give, one per call, before it works again;
    `lose` makes the next calls write first and then raise, as a lost answer does.
    """

    batch = 100

    def __init__(self) -> None:
        self.records: dict[str, dict[str, str]] = {}
        self.owner_of: dict[str, str] = {}
        self.tasks: dict[str, TaskOrder] = {}
        self.notes: dict[str, NoteOrder] = {}
        self.people = {
            "eva@example.com": OwnerRef("1", "eva@example.com"),
            "tom@example.com": OwnerRef("2", "tom@example.com"),
        }
        self.calls: list[tuple[str, int]] = []
        self.troubles: dict[str, list[BaseException | Callable[[str], Outcome | None]]] = {}
        self.lost: dict[str, list[Exception]] = {}
        self.pages: list[SignalPage] = []

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        self._begin("find", len(leads))
        return [self._known(self._id(keys)) for keys in leads]

    def _id(self, keys: LeadKeys) -> str:
        if keys.ref and keys.ref.id in self.records:
            return keys.ref.id
        by_mail = (i for i, r in self.records.items() if r.get("email", "").lower() in {e.lower() for e in keys.emails})
        return next(by_mail, "") or next((i for i, r in self.records.items() if r.get("mark") == keys.lead != ""), "")

    def _known(self, record: str) -> Known | None:
        if record not in self.records:
            return None
        owner = next((o for o in self.people.values() if o.id == self.owner_of.get(record)), None)
        return Known(Ref("contact", record), owner=owner, values=self.records[record])

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._each("upsert", orders, lambda order: order.keys.lead, self._upsert)

    def _upsert(self, order: RecordOrder) -> Outcome:
        there = self._id(order.keys)
        record = there or str(100 + len(self.records))
        self.records[record] = {**self.records.get(record, {}), **order.fields, "mark": order.keys.lead}
        if order.owner:
            self.owner_of[record] = order.owner.id
        return Done(Ref("contact", record), created=not there)

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        def add(order: TaskOrder) -> Outcome:
            created = order.mark not in self.tasks
            self.tasks[order.mark] = order
            return Done(Ref("task", f"t-{order.mark}"), created)

        return self._each("tasks", orders, lambda order: order.mark, add)

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        def add(order: NoteOrder) -> Outcome:
            created = order.mark not in self.notes
            self.notes.setdefault(order.mark, order)
            return Done(Ref("note", f"n-{order.mark}"), created)

        return self._each("notes", orders, lambda order: order.mark, add)

    def owners(self) -> Mapping[str, OwnerRef]:
        return self.people

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        yield from self.pages or [SignalPage((), cursor or "0")]

    def prepare(self, apply: bool) -> Sequence[Finding]:
        return []

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        pass

    def _each(
        self, call: str, orders: Sequence[T], name: Callable[[T], str], act: Callable[[T], Outcome]
    ) -> Sequence[Outcome]:
        instead = self._begin(call, len(orders))
        outcomes = []
        for order in orders:
            other = instead(name(order)) if callable(instead) else None
            outcomes.append(other or act(order))
        if self.lost.get(call):
            raise self.lost[call].pop(0)
        return outcomes

    def count(self, call: str) -> int:
        return sum(name == call for name, _ in self.calls)

    def due(self) -> list[datetime]:
        return [task.due_at for task in self.tasks.values()]

    def _begin(self, call: str, size: int) -> BaseException | Callable[[str], Outcome | None] | None:
        self.calls.append((call, size))
        trouble = self.troubles.get(call)
        if not trouble:
            return None
        first = trouble.pop(0)
        if isinstance(first, BaseException):
            raise first
        return first
