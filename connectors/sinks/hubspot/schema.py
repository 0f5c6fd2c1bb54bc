"""Which properties the account has, so that a missing one never spoils a batch.

https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sinks.hubspot.client import Client
from syncd.connector import Clock, FieldState, Fresh


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    type: str  # "string", "number", "enumeration", ...
    unique: bool
    writable: bool
    options: frozenset[str]  # internal names; empty: anything goes

    def takes(self, value: str) -> bool:
        """Several choices are separated by semicolons."""
        return self.writable and (not self.options or self.options.issuperset(value.split(";")))

    def state(self, *, ours: bool) -> FieldState:
        """HubSpot's API demands no property, whatever its forms do."""
        choices = tuple(sorted(self.options)) if ours else ()
        return FieldState(self.type, ours=ours, writable=self.writable, choices=choices)


class Schema:
    """The definitions of one object type."""

    def __init__(self, client: Client, clock: Clock, kind: str) -> None:
        self.kind = kind  # "contacts", "companies", "tasks" or "notes"
        self._client = client
        self._known = Fresh(self._read, clock)

    def properties(self) -> Mapping[str, Property]:
        return self._known.value()

    def has(self, name: str) -> bool:
        return name in self.properties()

    def unique(self, name: str) -> bool:
        known = self.properties().get(name)
        return known is not None and known.unique

    def writable(self, values: Mapping[str, str]) -> dict[str, str]:
        """What the account can hold; `check` and `prepare` tell a person what it cannot. A choice that is not on
        the property's list is left out: it must not cost the lead, and what was said stands in the note.
        """
        known = self.properties()
        return {name: value for name, value in values.items() if name in known and known[name].takes(value)}

    def described(self, ours: Collection[str]) -> dict[str, FieldState]:
        return {f"property {self.kind}.{n}": each.state(ours=n in ours) for n, each in self.properties().items()}

    def forget(self) -> None:
        self._known.forget()

    def _read(self) -> Mapping[str, Property]:
        what = f"read of the properties of {self.kind}"
        reply = self._client.get(f"{self._client.paths.properties}/{self.kind}", what=what)
        return {row["name"]: _property(row) for row in reply.rows if not row.get("archived")}


def _property(row: Mapping[str, Any]) -> Property:
    meta = row.get("modificationMetadata") or {}
    options = () if row.get("externalOptions") else row.get("options") or ()
    return Property(
        name=row["name"],
        type=str(row.get("type")),
        unique=bool(row.get("hasUniqueValue")),
        writable=not (row.get("calculated") or meta.get("readOnlyValue")),
        options=frozenset(str(option.get("value")) for option in options),
    )
