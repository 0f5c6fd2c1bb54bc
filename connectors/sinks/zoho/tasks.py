"""Orders for tasks and notes, as Zoho's records."""

from collections.abc import Sequence
from datetime import timedelta

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.activities import Marked, Wish
from connectors.sinks.zoho.batches import Batches, Write
from connectors.sinks.zoho.client import Client
from connectors.sinks.zoho.options import ZohoOptions
from syncd.connector import NoteOrder, Outcome, TaskOrder

HANGING = frozenset({"What_Id", "Who_Id", "$se_module"})


class Tasks:
    def __init__(self, options: ZohoOptions, client: Client, marked: Marked) -> None:
        self._options, self._client, self._marked = options, client, marked
        minutes = options.reminder_minutes
        self._reminder = None if minutes is None else timedelta(minutes=minutes)

    def add(self, orders: Sequence[TaskOrder]) -> list[Outcome]:
        """A task that is there already is changed where it hangs; one that a person deleted is made again."""
        batches = Batches(self._client, len(orders), self._options.trigger)
        wanted = [wire.task_from(order, self._options.module, self._reminder) for order in orders]
        known = [
            Write(at, {name: value for name, value in wanted[at].items() if name not in HANGING}, id=order.ref.id)
            for at, order in enumerate(orders)
            if order.ref
        ]
        changed = self._marked.change(batches, known)
        new = [at for at in range(len(orders)) if changed.get(at) is None]
        wishes = [self._wish(orders[at], {**wanted[at], "Status": "Not Started"}) for at in new]
        made = dict(zip(new, self._marked.add(batches, wishes), strict=True))
        return [changed.get(at) or made[at] for at in range(len(orders))]

    def _wish(self, order: TaskOrder, values: dict[str, object]) -> Wish:
        return Wish(order.mark, wire.place_of(order.record, self._options.module), values, order.sent_at, order.looks)


class Notes:
    def __init__(self, options: ZohoOptions, client: Client, marked: Marked) -> None:
        self._options, self._client, self._marked = options, client, marked

    def add(self, orders: Sequence[NoteOrder]) -> list[Outcome]:
        batches = Batches(self._client, len(orders), trigger=None)
        usual = self._options.module
        wishes = [
            Wish(
                order.mark, wire.place_of(order.record, usual), wire.note_from(order, usual), order.sent_at, order.looks
            )
            for order in orders
        ]
        return self._marked.add(batches, wishes)
