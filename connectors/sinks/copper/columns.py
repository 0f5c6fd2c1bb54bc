"""What stands in a lead or person, in our words, and what is to be changed there."""

from collections.abc import Mapping
from typing import Any

from connectors.sinks.copper.account import Account, CustomField
from connectors.sinks.copper.client import Row
from connectors.sinks.copper.options import CopperOptions
from connectors.sinks.copper.wire import (
    LEAD,
    LONGEST_LINE,
    OURS,
    assigned_to,
    changes_from,
    custom,
    custom_in,
    id_in,
    values_from,
)
from syncd.connector import RecordOrder, cut_line

ESSENTIAL = frozenset({"name", "email", "assignee_id"})
"""What a record is not sent without: who it is and whose. Anything else that is refused stands in the note."""
NOTHING: Row = {}


class Columns:
    def __init__(self, options: CopperOptions, account: Account) -> None:
        self._options, self._account = options, account
        self._names = {**OURS, **options.map}

    def customs(self, kind: str) -> dict[str, CustomField]:
        """Canonical field -> custom field, those alone that such records have."""
        found = {name: self._account.field(theirs, kind) for name, theirs in self._names.items()}
        return {name: field for name, field in found.items() if field}

    def values(self, kind: str, row: Row) -> dict[str, str]:
        values = values_from(kind, row, (self._options.unnamed,))
        source = row.get("customer_source_id")
        named = [name for name, key in self._account.sources().items() if source and key == source]
        values |= {"lead_source": named[0]} if named else {}
        values = {name: text for name, text in values.items() if name not in self._names}
        texts = {name: field.text_of(custom_in(row, field.id)) for name, field in self.customs(kind).items()}
        return {**values, **{name: text for name, text in texts.items() if text}}

    def lead_of(self, kind: str, row: Row) -> str:
        """Our id of the lead; empty where none stands."""
        key = self._account.key(kind)
        held = custom_in(row, key.id) if key else None
        return held if isinstance(held, str) else ""

    def new(self, order: RecordOrder) -> dict[str, Any]:
        """A lead that was not there."""
        fields, unnamed = order.fields, self._options.unnamed
        body = {"name": cut_line(fields.get("email") or fields.get("phone") or unnamed, LONGEST_LINE)}
        body |= self.news(LEAD, order, NOTHING)
        statuses, status = self._account.statuses(), self._options.status
        return {**body, "status_id": statuses[status]} if status in statuses else body

    def news(self, kind: str, order: RecordOrder, row: Row) -> dict[str, Any]:
        """What the record lacks. One that carries another lead's id keeps it."""
        there = self.values(kind, row) if row else {}
        plain = {name: text for name, text in order.fields.items() if name not in self._names}
        body = changes_from(kind, plain, row, there)
        source = self._account.sources().get(plain.get("lead_source", "")) if "lead_source" in plain else None
        if kind == LEAD and source is not None and source != row.get("customer_source_id"):
            body["customer_source_id"] = source
        if order.owner and id_in(row, "assignee_id") != order.owner.id:
            body |= assigned_to(order.owner.id)
        listed = [*self._own(kind, order, row), *self._of_fields(kind, order.fields, row)]
        if listed:
            body["custom_fields"] = listed
        return self._with_status(kind, body, row)

    def essential(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What is left when something of it was refused, and nobody knows what."""
        own = {field.id for name in (self._options.key_field, self._options.status_field)
               if (field := self._account.fields().get(name))}  # fmt: skip
        kept = {name: value for name, value in body.items() if name in ESSENTIAL}
        listed = [one for one in body.get("custom_fields", []) if one["custom_field_definition_id"] in own]
        return {**kept, **({"custom_fields": listed} if listed else {})}

    def _own(self, kind: str, order: RecordOrder, row: Row) -> list[dict[str, Any]]:
        key = self._account.key(kind)
        return [custom(key.id, order.keys.lead)] if key and not custom_in(row, key.id) else []

    def _of_fields(self, kind: str, fields: Mapping[str, str], row: Row) -> list[dict[str, Any]]:
        listed = []
        for name, field in self.customs(kind).items():
            value = field.value_of(fields[name]) if fields.get(name) else None
            if value is not None and field.text_of(value) != field.text_of(custom_in(row, field.id)):
                listed.append(custom(field.id, value))
        return listed

    def _with_status(self, kind: str, body: dict[str, Any], row: Row) -> dict[str, Any]:
        """With the status that stands there while we write: what differs from it later, a person has set."""
        field, status = self._account.field(self._options.status_field, kind), row.get("status")
        if kind != LEAD or not body or not field or not isinstance(status, str) or custom_in(row, field.id) == status:
            return body
        return {**body, "custom_fields": [*body.get("custom_fields", []), custom(field.id, status)]}
