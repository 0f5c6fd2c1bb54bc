"""Which custom fields the account has: a person knows them by name, the API by a code of 40 characters.

https://developers.pipedrive.com/docs/api/v1/PersonFields
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors.sinks.pipedrive.client import V2, Client, Row
from syncd.connector import Clock, FieldState, Fresh, cut_line, cut_text, day_of, number_of, object_in, objects_in

LINE, TEXT = 255, 65_000  # characters
Kind = Literal["personFields", "dealFields"]


@dataclass(frozen=True, slots=True)
class CustomField:
    code: str
    type: str
    options: Mapping[str, int]  # label in lower case -> id, of enum and set

    def value_of(self, text: str) -> Any:
        """As the API wants it; None for a value that such a field cannot hold: it is left alone."""
        if self.type in ("varchar", "varchar_auto"):
            return cut_line(text, LINE)
        if self.type == "text":
            return cut_text(text, TEXT)
        if self.type == "double":
            return number_of(text)
        if self.type == "date":
            return day_of(text)
        if self.type == "enum":
            return self.options.get(text.casefold())
        return None


class Schema:
    """The custom fields of one kind."""

    def __init__(self, client: Client, clock: Clock, kind: Kind) -> None:
        self.kind = kind
        self._client = client
        self._fields = Fresh(self._read, clock)

    def field(self, name: str) -> CustomField | None:
        return self._fields.value().get(name) if name else None

    def code(self, name: str) -> str:
        """Empty where the account has no such field."""
        found = self.field(name)
        return found.code if found else ""

    def forget(self) -> None:
        self._fields.forget()

    def described(self, ours: Collection[str]) -> dict[str, FieldState]:
        """Pipedrive's own fields too. `ours`: names of custom fields."""
        told = {"include_fields": "required_fields"}
        return {
            f"{self.kind}: {row.get('field_name')}": _state(row, ours=row.get("field_name") in ours)
            for row in self._rows(told)
        }

    def _read(self) -> Mapping[str, CustomField]:
        rows = [row for row in self._rows({}) if row.get("is_custom_field")]
        return {str(row.get("field_name")): _field(row) for row in reversed(rows)}

    def _rows(self, params: Mapping[str, str]) -> Iterator[Row]:
        for page in self._client.pages(f"{V2}/{self.kind}", what=f"read of {self.kind}", params=params):
            yield from page


def _state(row: Row, *, ours: bool) -> FieldState:
    """Of an option its label counts: that is what leads bring."""
    labels = sorted(str(one.get("label", "")) for one in objects_in(row.get("options"))) if ours else []
    required = object_in(row, "required_fields").get("enabled") is True
    return FieldState(str(row.get("field_type")), ours=ours, required=required, choices=tuple(labels))


def _field(row: Row) -> CustomField:
    options = {str(one.get("label", "")).casefold(): one.get("id") for one in objects_in(row.get("options"))}
    return CustomField(
        str(row.get("field_code")),
        str(row.get("field_type")),
        {label: number for label, number in options.items() if isinstance(number, int)},
    )
