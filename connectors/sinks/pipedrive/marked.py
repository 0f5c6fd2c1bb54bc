"""Activities and notes. Each carries its mark in its last line, for there is no field for one.

https://developers.pipedrive.com/docs/api/v1/Activities
https://developers.pipedrive.com/docs/api/v1/Notes

After a lost answer what the person has is listed, newest first, and looked through for the mark.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.client import V1, V2, Client, Row
from connectors.sinks.pipedrive.openings import Openings
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.wire import activity_from, note_from
from syncd.connector import (
    Done,
    NoteOrder,
    Outcome,
    Recent,
    Ref,
    Refused,
    TaskOrder,
    Unknown,
    mark_in,
    one_by_one,
)

ENOUGH_LOOKS = 3
REMEMBERED = 10_000
LOOKED_THROUGH = "500"


class Marked:
    """Both kinds: they differ in path, in the name of their text, and in that a task can be changed."""

    def __init__(self, options: PipedriveOptions, client: Client, openings: Openings, account: Account) -> None:
        self._options, self._client, self._openings, self._account = options, client, openings, account
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
                return Unknown(f"pipedrive: {_word(order)} is not in the list yet")
        return self._make(order)

    def _change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        body = activity_from(order, self._type(order))
        reply = self._client.write("PATCH", f"{V2}/activities/{ref.id}", what="change of an activity", json=body)
        if reply.ok:
            return Done(ref, created=False)
        return None if reply.fault.gone else reply.fault.refusal("activity")

    def _found(self, order: TaskOrder | NoteOrder) -> Ref | None:
        person = {"person_id": order.record.id, "limit": LOOKED_THROUGH}
        if isinstance(order, TaskOrder):
            newest = {"sort_by": "id", "sort_direction": "desc"}
            rows = self._client.get(f"{V2}/activities", what="list of activities", params={**person, **newest}).rows
        else:
            params = {**person, "sort": "id DESC"}
            rows = self._client.get(f"{V1}/notes", what="list of notes", params=params).rows
        ids = (str(row.get("id")) for row in rows if mark_in(row.get(_text(order))) == order.mark)
        return next((self._ref(order, one) for one in ids), None)

    def _make(self, order: TaskOrder | NoteOrder) -> Outcome:
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
        ref = self._ref(order, str(made["id"]))
        self._made.put(order.mark, ref)
        return Done(ref)

    def _body(self, order: TaskOrder | NoteOrder) -> dict[str, Any]:
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

    def _ref(self, order: TaskOrder | NoteOrder, record_id: str) -> Ref:
        return self._account.ref("activity", record_id) if isinstance(order, TaskOrder) else Ref("note", record_id)


_OPENINGS = {"lead_id", "deal_id"}


def _word(order: TaskOrder | NoteOrder) -> str:
    return "activity" if isinstance(order, TaskOrder) else "note"


def _text(order: TaskOrder | NoteOrder) -> str:
    return "note" if isinstance(order, TaskOrder) else "content"
