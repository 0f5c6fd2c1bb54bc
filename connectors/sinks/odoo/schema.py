"""Which fields a lead has in this database, and of which type."""

from collections.abc import Mapping

from connectors.sinks.odoo.client import Client
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.wire import CUSTOM, OWN
from syncd.connector import Clock, Fresh, Refused, Retryable


class Schema:
    def __init__(self, options: OdooOptions, client: Client, clock: Clock) -> None:
        self.key = options.key_field
        self.names = {name: field for name, field in {**OWN, **CUSTOM, **options.map}.items() if field}
        self._client = client
        self._types = Fresh(self._read, clock)

    def type(self, field: str) -> str:
        """Empty where there is no such field."""
        return self._types.value().get(field, "")

    def there(self) -> dict[str, str]:
        """Canonical field -> field of the lead, those alone that the database has."""
        return {name: field for name, field in self.names.items() if self.type(field)}

    def insist_on_key(self) -> None:
        """Raises Refused where the field for our id is missing: without it nothing could be told apart."""
        if not self.type(self.key):
            raise Refused(f"odoo: the field {self.key} of crm.lead is missing: prepare the database")

    def forget(self) -> None:
        self._types.forget()

    def _read(self) -> Mapping[str, str]:
        value = self._client.read("crm.lead", "fields_get", what="read of fields", attributes=["type"])
        if not isinstance(value, dict) or "name" not in value:
            raise Retryable("odoo: read of fields: the answer does not describe a lead")
        return {name: str(field.get("type", "")) for name, field in value.items() if isinstance(field, dict)}
