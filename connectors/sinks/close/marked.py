"""Tasks and notes. Each carries its mark in its last line, for there is no field for one.

https://developer.close.com/api/resources/tasks
https://developer.close.com/api/resources/activities/notes

After a lost answer what the lead has is listed and looked through for the mark.
"""

from collections.abc import Sequence

from connectors.sinks.close.client import API, Client
from connectors.sinks.close.wire import note_from, task_from
from syncd.connector import (
    Done,
    NoteOrder,
    Outcome,
    Recent,
    Ref,
    TaskOrder,
    Unknown,
    mark_in,
    one_by_one,
)

ENOUGH_LOOKS = 3
REMEMBERED = 10_000


class Marked:
    """Both kinds: they differ in path, in the name of their text, and in that a task can be changed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made: Recent[str, Ref] = Recent(REMEMBERED)

    def add(self, orders: Sequence[TaskOrder | NoteOrder]) -> list[Outcome]:
        return one_by_one(orders, self._bring)

    def _bring(self, order: TaskOrder | NoteOrder) -> Outcome:
        if isinstance(order, TaskOrder) and order.ref is not None:
            changed = self._change(order, order.ref)
            if changed is not None:
                return changed
        if made := self._made.get(order.mark):
            return Done(made, created=False)
        if order.sent_at is not None:
            if found := self._found(order):
                return Done(found, created=False)
            if order.looks < ENOUGH_LOOKS:
                return Unknown(f"close: {_word(order)} is not in the list yet")
        return self._make(order)

    def _change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        path = f"{API}/task/{ref.id}/"
        reply = self._client.write("PUT", path, what="change of a task", json=task_from(order))
        if reply.id == ref.id:
            return Done(ref, created=False)
        if reply.ok:
            return Unknown("close: the task was sent, and the answer does not name it")
        return None if reply.fault.gone else reply.fault.refusal("task", owner="assigned_to")

    def _found(self, order: TaskOrder | NoteOrder) -> Ref | None:
        word = _word(order)
        kind = {"_type": "lead", "_order_by": "-date_created"} if isinstance(order, TaskOrder) else {}
        params = {"lead_id": order.record.id, **kind}
        for rows in self._client.pages(_path(order), what=f"list of {word}s", params=params):
            for row in rows:
                if mark_in(row.get(_text(order))) == order.mark:
                    return Ref(word, str(row.get("id")))
        return None

    def _make(self, order: TaskOrder | NoteOrder) -> Outcome:
        word = _word(order)
        body = {"_type": "lead", **task_from(order)} if isinstance(order, TaskOrder) else note_from(order)
        body["lead_id"] = order.record.id
        reply = self._client.write("POST", _path(order), what=f"making of a {word}", json=body)
        if not reply.ok:
            return reply.fault.refusal(word, owner="assigned_to")
        if not reply.id:
            return Unknown(f"close: the {word} was sent, and the answer does not name it")
        ref = Ref(word, reply.id)
        self._made.put(order.mark, ref)
        return Done(ref)


def _word(order: TaskOrder | NoteOrder) -> str:
    return "task" if isinstance(order, TaskOrder) else "note"


def _text(order: TaskOrder | NoteOrder) -> str:
    return "text" if isinstance(order, TaskOrder) else "note"


def _path(order: TaskOrder | NoteOrder) -> str:
    return f"{API}/task/" if isinstance(order, TaskOrder) else f"{API}/activity/note/"
