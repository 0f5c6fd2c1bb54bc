"""What the organisation lets us see and write of an object, so that one field never spoils a record.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sinks.salesforce.client import Client
from connectors.sinks.salesforce.values import Encoded, encode
from syncd.connector import Clock, FieldState, Fresh, list_in, objects_in


@dataclass(frozen=True, slots=True)
class FieldInfo:
    name: str
    type: str
    length: int
    createable: bool
    updateable: bool
    required: bool  # on create
    external: bool
    unique: bool
    restricted: bool
    options: tuple[str, ...]  # values of a picklist; empty: anything goes

    def state(self, *, ours: bool) -> FieldState:
        writable = self.createable or self.updateable
        choices = tuple(sorted(self.options)) if ours else ()
        return FieldState(self.type, ours=ours, required=self.required, writable=writable, choices=choices)


class Schema:
    """The describe of one object."""

    def __init__(self, client: Client, clock: Clock, kind: str) -> None:
        self.kind = kind
        self._client = client
        self._known = Fresh(self._read, clock)

    def fields(self) -> Mapping[str, FieldInfo]:
        return self._known.value()

    def has(self, name: str) -> bool:
        return name in self.fields()

    def keyed(self, name: str) -> bool:
        """Whether records can be upserted by this field."""
        known = self.fields().get(name)
        return known is not None and known.external

    def unique(self, name: str) -> bool:
        known = self.fields().get(name)
        return known is not None and known.external and known.unique

    def visible(self, *names: str) -> list[str]:
        """Those of the fields that we may read, each once."""
        known = self.fields()
        return [name for name in dict.fromkeys(names) if name in known]

    def writable(self, values: Mapping[str, str], *, creating: bool) -> dict[str, Encoded]:
        """What the organisation can hold, in its own types; `check` tells a person what it cannot."""
        known, written = self.fields(), {}
        for name, value in values.items():
            info = known.get(name)
            if info is None or not (info.createable if creating else info.updateable):
                continue
            encoded = encode(value, info.type, info.length, info.options)
            if encoded is not None:
                written[name] = encoded
        return written

    def described(self, ours: Collection[str]) -> dict[str, FieldState]:
        return {f"field {self.kind}.{name}": each.state(ours=name in ours) for name, each in self.fields().items()}

    def forget(self) -> None:
        self._known.forget()

    def _read(self) -> Mapping[str, FieldInfo]:
        told = self._client.get(f"sobjects/{self.kind}/describe", what=f"describe of {self.kind}")
        return {
            row["name"]: _info(row) for row in objects_in(list_in(told, "fields")) if isinstance(row.get("name"), str)
        }


def _info(row: Mapping[str, Any]) -> FieldInfo:
    createable = bool(row.get("createable"))
    length = row.get("length")
    return FieldInfo(
        name=row["name"],
        type=str(row.get("type")),
        length=length if isinstance(length, int) else 0,
        createable=createable,
        updateable=bool(row.get("updateable")),
        required=createable and not row.get("nillable") and not row.get("defaultedOnCreate"),
        external=bool(row.get("externalId")),
        unique=bool(row.get("unique")),
        restricted=bool(row.get("restrictedPicklist")),
        options=tuple(
            str(each["value"])
            for each in objects_in(row.get("picklistValues"))
            if each.get("value") and each.get("active") is not False
        ),
    )
