"""Bringing persons to the wanted state, one by one: Pipedrive has neither batches nor an upsert.

https://developers.pipedrive.com/docs/api/v1/Persons

A person carries our id of the lead in a field. After a lost answer the persons changed since are listed, and only when
none carries it the person is made.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.client import V2, Client, Row
from connectors.sinks.pipedrive.lookup import Lookup, Made
from connectors.sinks.pipedrive.openings import Openings
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.schema import Schema
from connectors.sinks.pipedrive.wire import CUSTOM, OWN, name_of, with_entry
from syncd.connector import (
    AuthFailed,
    Done,
    Outcome,
    RateLimited,
    RecordOrder,
    Refused,
    Retryable,
    Unknown,
    Wait,
    cut_text,
    one_by_one,
    waited,
)

LONGEST_NAME = 255
_LOOK_AGAIN = Wait("pipedrive: the person was deleted since it was looked up")


class Records:
    def __init__(
        self,
        options: PipedriveOptions,
        client: Client,
        schema: Schema,
        lookup: Lookup,
        openings: Openings,
        account: Account,
        made: Made,
    ) -> None:
        self._options, self._client, self._schema = options, client, schema
        self._lookup, self._openings, self._account = lookup, openings, account
        self._names = {**CUSTOM, **options.map}
        self._made = made
        self._lag = timedelta(seconds=options.search_lag)

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        return one_by_one(orders, self._bring)

    def _bring(self, order: RecordOrder) -> Outcome:
        if not self._schema.code(self._options.key_field):
            raise Refused(f"pipedrive: the person field {self._options.key_field} is missing: prepare the account")
        ref = order.keys.ref or (order.known.ref if order.known else None)
        person: str | None = ref.id if ref else self._made.person(order.keys) or None
        if person is None and order.sent_at is not None:
            row = self._lookup.made_since(order.keys.lead, order.sent_at)
            person = str(row["id"]) if row else None
            if person is None and waited(order.looks) < self._lag:
                return Unknown("pipedrive: the person is not in the list yet", looked=True)
        if person is None:
            return self._make(order)
        return self._change(order, person)

    def _make(self, order: RecordOrder) -> Outcome:
        body = self._body(order, {}, {})
        body.setdefault("name", order.fields.get("email") or order.fields.get("phone") or self._options.unnamed)
        reply = self._client.write("POST", f"{V2}/persons", what="making of a person", json=body)
        if not reply.ok:
            return reply.fault.refusal("person")
        if not isinstance(reply.row.get("id"), int):
            return Unknown("pipedrive: person was sent, and the answer does not name it")
        person = str(reply.row["id"])
        self._made.put(order.keys, person)
        try:
            refusal = self._openings.ensure(order, person, reply.row, str(body["name"]), fresh=True)
        except (AuthFailed, RateLimited, Retryable) as error:  # the person is there, and nobody has noted it yet
            return Unknown(f"pipedrive: person made, its {self._options.make} not: {error}")
        return refusal or Done(self._account.ref("person", person))

    def _change(self, order: RecordOrder, person: str) -> Outcome:
        """The person is read first: lists of addresses and numbers are written whole, and must lose nothing."""
        reply = self._client.ask(f"{V2}/persons/{person}", what="read of a person")
        if reply.ok and not reply.row.get("is_deleted"):
            return self._patch(order, person, reply.row)
        if not reply.ok and not reply.fault.gone:
            return reply.fault.refusal("person")
        self._made.drop(order.keys)
        self._openings.forget(person)
        return _LOOK_AGAIN if order.known is not None else self._make(order)

    def _patch(self, order: RecordOrder, person: str, row: Row) -> Outcome:
        known = {"first_name": str(row.get("first_name") or ""), "last_name": str(row.get("last_name") or "")}
        reply = self._client.write(
            "PATCH", f"{V2}/persons/{person}", what="change of a person", json=self._body(order, known, row)
        )
        if not reply.ok:
            return _LOOK_AGAIN if reply.fault.gone else reply.fault.refusal("person")
        self._made.put(order.keys, person)
        name = str(reply.row.get("name") or row.get("name") or self._options.unnamed)
        refusal = self._openings.ensure(order, person, reply.row, name, fresh=False)
        return refusal or Done(self._account.ref("person", person), created=False)

    def _body(self, order: RecordOrder, known: dict[str, str], row: Row) -> dict[str, Any]:
        """What has no field in the account is left out; `check` and `prepare` say so."""
        fields, body = order.fields, dict[str, Any]()
        if (fields.get("first_name") or fields.get("last_name")) and (name := name_of(fields, known)):
            body["name"] = cut_text(name, LONGEST_NAME)
        if email := fields.get("email"):
            body["emails"] = with_entry(row.get("emails"), email)
        if phone := fields.get("phone"):
            body["phones"] = with_entry(row.get("phones"), phone)
        if order.owner:
            body["owner_id"] = int(order.owner.id)
        custom = {self._schema.code(self._options.key_field): order.keys.lead}
        for name, value in fields.items():
            field = None if name in OWN else self._schema.field(self._names.get(name, ""))
            made = field.value_of(value) if field else None
            if field and made is not None:
                custom[field.code] = made
        body["custom_fields"] = {code: value for code, value in custom.items() if code}
        return body
