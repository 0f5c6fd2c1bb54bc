"""Which fields a lead has in this database, and of which type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sinks.odoo.client import Client
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.wire import CUSTOM, OWN, value_for
from syncd.connector import Clock, FieldState, Fresh, Refused, Retryable

ATTRIBUTES = ["type", "required", "readonly", "depends", "selection"]


@dataclass(frozen=True, slots=True)
class LeadField:
    type: str
    required: bool  # and nothing computes it, and it can be empty
    readonly: bool
    choices: Mapping[str, str]  # of a selection: value -> what people see

    def chosen(self, text: str) -> str | None:
        """The value of a selection that a person would call so; None where there is none."""
        wanted = text.strip().casefold()
        return next((key for key, shown in self.choices.items() if wanted in (key.casefold(), shown.casefold())), None)

    def state(self, *, ours: bool) -> FieldState:
        choices = tuple(sorted(self.choices.values())) if ours else ()
        return FieldState(self.type, ours=ours, required=self.required, writable=not self.readonly, choices=choices)


class Schema:
    def __init__(self, options: OdooOptions, client: Client, clock: Clock) -> None:
        self.key = options.key_field
        self.names = {name: field for name, field in {**OWN, **CUSTOM, **options.map}.items() if field}
        self._client = client
        self._fields = Fresh(self._read, clock)

    def type(self, field: str) -> str:
        """Empty where there is no such field."""
        found = self._fields.value().get(field)
        return found.type if found else ""

    def fields(self) -> Mapping[str, LeadField]:
        return self._fields.value()

    def value(self, field: str, text: str) -> Any:
        """As the field holds it; None for what it cannot hold: it is left alone."""
        found = self._fields.value()[field]
        return found.chosen(text) if found.type == "selection" else value_for(found.type, text)

    def there(self) -> dict[str, str]:
        """Canonical field -> field of the lead, those alone that the database has."""
        return {name: field for name, field in self.names.items() if self.type(field)}

    def insist_on_key(self) -> None:
        """Raises Refused where the field for our id is missing: without it nothing could be told apart."""
        if not self.type(self.key):
            raise Refused(f"odoo: the field {self.key} of crm.lead is missing: prepare the database")

    def forget(self) -> None:
        self._fields.forget()

    def _read(self) -> Mapping[str, LeadField]:
        value = self._client.read("crm.lead", "fields_get", what="read of fields", attributes=ATTRIBUTES)
        if not isinstance(value, dict) or "name" not in value:
            raise Retryable("odoo: read of fields: the answer does not describe a lead")
        return {name: _field(field) for name, field in value.items() if isinstance(field, dict)}


def _field(told: Mapping[str, Any]) -> LeadField:
    listed = told.get("selection")
    pairs = [pair for pair in listed if isinstance(pair, list) and len(pair) == 2] if isinstance(listed, list) else []
    return LeadField(
        type=str(told.get("type", "")),
        required=told.get("required") is True and not told.get("depends") and told.get("type") != "boolean",
        readonly=told.get("readonly") is True,
        choices={str(key): str(shown) for key, shown in pairs},
    )
