"""Which fields a lead has in this database, and of which type."""

from collections.abc import Mapping
from datetime import timedelta
from threading import Lock

from connectors.sinks.odoo.client import Client
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.wire import CUSTOM, OWN
from syncd.connector import Clock, Refused, Retryable

KEPT = timedelta(minutes=10)


class Schema:
    """Read when needed and every ten minutes."""

    def __init__(self, options: OdooOptions, client: Client, clock: Clock) -> None:
        self.key = options.key_field
        self.names = {name: field for name, field in {**OWN, **CUSTOM, **options.map}.items() if field}
        self._client, self._clock = client, clock
        self._lock = Lock()
        self._types: Mapping[str, str] = {}
        self._until: float | None = None

    def type(self, field: str) -> str:
        """Empty where there is no such field."""
        return self._all().get(field, "")

    def there(self) -> dict[str, str]:
        """Canonical field -> field of the lead, those alone that the database has."""
        return {name: field for name, field in self.names.items() if self.type(field)}

    def insist_on_key(self) -> None:
        """Raises Refused where the field for our id is missing: without it nothing could be told apart."""
        if not self.type(self.key):
            raise Refused(f"odoo: the field {self.key} of crm.lead is missing: prepare the database")

    def forget(self) -> None:
        with self._lock:
            self._until = None

    def _all(self) -> Mapping[str, str]:
        with self._lock:
            now = self._clock.monotonic()
            if self._until is None or now >= self._until:
                self._types = self._read()
                self._until = now + KEPT.total_seconds()
            return self._types

    def _read(self) -> Mapping[str, str]:
        value = self._client.read("crm.lead", "fields_get", what="read of fields", attributes=["type"])
        if not isinstance(value, dict) or "name" not in value:
            raise Retryable("odoo: read of fields: the answer does not describe a lead")
        return {name: str(field.get("type", "")) for name, field in value.items() if isinstance(field, dict)}
