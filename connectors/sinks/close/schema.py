"""Which custom fields there are: a person knows them by name, the API by an id.

https://developer.close.com/api/resources/custom-fields - a value stands at `custom.<id>` of its object.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors.sinks.close.client import API, Client, Row
from syncd.connector import Clock, FieldState, Fresh, cut_line, cut_text, day_of, number_of

LINE, TEXT = 1_000, 30_000  # characters; Close names no limit
Kind = Literal["contact", "lead"]


@dataclass(frozen=True, slots=True)
class CustomField:
    code: str  # "custom.cf_..."
    type: str
    choices: tuple[str, ...] = ()
    several: bool = False

    def value_of(self, text: str) -> Any:
        """As the API wants it; None for a value that such a field cannot hold: it is left alone."""
        made = self._one(text)
        return [made] if self.several and made is not None else made

    def state(self, *, ours: bool) -> FieldState:
        """Close demands fields of its custom objects and activities, not of leads and contacts."""
        several = " with several values" if self.several else ""
        return FieldState(f"{self.type}{several}", ours=ours, choices=tuple(sorted(self.choices)) if ours else ())

    def _one(self, text: str) -> Any:
        if self.type == "text":
            return cut_line(text, LINE)
        if self.type == "textarea":
            return cut_text(text, TEXT)
        if self.type == "number":
            return number_of(text)
        if self.type == "date":
            return day_of(text)
        if self.type == "choices":
            return next((choice for choice in self.choices if choice.casefold() == text.casefold()), None)
        return None


class Schema:
    """The custom fields of one kind of object."""

    def __init__(self, client: Client, clock: Clock, kind: Kind) -> None:
        self.kind = kind
        self._client = client
        self._fields = Fresh(self._read, clock)

    def field(self, name: str) -> CustomField | None:
        return self._fields.value().get(name) if name else None

    def code(self, name: str) -> str:
        """Empty where there is no such field."""
        found = self.field(name)
        return found.code if found else ""

    def described(self, ours: Collection[str]) -> dict[str, FieldState]:
        return {f"{self.kind} field {n}": each.state(ours=n in ours) for n, each in self._fields.value().items()}

    def forget(self) -> None:
        self._fields.forget()

    def _read(self) -> Mapping[str, CustomField]:
        pages = self._client.pages(f"{API}/custom_field/{self.kind}/", what=f"list of {self.kind} fields")
        rows = [row for page in pages for row in page if row.get("id")]
        return {str(row.get("name")): _field(row) for row in reversed(rows)}


def _field(row: Row) -> CustomField:
    listed = row.get("choices")
    choices = tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()
    several = row.get("accepts_multiple_values") is True
    return CustomField(f"custom.{row['id']}", str(row.get("type")), choices, several)
