"""Which fields the account has, so that a missing one never spoils a record.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from connectors.sinks.zoho.client import Client, Row
from syncd.connector import Clock, FieldState, Fresh, objects_in


@dataclass(frozen=True, slots=True)
class FieldInfo:
    name: str  # the API name
    type: str  # "text", "picklist", ...
    unique: bool = False
    writable: bool = True
    mandatory: bool = False
    length: int | None = None  # characters of a text
    options: frozenset[str] = frozenset()  # of a picklist; empty: anything goes

    def state(self, *, ours: bool) -> FieldState:
        choices = tuple(sorted(self.options)) if ours else ()
        return FieldState(self.type, ours=ours, required=self.mandatory, writable=self.writable, choices=choices)


class Schema:
    """The definitions of one module."""

    def __init__(self, client: Client, clock: Clock, module: str) -> None:
        self.module = module
        self._client = client
        self._known = Fresh(self._read, clock)

    def fields(self) -> Mapping[str, FieldInfo]:
        return self._known.value()

    def has(self, name: str) -> bool:
        return name in self.fields()

    def unique(self, name: str) -> bool:
        known = self.fields().get(name)
        return known is not None and known.unique

    def described(self, ours: Collection[str]) -> dict[str, FieldState]:
        return {f"field {self.module}.{name}": each.state(ours=name in ours) for name, each in self.fields().items()}

    def forget(self) -> None:
        self._known.forget()

    def _read(self) -> Mapping[str, FieldInfo]:
        what = f"read of the fields of {self.module}"
        reply = self._client.get("/settings/fields", what=what, params={"module": self.module}, name="fields")
        return {str(row["api_name"]): _field(row) for row in reply.rows("fields") if row.get("api_name")}


def _field(row: Row) -> FieldInfo:
    length = row.get("length")
    return FieldInfo(
        name=str(row["api_name"]),
        type=str(row.get("data_type", "text")),
        unique=bool(row.get("unique")),
        writable=not (row.get("read_only") or row.get("field_read_only")),
        mandatory=row.get("system_mandatory") is True,
        length=length if isinstance(length, int) and length > 0 else None,
        options=frozenset(str(each.get("actual_value")) for each in objects_in(row.get("pick_list_values"))),
    )
