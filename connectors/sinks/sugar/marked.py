"""Tasks and notes. Each is made under an id that comes of its mark, so the CRM itself refuses a second one."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sinks.sugar import wire
from connectors.sinks.sugar.failures import Fault
from connectors.sinks.sugar.people import People, Presence
from connectors.sinks.sugar.schema import Schema
from connectors.sinks.sugar.service import Question, Service, Verdict, Write
from syncd.connector import Delivery, Done, NoteOrder, Outcome, Recent, Ref, Refusal, TaskOrder, Unknown, Wait, cut_text

Order = TaskOrder | NoteOrder
REMEMBERED = 10_000


class Marked:
    """Both kinds: they differ in module and in that a task can be changed."""

    def __init__(self, service: Service, schema: Schema, people: People, presence: Presence) -> None:
        self._service, self._schema, self._people, self._presence = service, schema, people, presence
        self._seen: Recent[str, Ref] = Recent(REMEMBERED)

    def add(self, orders: Sequence[Order]) -> list[Outcome]:
        """The same mark twice in one call counts once."""
        delivery, first = Delivery(len(orders)), dict[str, int]()
        for at, order in enumerate(orders):
            first.setdefault(order.mark, at)
        outcomes: dict[int, Outcome] = dict(self._people.refused(orders))
        known = {at: order.ref for at in first.values() if isinstance(order := orders[at], TaskOrder) and order.ref}
        outcomes |= self._changed(delivery, orders, {at: ref for at, ref in known.items() if at not in outcomes})
        outcomes |= self._found(orders, [at for at in first.values() if at not in outcomes])
        outcomes |= self._orphans(orders, [at for at in first.values() if at not in outcomes])
        outcomes |= self._made(delivery, orders, [at for at in first.values() if at not in outcomes])
        return [outcomes[first[order.mark]] for order in orders]

    def _changed(self, delivery: Delivery, orders: Sequence[Order], refs: Mapping[int, Ref]) -> dict[int, Outcome]:
        """Without those that a person has deleted: these are made again."""
        writes = [Write(at, "Tasks", ref.id, self._values(orders[at])) for at, ref in refs.items()]
        verdicts = self._service.write(delivery, writes) if writes else {}
        return {
            at: self._outcome(orders[at], refs[at].id, verdict, created=False)
            for at, verdict in verdicts.items()
            if not (isinstance(verdict, Fault) and verdict.gone)
        }

    def _found(self, orders: Sequence[Order], new: Sequence[int]) -> dict[int, Outcome]:
        """What we remember to have made."""
        return {at: Done(ref, created=False) for at in new if (ref := self._seen.get(_id(orders[at])))}

    def _orphans(self, orders: Sequence[Order], new: Sequence[int]) -> dict[int, Outcome]:
        gone = self._presence.missing(wire.place_of(orders[at].record) for at in new)
        reason = f"{self._service.name}: the record that it belongs to was deleted"
        return {at: Refusal(reason) for at in new if wire.place_of(orders[at].record) in gone}

    def _made(self, delivery: Delivery, orders: Sequence[Order], new: Sequence[int]) -> dict[int, Outcome]:
        writes = []
        for at in new:
            order = orders[at]
            values = {**self._values(order), **wire.parent(order.record)}
            if isinstance(order, TaskOrder):
                values["status"] = "Not Started"
            writes.append(Write(at, _module(order), _id(order), values, new=True))
        verdicts = self._service.write(delivery, writes) if writes else {}
        refused = {at for at, verdict in verdicts.items() if isinstance(verdict, Fault)}
        there = self._there(orders, refused)
        return {
            at: Done(self._ref(orders[at], _id(orders[at])), created=False)
            if at in there
            else self._outcome(orders[at], _id(orders[at]), verdict, created=True)
            for at, verdict in verdicts.items()
        }

    def _there(self, orders: Sequence[Order], refused: set[int]) -> set[int]:
        """Those that were refused because they are there."""
        if not refused:
            return set()
        ids = {_id(orders[at]): at for at in refused}
        question = Question(_module(orders[min(refused)]), "id", tuple(ids), ("id",))
        return {ids[str(row["id"])] for row in self._service.read([question])[0]}

    def _values(self, order: Order) -> dict[str, Any]:
        if isinstance(order, NoteOrder):
            return wire.note_from(order)
        values = wire.task_from(order, self._service.instant)
        return {**values, "name": cut_text(values["name"], self._schema.length("Tasks", "name", wire.SUBJECT))}

    def _outcome(self, order: Order, record_id: str, verdict: Verdict, *, created: bool) -> Outcome:
        if isinstance(verdict, Wait | Unknown):
            return verdict
        if not isinstance(verdict, Fault):
            self._seen.put(record_id, self._ref(order, record_id))
            return Done(self._ref(order, record_id), created=created)
        if verdict.taken:  # it was made, and a person has deleted it
            return Done(self._ref(order, record_id), created=False)
        if verdict.busy:
            return Wait(f"{self._service.name}: not written: {verdict}")
        return verdict.refusal(f"{self._service.name}: {_word(order)}")

    def _ref(self, order: Order, record_id: str) -> Ref:
        return Ref(_word(order), record_id, self._service.page_of(_module(order), record_id))


def _module(order: Order) -> str:
    return "Tasks" if isinstance(order, TaskOrder) else "Notes"


def _word(order: Order) -> str:
    return "task" if isinstance(order, TaskOrder) else "note"


def _id(order: Order) -> str:
    """Another one for a task that was there under its own and has been deleted."""
    found = wire.id_of(_word(order), order.mark)
    deleted = isinstance(order, TaskOrder) and order.ref is not None and order.ref.id == found
    return wire.id_of(_word(order), order.mark, 1) if deleted else found
