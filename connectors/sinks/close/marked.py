"""Tasks and notes. Each carries its mark in its last line, for there is no field for one.

https://developer.close.com/api/resources/tasks
https://developer.close.com/api/resources/activities/notes
"""

from connectors.sinks.close.client import API, Client
from connectors.sinks.close.wire import note_from, task_from
from syncd.connector import (
    Done,
    Marked,
    Outcome,
    Ref,
    TaskOrder,
    Unknown,
    mark_in,
    word_for,
)


class Making:
    """Both kinds: they differ in path, in the name of their text, and in that a task can be changed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        path = f"{API}/task/{ref.id}/"
        reply = self._client.write("PUT", path, what="change of a task", json=task_from(order))
        if reply.id == ref.id:
            return Done(ref, created=False)
        if reply.ok:
            return Unknown("close: the task was sent, and the answer does not name it")
        return None if reply.fault.gone else reply.fault.refusal("task", owner="assigned_to")

    def find(self, order: Marked) -> Ref | None:
        word = word_for(order)
        kind = {"_type": "lead", "_order_by": "-date_created"} if isinstance(order, TaskOrder) else {}
        params = {"lead_id": order.record.id, **kind}
        for rows in self._client.pages(_path(order), what=f"list of {word}s", params=params):
            for row in rows:
                if mark_in(row.get(_text(order))) == order.mark:
                    return Ref(word, str(row.get("id")))
        return None

    def make(self, order: Marked) -> Outcome:
        word = word_for(order)
        body = {"_type": "lead", **task_from(order)} if isinstance(order, TaskOrder) else note_from(order)
        body["lead_id"] = order.record.id
        reply = self._client.write("POST", _path(order), what=f"making of a {word}", json=body)
        if not reply.ok:
            return reply.fault.refusal(word, owner="assigned_to")
        if not reply.id:
            return Unknown(f"close: the {word} was sent, and the answer does not name it")
        return Done(Ref(word, reply.id))


def _text(order: Marked) -> str:
    return "text" if isinstance(order, TaskOrder) else "note"


def _path(order: Marked) -> str:
    return f"{API}/task/" if isinstance(order, TaskOrder) else f"{API}/activity/note/"
