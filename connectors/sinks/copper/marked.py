"""Tasks, and activities for notes. Each carries its mark in its last line.

https://developer.copper.com/tasks/create-a-new-task.html, https://developer.copper.com/activities/create-a-new-activity.html
"""

from collections.abc import Iterator
from typing import Any

from connectors.sinks.copper.account import Account
from connectors.sinks.copper.client import Client, Reply, Row
from connectors.sinks.copper.lookup import SKEW, Lookup
from connectors.sinks.copper.wire import LEAD, NOTE, id_in, note_from, place_of, record_ref, resource_of, task_from
from syncd.connector import Done, Marked, Outcome, Ref, TaskOrder, Unknown, mark_in, word_for


class Making:
    def __init__(self, client: Client, account: Account, lookup: Lookup) -> None:
        self._client, self._account, self._lookup = client, account, lookup

    def change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        reply = self._client.write("PUT", f"/tasks/{ref.id}", task_from(order), what="change of a task")
        if reply.id == ref.id:
            return Done(ref, created=False)
        if reply.ok:
            return Unknown("copper: the task was sent, and the answer does not name it")
        return None if reply.fault.gone else reply.fault.refusal("task", owner=self._account.has_left(order.owner))

    def find(self, order: Marked) -> Ref | None:
        rows = self._tasks(order) if isinstance(order, TaskOrder) else self._notes(order)
        found = next((id_in(row, "id") for row in rows if mark_in(row.get("details")) == order.mark), "")
        return Ref(word_for(order), found) if found else None

    def make(self, order: Marked) -> Outcome:
        """What hangs on a lead that has been converted meanwhile hangs on its person."""
        word, record = word_for(order), order.record
        reply = self._send(order, record)
        if not reply.ok and place_of(record)[0] == LEAD and (lives_on := self._lives_on(record)) != record:
            reply = self._send(order, lives_on)
        if not reply.ok:
            owner = order.owner if isinstance(order, TaskOrder) else None
            return reply.fault.refusal(word, owner=self._account.has_left(owner))
        if not reply.id:
            return Unknown(f"copper: the {word} was sent, and the answer does not name it")
        return Done(Ref(word, reply.id))

    def _send(self, order: Marked, record: Ref) -> Reply:
        if isinstance(order, TaskOrder):
            body = {**task_from(order), "related_resource": resource_of(record)}
            return self._client.write("POST", "/tasks", body, what="making of a task")
        return self._client.write(
            "POST", "/activities", {**note_from(order), "parent": resource_of(record)}, what="making of a note"
        )

    def _tasks(self, order: TaskOrder) -> Iterator[Row]:
        """Made since; tasks cannot be searched by what they hang on."""
        since = int(((order.sent_at or order.due_at) - SKEW).timestamp())
        wanted = {"minimum_created_date": since, "statuses": ["Open", "Completed"]}
        for rows in self._client.pages("tasks", wanted, what="search for tasks"):
            yield from rows

    def _notes(self, order: Marked) -> Iterator[Row]:
        for record in dict.fromkeys((order.record, self._lives_on(order.record))):
            wanted: dict[str, Any] = {"parent": resource_of(record), "activity_types": [NOTE]}
            for rows in self._client.pages("activities", wanted, what="search for notes"):
                yield from rows

    def _lives_on(self, record: Ref) -> Ref:
        found = self._lookup.read(*place_of(record))
        return record_ref(found[0], found[1].get("id")) if found else record
