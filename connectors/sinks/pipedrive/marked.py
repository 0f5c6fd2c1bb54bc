"""Activities and notes. Each carries its mark in its last line, for there is no field for one.

https://developers.pipedrive.com/docs/api/v1/Activities
https://developers.pipedrive.com/docs/api/v1/Notes
"""

from collections.abc import Mapping
from typing import Any

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.client import V1, V2, Client, Row
from connectors.sinks.pipedrive.openings import Openings
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.wire import activity_from, note_from
from syncd.connector import (
    Done,
    Marked,
    Outcome,
    Ref,
    Refused,
    TaskOrder,
    Unknown,
    mark_in,
)

LOOKED_THROUGH = "500"


class Making:
    """Both kinds: they differ in path, in the name of their text, and in that a task can be changed."""

    def __init__(self, options: PipedriveOptions, client: Client, openings: Openings, account: Account) -> None:
        self._options, self._client, self._openings, self._account = options, client, openings, account

    def change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        body = activity_from(order, self._type(order))
        reply = self._client.write("PATCH", f"{V2}/activities/{ref.id}", what="change of an activity", json=body)
        if reply.ok:
            return Done(ref, created=False)
        return None if reply.fault.gone else reply.fault.refusal("activity")

    def find(self, order: Marked) -> Ref | None:
        person = {"person_id": order.record.id, "limit": LOOKED_THROUGH}
        if isinstance(order, TaskOrder):
            newest = {"sort_by": "id", "sort_direction": "desc"}
            rows = self._client.get(f"{V2}/activities", what="list of activities", params={**person, **newest}).rows
        else:
            params = {**person, "sort": "id DESC"}
            rows = self._client.get(f"{V1}/notes", what="list of notes", params=params).rows
        ids = (str(row.get("id")) for row in rows if mark_in(row.get(_text(order))) == order.mark)
        return next((self._ref(order, one) for one in ids), None)

    def make(self, order: Marked) -> Outcome:
        word, body, person = _word(order), self._body(order), order.record.id
        path = f"{V2}/activities" if isinstance(order, TaskOrder) else f"{V1}/notes"
        reply = self._client.write("POST", path, what=f"making of a {word}", json=body)
        if not reply.ok and not {"lead_id", "deal_id"}.isdisjoint(reply.fault.fields) and body.keys() & _OPENINGS:
            bare = {name: value for name, value in body.items() if name not in _OPENINGS}  # it was archived or turned
            self._openings.forget(person)
            reply = self._client.write("POST", path, what=f"making of a {word}", json=bare)
        if not reply.ok:
            return reply.fault.refusal(word)
        made: Row = reply.row
        if not isinstance(made.get("id"), int):
            return Unknown(f"pipedrive: {word} was sent, and the answer does not name it")
        return Done(self._ref(order, str(made["id"])))

    def _body(self, order: Marked) -> dict[str, Any]:
        person = order.record.id
        if not person.isdecimal():
            raise Refused("pipedrive: the record is no person of Pipedrive")
        on: Mapping[str, Any] = self._openings.of(person)
        if isinstance(order, TaskOrder):
            participants = [{"person_id": int(person), "primary": True}]
            return {**activity_from(order, self._type(order)), "done": False, "participants": participants, **on}
        return {**note_from(order), "person_id": int(person), **on}

    def _type(self, order: TaskOrder) -> str:
        types = self._options.types
        return types.get(order.kind) or types.get("todo", "task")

    def _ref(self, order: Marked, record_id: str) -> Ref:
        return self._account.ref("activity", record_id) if isinstance(order, TaskOrder) else Ref("note", record_id)


_OPENINGS = {"lead_id", "deal_id"}


def _word(order: Marked) -> str:
    return "activity" if isinstance(order, TaskOrder) else "note"


def _text(order: Marked) -> str:
    return "note" if isinstance(order, TaskOrder) else "content"
