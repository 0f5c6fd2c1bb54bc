"""What the account says of itself: custom fields, lead statuses, sources, and its users.

https://developer.copper.com/custom-fields/general/list-custom-field-definitions.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.sinks.copper.client import Client, Row
from connectors.sinks.copper.options import CopperOptions
from connectors.sinks.copper.wire import LONGEST_LINE, LONGEST_TEXT
from syncd.connector import (
    Clock,
    Directory,
    Fresh,
    OwnerRef,
    Retryable,
    cut_line,
    cut_text,
    day_of,
    moment_of,
    number_of,
    objects_in,
)

LINE = "String"
NUMBERS = frozenset({"Float", "Percentage", "Currency"})
WRITABLE = frozenset({LINE, "Text", "URL", "Date", "Checkbox", "Dropdown", "MultiSelect"}) | NUMBERS
YES = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class CustomField:
    id: int
    type: str
    on: frozenset[str]  # "lead", "person"
    filterable: bool = False
    options: Mapping[int, str] = field(default_factory=dict)

    def value_of(self, text: str) -> Any:
        """As the API wants it; None for a value that such a field cannot hold: it is left alone."""
        if self.type in ("Text", "URL", LINE):
            return cut_text(text, LONGEST_TEXT) if self.type == "Text" else cut_line(text, LONGEST_LINE)
        if self.type in NUMBERS:
            return number_of(text)
        if self.type == "Date":
            return _midnight(text)
        if self.type == "Checkbox":
            return YES.get(text.casefold())
        chosen = next((key for key, name in self.options.items() if name.casefold() == text.casefold()), None)
        return [chosen] if self.type == "MultiSelect" and chosen is not None else chosen

    def text_of(self, value: Any) -> str:
        """As we know it; empty for what is not set."""
        if value is None:
            return ""
        if self.type == "Date" and (day := moment_of(value)):
            return day.date().isoformat()
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return "; ".join(self.options.get(one, str(one)) for one in value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return self.options.get(value, str(value)) if isinstance(value, int) else str(value)


class Account:
    def __init__(self, options: CopperOptions, client: Client, clock: Clock) -> None:
        self._options, self._client = options, client
        self._fields = Fresh(self._read_fields, clock)
        self._statuses = Fresh(lambda: self._named("/lead_statuses", "list of lead statuses"), clock)
        self._sources = Fresh(lambda: self._named("/customer_sources", "list of sources"), clock)
        self.people = Directory(self._users, clock)

    def fields(self) -> Mapping[str, CustomField]:
        """By name."""
        return self._fields.value()

    def field(self, name: str, kind: str) -> CustomField | None:
        """None too where records of this kind do not have it."""
        found = self.fields().get(name) if name else None
        return found if found and kind in found.on else None

    def key(self, kind: str) -> CustomField | None:
        return self.field(self._options.key_field, kind)

    def statuses(self) -> Mapping[str, int]:
        return self._statuses.value()

    def first_status(self) -> str:
        """Of leads that are made without one."""
        return next(iter(self.statuses()), "")

    def sources(self) -> Mapping[str, int]:
        return self._sources.value()

    def has_left(self, owner: OwnerRef | None) -> bool:
        """Asked when something was refused, for Copper may not say what it was."""
        self.people.forget()
        return owner is not None and not self.people.by_id(owner.id).active

    def forget(self) -> None:
        for each in (self._fields, self._statuses, self._sources, self.people):
            each.forget()

    def _read_fields(self) -> Mapping[str, CustomField]:
        rows = self._client.listed("/custom_field_definitions", what="list of custom fields")
        if any(not isinstance(row.get("id"), int) or not isinstance(row.get("name"), str) for row in rows):
            raise Retryable("copper: list of custom fields names no fields")
        return {row["name"]: _field(row) for row in reversed(rows)}

    def _named(self, path: str, what: str) -> Mapping[str, int]:
        rows = self._client.listed(path, what=what)
        return {str(row.get("name")): row["id"] for row in rows if isinstance(row.get("id"), int)}

    def _users(self) -> Iterator[OwnerRef]:
        """Copper lists those alone who are still there."""
        for rows in self._client.pages("users", {}, what="list of users"):
            for row in rows:
                if isinstance(row.get("id"), int):
                    yield OwnerRef(str(row["id"]), str(row.get("email") or "").lower(), str(row.get("name") or ""))


def _field(row: Row) -> CustomField:
    on, options = row.get("available_on"), objects_in(row.get("options") or [])
    named = {one["id"]: str(one.get("name")) for one in options if isinstance(one.get("id"), int)}
    kinds = frozenset(str(kind) for kind in on) if isinstance(on, list) else frozenset[str]()
    return CustomField(row["id"], str(row.get("data_type")), kinds, row.get("is_filterable") is not False, named)


def _midnight(text: str) -> int | None:
    day = day_of(text)
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) if day else None
