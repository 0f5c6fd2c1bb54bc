"""Bringing leads to the wanted state, one by one: Close has neither batches nor an upsert.

A new lead goes out with its contact in one call; the contact carries our id of the lead. After a lost answer the event
log and the search are asked for it, and only when neither has it after a while the lead is made.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.sinks.close.account import lead_ref
from connectors.sinks.close.client import API, Client, Row
from connectors.sinks.close.lookup import Lookup
from connectors.sinks.close.options import CloseOptions
from connectors.sinks.close.schema import Schema
from connectors.sinks.close.wire import CUSTOM, LONGEST_NAME, OWN, contact_of, name_of, with_entry
from syncd.connector import (
    Done,
    Outcome,
    Recent,
    RecordOrder,
    Refused,
    Unknown,
    Wait,
    cut_line,
    cut_text,
    one_by_one,
    waited,
)

_LOOK_AGAIN = Wait("close: the lead was deleted since it was looked up")


class Records:
    def __init__(
        self,
        options: CloseOptions,
        client: Client,
        contacts: Schema,
        leads: Schema,
        lookup: Lookup,
        made: Recent[str, str],
    ) -> None:
        self._options, self._client, self._contacts, self._leads = options, client, contacts, leads
        self._lookup = lookup
        self._names = {**CUSTOM, **options.map}
        self._made = made  # our id of the lead -> lead of Close
        self._lag = timedelta(seconds=options.search_lag)

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        return one_by_one(orders, self._bring)

    def _bring(self, order: RecordOrder) -> Outcome:
        if not self._contacts.code(self._options.key_field):
            raise Refused(f"close: the contact field {self._options.key_field} is missing: prepare the account")
        if order.owner and not self._leads.code(self._options.owner_field):
            raise Refused(f"close: the lead field {self._options.owner_field} is missing: prepare the account")
        ref = order.keys.ref or (order.known.ref if order.known else None)
        lead = ref.id if ref else self._made.get(order.keys.lead) or ""
        if not lead and order.sent_at is not None:
            lead = self._lookup.made_since(order.keys, order.sent_at)
            if not lead and waited(order.looks) < self._lag:
                return Unknown("close: the lead is neither in the event log nor found yet", looked=True)
        return self._change(order, lead) if lead else self._make(order)

    def _make(self, order: RecordOrder) -> Outcome:
        contact = self._contact(order, {})
        if not contact.keys() & {"name", "emails", "phones"}:
            contact["name"] = self._options.unnamed
        body = {**self._lead(order), "contacts": [contact]}
        if self._options.status:
            body["status_id"] = self._options.status
        reply = self._client.write("POST", f"{API}/lead/", what="making of a lead", json=body)
        if not reply.ok:
            return reply.fault.refusal("lead", owner=self._leads.code(self._options.owner_field))
        if not reply.id:
            return Unknown("close: the lead was sent, and the answer does not name it")
        self._made.put(order.keys.lead, reply.id)
        return Done(lead_ref(reply.id, reply.body))

    def _change(self, order: RecordOrder, lead: str) -> Outcome:
        """The lead is read first: lists of addresses and numbers are written whole, and must lose nothing."""
        row = self._lookup.read(lead)
        if row is None:
            self._made.drop(order.keys.lead)
            return _LOOK_AGAIN if order.known is not None else self._make(order)
        return self._put_contact(order, lead, row) or self._put_lead(order, lead, row)

    def _put_contact(self, order: RecordOrder, lead: str, row: Row) -> Outcome | None:
        """None when it is as it should be. A lead that has no such contact gets one more."""
        code = self._contacts.code(self._options.key_field)
        contact = contact_of(row, code, order.keys.lead, order.keys.emails)
        body = self._contact(order, contact or {})
        if contact is not None:
            if not body:
                return None
            path = f"{API}/contact/{contact.get('id')}/"
            reply = self._client.write("PUT", path, what="change of a contact", json=body)
        else:
            body = {"lead_id": lead, **body}
            reply = self._client.write("POST", f"{API}/contact/", what="making of a contact", json=body)
        if not reply.ok:
            return _LOOK_AGAIN if reply.fault.gone else reply.fault.refusal("contact")
        return None if reply.id else Unknown("close: the contact was sent, and the answer does not name it")

    def _put_lead(self, order: RecordOrder, lead: str, row: Row) -> Outcome:
        if body := self._lead(order):
            reply = self._client.write("PUT", f"{API}/lead/{lead}/", what="change of a lead", json=body)
            if not reply.ok:
                owner = self._leads.code(self._options.owner_field)
                return _LOOK_AGAIN if reply.fault.gone else reply.fault.refusal("lead", owner=owner)
            if reply.id != lead:
                return Unknown("close: the lead was sent, and the answer does not name it")
        self._made.put(order.keys.lead, lead)
        return Done(lead_ref(lead, row), created=False)

    def _lead(self, order: RecordOrder) -> dict[str, Any]:
        """Without a company Close calls the lead by its contact."""
        body: dict[str, Any] = {}
        if company := order.fields.get("company"):
            body["name"] = cut_line(company, LONGEST_NAME)
        if order.owner:
            body[self._leads.code(self._options.owner_field)] = order.owner.id
        return body

    def _contact(self, order: RecordOrder, row: Row) -> dict[str, Any]:
        """What has no field in the account is left out; `check` and `prepare` say so."""
        fields, body = order.fields, dict[str, Any]()
        if fields.get("first_name") or fields.get("last_name"):
            body["name"] = name_of(fields, str(row.get("name") or ""))
        if title := fields.get("job_title"):
            body["title"] = cut_text(title, LONGEST_NAME)
        if email := fields.get("email"):
            body["emails"] = with_entry(row.get("emails"), "email", email)
        if phone := fields.get("phone"):
            body["phones"] = with_entry(row.get("phones"), "phone", phone)
        key = self._contacts.code(self._options.key_field)
        if not row.get(key):  # one that carries another lead's key keeps it
            body[key] = order.keys.lead
        for name, value in fields.items():
            field = None if name in OWN else self._contacts.field(self._names.get(name, ""))
            made = field.value_of(value) if field else None
            if field and made is not None:
                body[field.code] = made
        return body
