"""Bringing leads and people to the wanted state, one by one.

https://developer.copper.com/leads/upsert-a-lead.html - a stranger is upserted by our own key, which is atomic there;
one that we know is read, and what it lacks is written by its id.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from connectors.sinks.copper.account import Account
from connectors.sinks.copper.client import Client, Reply, Row
from connectors.sinks.copper.columns import Columns
from connectors.sinks.copper.lookup import Lookup
from connectors.sinks.copper.options import CopperOptions
from connectors.sinks.copper.wire import LEAD, PATHS, custom, id_in, place_of, record_ref
from syncd.connector import Done, Outcome, Recent, RecordOrder, Refused, Unknown, Wait, one_by_one, only_missing, waited

_LOOK_AGAIN = Wait("copper: the record was deleted or converted since it was looked up")


class Records:
    def __init__(
        self,
        options: CopperOptions,
        client: Client,
        account: Account,
        columns: Columns,
        lookup: Lookup,
        made: Recent[str, str],
    ) -> None:
        self._options, self._client, self._account, self._columns = options, client, account, columns
        self._lookup, self._made = lookup, made
        self._settle = timedelta(seconds=options.settle)

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        return one_by_one(orders, self._bring)

    def _bring(self, order: RecordOrder) -> Outcome:
        ref = order.keys.ref or (order.known.ref if order.known else None)
        kind, number = place_of(ref) if ref else (LEAD, self._made.get(order.keys.lead) or "")
        if not number and order.sent_at is not None:
            number = self._lookup.made_since(order.keys.lead, order.sent_at)
            if not number and waited(order.looks) < self._settle:
                return Unknown("copper: the lead is not in the search yet", looked=True)
        found = self._lookup.read(kind, number) if number else None
        if not found and self._lookup.strangers.unasked(order) and (found := self._lookup.look(order.keys)):
            owned = bool(id_in(found[1], "assignee_id"))
            order = only_missing(order, self._columns.values(*found), owned=owned)
        if found:
            return self._change(order, *found)
        self._made.drop(order.keys.lead)
        return _LOOK_AGAIN if order.known is not None else self._make(order)

    def _make(self, order: RecordOrder) -> Outcome:
        """The match is by our key alone: an address may stand in a lead of somebody's that we are not to overwrite."""
        key = self._account.key(LEAD)
        if key is None:
            raise Refused(f"copper: the custom field {self._options.key_field} of leads is missing: prepare it")
        match = {"field_name": "custom", "field_value": custom(key.id, order.keys.lead)}

        def send(properties: dict[str, Any]) -> Reply:
            body = {"properties": properties, "match": match}
            return self._client.write("PUT", "/leads/upsert", body, what="upsert of a lead")

        body = self._columns.new(order)
        reply, rest = send(body), dict[str, Any]()
        essential = self._columns.essential(body)
        if not reply.ok and essential != body:  # was it who it is, whose it is, or anything else?
            reply, rest = send(essential), body
        if not reply.ok:
            return reply.fault.refusal("lead", owner=self._account.has_left(order.owner))
        if not reply.id:
            return Unknown("copper: the lead was sent, and the answer does not name it")
        self._made.put(order.keys.lead, reply.id)
        self._one_by_one(LEAD, reply.id, rest)
        return Done(record_ref(LEAD, reply.id))

    def _change(self, order: RecordOrder, kind: str, row: Row) -> Outcome:
        number, body = str(row["id"]), self._columns.news(kind, order, row)
        essential = self._columns.essential(body)
        reply = self._put(kind, number, body) if body else None
        if reply and not reply.ok and not reply.fault.gone and essential != body:
            reply = self._put(kind, number, essential) if essential else None
            if reply is None or reply.ok:
                self._one_by_one(kind, number, body)
        if reply and not reply.ok:
            owner = self._account.has_left(order.owner)
            return _LOOK_AGAIN if reply.fault.gone else reply.fault.refusal(kind, owner=owner)
        if reply and reply.id != number:
            return Unknown(f"copper: the {kind} was sent, and the answer does not name it")
        if kind == LEAD:
            self._made.put(order.keys.lead, number)
        return Done(record_ref(kind, number), created=False)

    def _one_by_one(self, kind: str, number: str, body: dict[str, Any]) -> None:
        """A value that Copper will not take blocks no lead: it stands in the note."""
        for part in _parts(body):
            self._put(kind, number, part)

    def _put(self, kind: str, number: str, body: dict[str, Any]) -> Reply:
        return self._client.write("PUT", f"/{PATHS[kind]}/{number}", body, what=f"change of a {kind}")


def _parts(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, value in body.items():
        if name == "custom_fields":
            yield from ({name: [one]} for one in value)
        else:
            yield {name: value}
