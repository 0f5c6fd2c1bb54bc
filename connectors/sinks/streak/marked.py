"""Tasks, and comments for notes. Each carries its mark in its last line, for there is no field for one.

https://streak.readme.io/reference/create-a-task, https://streak.readme.io/reference/create-a-comment
https://github.com/StreakYC/streak-client-cli (openapi0.json, createTask) - a task has `assignedTo`, and belongs to who
made it where nobody is named; the older page has the word that boxes have
"""

from connectors.sinks.streak.client import V2, Client, Reply
from connectors.sinks.streak.pipeline import Pipeline
from connectors.sinks.streak.wire import ASSIGNED, assigned_to, comment_from, task_from
from syncd.connector import Done, Marked, Outcome, Ref, TaskOrder, Unknown, mark_in

NAMED = "assignedTo"
WAYS = ((NAMED, ASSIGNED), (NAMED,), (ASSIGNED,))
"""Words for who a task is for, first to last: who is lenient about the one it does not know takes both."""


class Making:
    """Both kinds: they differ in path, in the name of their text, and in that a task can be changed."""

    def __init__(self, client: Client, pipeline: Pipeline) -> None:
        self._client, self._pipeline = client, pipeline
        self._way: tuple[str, ...] = ()  # the one that Streak has taken

    def change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        reply = self._assigned(f"{V2}/tasks/{ref.id}", order, "change of a task")
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
        if isinstance(order, TaskOrder):
            reply = self._assigned(_path(order), order, "making of a task")
        else:
            reply = self._client.post(_path(order), comment_from(order), what="making of a comment")
        if not reply.ok:
            owner = order.owner if isinstance(order, TaskOrder) else None
            return reply.fault.refusal(word, owner=self._pipeline.has_left(owner))
        if not reply.key:
            return Unknown(f"streak: the {word} was sent, and the answer does not name it")
        return Done(Ref(word, reply.key))

    def _assigned(self, path: str, order: TaskOrder, what: str) -> Reply:
        """The task made or changed. A refusal has done nothing, so until Streak has taken one, each way is tried."""
        body, owner = task_from(order), order.owner
        if owner is None:
            return self._client.post(path, body, what=what)
        taken = self._way  # by another thread it may be found meanwhile
        for way in (taken,) if taken else WAYS:
            named = {name: part for word in way for name, part in assigned_to(owner.id, word).items()}
            reply = self._client.post(path, {**body, **named}, what=what)
            if reply.ok:
                self._way = way
            if reply.ok or taken or reply.fault.gone or self._pipeline.has_left(owner):
                break
        return reply


def _word(order: Marked) -> str:
    return "task" if isinstance(order, TaskOrder) else "comment"


def _path(order: Marked) -> str:
    return f"{V2}/boxes/{order.record.id}/{_word(order)}s"
