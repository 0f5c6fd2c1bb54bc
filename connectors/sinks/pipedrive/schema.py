"""Which custom fields the account has: a person knows them by name, the API by a code of 40 characters.

https://developers.pipedrive.com/docs/api/v1/PersonFields
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors.sinks.pipedrive.client import V2, Client, Row
from syncd.connector import Clock, Fresh, cut_line, cut_text, day_of, number_of, objects_in

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

    def _read(self) -> Mapping[str, CustomField]:
        pages = self._client.pages(f"{V2}/{self.kind}", what=f"read of {self.kind}", params={})
        rows = [row for page in pages for row in page if row.get("is_custom_field")]
        return {str(row.get("field_name")): _field(row) for row in reversed(rows)}


def _field(row: Row) -> CustomField:
    options = {str(one.get("label", "")).casefold(): one.get("id") for one in objects_in(row.get("options"))}
    return CustomField(
        str(row.get("field_code")),
        str(row.get("field_type")),
        {label: number for label, number in options.items() if isinstance(number, int)},
    )
