"""Bringing boxes to the wanted state, one by one: Streak has neither batches nor an upsert.

A box is made with its name, whom it is assigned to, and our id of the lead in its notes; its fields are written right
after. Whatever goes wrong once it may be there leaves doubt, and doubt ends in the list of boxes, which shows the id.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.sinks.streak.client import V1, V2, Client, Row
from connectors.sinks.streak.contacts import Contacts
from connectors.sinks.streak.lookup import Lookup
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from connectors.sinks.streak.wire import assigned_to, lead_of, name_of, notes_from, owner_in
from syncd.connector import (
    AuthFailed,
    Done,
    Outcome,
    RateLimited,
    Recent,
    RecordOrder,
    Refusal,
    Refused,
    Retryable,
    Unknown,
    Wait,
    object_in,
    one_by_one,
    only_missing,
    waited,
)

_LOOK_AGAIN = Wait("streak: the box was deleted since it was looked up")


class Records:
    def __init__(
        self,
        options: StreakOptions,
        client: Client,
        pipeline: Pipeline,
        contacts: Contacts,
        lookup: Lookup,
        made: Recent[str, str],
    ) -> None:
        self._options, self._client, self._pipeline = options, client, pipeline
        self._contacts, self._lookup, self._made = contacts, lookup, made
        self._settle = timedelta(seconds=options.settle)

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        return one_by_one(orders, self._bring)

    def _bring(self, order: RecordOrder) -> Outcome:
        if self._lookup.key() is None:
            raise Refused(f"streak: the box field {self._options.key_field} is missing: prepare the pipeline")
        ref = order.keys.ref or (order.known.ref if order.known else None)
        box = ref.id if ref else self._made.get(order.keys.lead) or ""
        if not box and order.sent_at is not None:
            box = self._lookup.made_since(order.keys.lead, order.sent_at)
            if not box and waited(order.looks) < self._settle:
                return Unknown("streak: the box is not in the list yet", looked=True)
        if not box and self._lookup.strangers.unasked(order):
            (known,) = self._lookup.find([order.keys])
            if known:
                box, order = known.ref.id, only_missing(order, known.values, owned=known.owner is not None)
        return self._change(order, box) if box else self._make(order)

    def _make(self, order: RecordOrder) -> Outcome:
        contact = self._contacts.ensure(order)
        if isinstance(contact, Refusal):
            return contact
        body: dict[str, Any] = {"name": name_of(order.fields, self._options.unnamed), "notes": notes_from(order)}
        if self._options.stage:
            body["stageKey"] = self._stage()
        if order.owner:
            body |= assigned_to(order.owner.id)
        path = f"{V2}/pipelines/{self._pipeline.shape().key}/boxes"
        reply = self._client.post(path, body, what="making of a box")
        if not reply.ok:
            return reply.fault.refusal("box", owner=self._pipeline.has_left(order.owner))
        if not reply.key:
            return Unknown("streak: the box was sent, and the answer does not name it")
        self._made.put(order.keys.lead, reply.key)
        try:
            return self._complete(order, reply.key, reply.row, contact) or Done(self._pipeline.ref(reply.key))
        except (AuthFailed, RateLimited, Retryable, Refused) as error:  # it is there, and nobody has noted it yet
            return Unknown(f"streak: the box was made, its fields not: {error}")

    def _complete(self, order: RecordOrder, box: str, row: Row, contact: str) -> Outcome | None:
        """Fields and contact of a box that was just made; None when all went well."""
        outcome = self._write(order, box, self._news(order, row, contact))
        return Unknown(outcome.reason) if isinstance(outcome, Refusal) else outcome

    def _change(self, order: RecordOrder, box: str) -> Outcome:
        row = self._lookup.read(box)
        if row is None:
            self._made.drop(order.keys.lead)
            return _LOOK_AGAIN if order.known is not None else self._make(order)
        contact = "" if row.get("contacts") else self._contacts.ensure(order)
        outcome = self._write(order, box, self._news(order, row, "" if isinstance(contact, Refusal) else contact))
        if outcome is None:
            self._made.put(order.keys.lead, box)
        return outcome or Done(self._pipeline.ref(box), created=False)

    def _news(self, order: RecordOrder, row: Row, contact: str) -> dict[str, Any]:
        """What the box lacks. One that carries another lead's id keeps it; what has no field is left out."""
        held, fields = object_in(row, "fields"), dict[str, Any]()
        key = self._lookup.key()
        if key and (not held.get(key.key)) and lead_of(row, None) in ("", order.keys.lead):
            fields[key.key] = order.keys.lead
        for name, field in self._lookup.fields().items():
            value = field.value_of(order.fields[name]) if name in order.fields else None
            if value is not None and value != held.get(field.key):
                fields[field.key] = value
        body: dict[str, Any] = {"fields": fields} if fields else {}
        if order.owner and owner_in(row) != order.owner.id:
            body |= assigned_to(order.owner.id)
        return {**body, "contacts": [{"key": contact}]} if contact else body

    def _write(self, order: RecordOrder, box: str, body: dict[str, Any]) -> Outcome | None:
        """None when it is as it should be. Fields go as JSON in a text; those that did not arrive so go one by one."""
        if not body:
            return None
        fields = body.pop("fields", {})
        sent = {**body, **({"fields": json.dumps(fields)} if fields else {})}
        reply = self._client.post(f"{V1}/boxes/{box}", sent, what="change of a box")
        if not reply.ok and fields and body and not reply.fault.gone:  # was it the owner, the contact or a field?
            reply = self._client.post(f"{V1}/boxes/{box}", body, what="change of a box")
        if not reply.ok and reply.fault.gone:
            return _LOOK_AGAIN
        if not reply.ok and body:
            return reply.fault.refusal("box", owner=self._pipeline.has_left(order.owner))
        if reply.ok and reply.key != box:
            return Unknown("streak: the box was sent, and the answer does not name it")
        if reply.ok and "assignedToSharingEntries" in body and order.owner and owner_in(reply.row) != order.owner.id:
            return Refusal("streak: the box was not assigned to its owner", owner=True)
        held = object_in(reply.row, "fields")
        return self._one_by_one(box, {key: value for key, value in fields.items() if held.get(key) != value})

    def _one_by_one(self, box: str, fields: dict[str, Any]) -> Outcome | None:
        """https://streak.readme.io/reference/edit-a-box-field-value - one that Streak will not take blocks no lead."""
        key = self._lookup.key()
        for field, value in fields.items():
            path = f"{V1}/boxes/{box}/fields/{field}"
            reply = self._client.post(path, {"value": value}, what="change of a field")
            if not reply.ok and key and field == key.key:
                return reply.fault.refusal("our id of the lead")
        return None

    def _stage(self) -> str:
        if key := self._pipeline.stage(self._options.stage):
            return key
        raise Refused(f"streak: there is no stage {self._options.stage} in the pipeline")
