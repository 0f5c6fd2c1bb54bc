"""Tasks, and comments for notes. Each carries its mark in its last line, for there is no field for one.

https://streak.readme.io/reference/create-a-task, https://streak.readme.io/reference/create-a-comment
"""

from connectors.sinks.streak.client import V2, Client
from connectors.sinks.streak.pipeline import Pipeline
from connectors.sinks.streak.wire import comment_from, task_from
from syncd.connector import Done, Marked, Outcome, Ref, TaskOrder, Unknown, mark_in


class Making:
    """Both kinds: they differ in path, in the name of their text, and in that a task can be changed."""

    def __init__(self, client: Client, pipeline: Pipeline) -> None:
        self._client, self._pipeline = client, pipeline

    def change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        reply = self._client.post(f"{V2}/tasks/{ref.id}", task_from(order), what="change of a task")
        if reply.key == ref.id:
            return Done(ref, created=False)
        if reply.ok:
            return Unknown("streak: the task was sent, and the answer does not name it")
        return None if reply.fault.gone else reply.fault.refusal("task", owner=self._pipeline.has_left(order.owner))

    def find(self, order: Marked) -> Ref | None:
        for row in self._client.rows(_path(order), what=f"list of {_word(order)}s"):
            text = row.get("text" if isinstance(order, TaskOrder) else "message")
            if mark_in(text) == order.mark and row.get("key"):
                return Ref(_word(order), str(row["key"]))
        return None

    def make(self, order: Marked) -> Outcome:
        word = _word(order)
        body = task_from(order) if isinstance(order, TaskOrder) else comment_from(order)
        reply = self._client.post(_path(order), body, what=f"making of a {word}")
        if not reply.ok:
            owner = order.owner if isinstance(order, TaskOrder) else None
            return reply.fault.refusal(word, owner=self._pipeline.has_left(owner))
        if not reply.key:
            return Unknown(f"streak: the {word} was sent, and the answer does not name it")
        return Done(Ref(word, reply.key))


def _word(order: Marked) -> str:
    return "task" if isinstance(order, TaskOrder) else "comment"


def _path(order: Marked) -> str:
    return f"{V2}/boxes/{order.record.id}/{_word(order)}s"
