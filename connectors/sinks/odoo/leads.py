"""Finding and writing leads. Odoo has no upsert, but what was written is there at once for whoever looks.

A lead carries our id in a field of its own. Nothing is made before it was looked for: by its address within the last
minute, or by that id. After a lost answer it is that id which counts, and nothing is made until `settle` seconds have
passed: the transaction may still be on its way.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.sinks.odoo.client import Client, Row
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.people import People
from connectors.sinks.odoo.schema import Schema
from connectors.sinks.odoo.wire import LINE, name_of, names_in, reference, text, values_from
from syncd.connector import (
    Clock,
    Done,
    Known,
    Lately,
    LeadKeys,
    Outcome,
    RecordOrder,
    Strangers,
    Unknown,
    Wait,
    cut_text,
    one_by_one,
    waited,
)

MODEL = "crm.lead"
MOST = 100  # leads of one look-up
_LOOK_AGAIN = Wait("odoo: the lead was deleted since it was looked up")


class Leads:
    def __init__(self, options: OdooOptions, client: Client, schema: Schema, people: People, clock: Clock) -> None:
        self._options, self._client, self._schema = options, client, schema
        self._people = people
        self._strangers = Strangers(clock)
        self.there: Lately[int] = Lately(clock)
        self._settle = timedelta(seconds=options.settle)

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """One read for every hundred leads."""
        found: list[Known | None] = []
        for start in range(0, len(leads), MOST):
            part = leads[start : start + MOST]
            rows = self._rows(_whoever(part, self._schema.key if self._schema.type(self._schema.key) else ""))
            found += [self._told(self._best(rows, lead), lead) for lead in part]
        return found

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        return one_by_one(orders, self._upsert)

    def read(self, ids: Sequence[int]) -> dict[int, Row]:
        """The leads that are there, lost ones too."""
        return {row["id"]: row for row in self._rows([["id", "in", list(ids)]])} if ids else {}

    def _told(self, row: Row | None, lead: LeadKeys) -> Known | None:
        if row is None:
            self._strangers.met(lead)
            return None
        self.there.saw(row["id"])
        return self._known(row)

    def _rows(self, domain: list[Any]) -> list[Row]:
        key = [self._schema.key] if self._schema.type(self._schema.key) else []
        own = ["contact_name", "email_normalized", "user_id", "active"]
        fields = list(dict.fromkeys([*own, *key, *self._schema.there().values()]))
        return self._client.rows(MODEL, domain, fields, what="look for leads", order="id")

    def _best(self, rows: Sequence[Row], lead: LeadKeys) -> Row | None:
        """By ref, then by our id, then by address: one that is not lost before one that is, the oldest first."""
        if lead.ref and (mine := [row for row in rows if str(row["id"]) == lead.ref.id]):
            return mine[0]
        emails = {email.casefold() for email in lead.emails}
        keyed = [row for row in rows if lead.lead and text(row.get(self._schema.key)) == lead.lead]
        known = [row for row in rows if text(row.get("email_normalized")).casefold() in emails]
        return next(iter(sorted(keyed or known, key=lambda row: row.get("active") is not True)), None)

    def _known(self, row: Row) -> Known:
        owner = reference(row.get("user_id"))
        return Known(
            ref=self._people.ref(row["id"]),
            owner=self._people.by_id(str(owner)) if owner else None,
            values=values_from(row, self._schema.there()),
        )

    def _upsert(self, order: RecordOrder) -> Outcome:
        self._schema.insist_on_key()
        return self._people.refusal(order.owner) or self._bring(order)

    def _bring(self, order: RecordOrder) -> Outcome:
        ref = order.keys.ref or (order.known.ref if order.known else None)
        if ref is not None and ref.id.isdecimal():
            if row := self.read([int(ref.id)]).get(int(ref.id)):
                return self._change(order, row)
            if order.known is not None:
                return _LOOK_AGAIN
        if order.sent_at is not None or not order.keys.emails or self._strangers.unasked(order):
            for row in self._rows([[self._schema.key, "=", order.keys.lead]]):
                return self._change(order, row)
        if order.sent_at is not None and waited(order.looks) < self._settle:
            return Unknown("odoo: the lead is not there yet", looked=True)
        return self._make(order)

    def _make(self, order: RecordOrder) -> Outcome:
        """Without a word on `user_id` Odoo would give the lead to the user whose key this is."""
        body = self._body(order, {})
        fields, options = order.fields, self._options
        name = name_of(fields, {}) or fields.get("email") or fields.get("phone") or options.unnamed
        body["name"] = cut_text(" ".join(part for part in (name, options.title) if part), LINE)
        body = {"user_id": False, **body, "type": options.make}
        if options.team is not None:
            body["team_id"] = options.team
        self._strangers.forget(order.keys)
        made = self._client.create(MODEL, body, what="making of a lead")
        return self._done(made, created=True) if isinstance(made, int) else made.refusal("lead")

    def _change(self, order: RecordOrder, row: Row) -> Outcome:
        body = self._body(order, names_in(row.get("contact_name")))
        body = {name: value for name, value in body.items() if value != row.get(name)}
        fault = self._client.write(MODEL, row["id"], body, what="change of a lead") if body else None
        if fault is None:
            return self._done(row["id"], created=False)
        return _LOOK_AGAIN if fault.gone else fault.refusal("lead")

    def _done(self, lead: int, *, created: bool) -> Outcome:
        self.there.saw(lead)
        return Done(self._people.ref(lead), created=created)

    def _body(self, order: RecordOrder, known: dict[str, str]) -> dict[str, Any]:
        """What has no field in the database is left out; `check` and `prepare` say so."""
        body: dict[str, Any] = {self._schema.key: order.keys.lead}
        if order.fields.get("first_name") or order.fields.get("last_name"):
            body["contact_name"] = name_of(order.fields, known)
        for name, field in self._schema.there().items():
            value = self._schema.value(field, order.fields[name]) if name in order.fields else None
            if value is not None:
                body[field] = value
        if order.owner:
            body["user_id"] = int(order.owner.id)
        return body


def _whoever(leads: Sequence[LeadKeys], key: str) -> list[Any]:
    """Leads with one of these ids, addresses or marks of ours, as a domain in prefix notation."""
    ids = [int(lead.ref.id) for lead in leads if lead.ref and lead.ref.id.isdecimal()]
    emails = [email.casefold() for lead in leads for email in lead.emails]
    marks = [[key, "in", [lead.lead for lead in leads if lead.lead]]] if key else []
    terms = [["id", "in", ids], ["email_normalized", "in", emails], *marks]
    return [*["|"] * (len(terms) - 1), *terms]
