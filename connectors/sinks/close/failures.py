"""What Close's refusals mean. https://developer.close.com/api/overview/http-response-codes

`{"errors": [...], "field-errors": {name: sentence}}` or `{"error": sentence}`: sentences may quote values, so only the
names of fields are told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.connector import Refusal, code_of, distinct

WORDS = frozenset({"error", "errors", "field-errors"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What Close has against one call."""

    status: int
    fields: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        return self.status in (404, 410)

    def refusal(self, what: str, *, owner: str = "") -> Refusal:
        """`owner`: the field that names whose it is."""
        return Refusal(f"close: {what} refused: {self}", self.fields, owner=bool(owner) and owner in self.fields)

    def __str__(self) -> str:
        on = f" on {', '.join(self.fields)}" if self.fields else ""
        return f"status {self.status}{on}"


def is_from_close(status: int, body: Mapping[str, Any] | None) -> bool:
    return body is not None and (status // 100 == 2 or not WORDS.isdisjoint(body))


def read_fault(status: int, body: Mapping[str, Any]) -> Fault:
    named = body.get("field-errors")
    return Fault(status, _names(named) if isinstance(named, dict) else ())


def _names(named: Mapping[str, Any]) -> tuple[str, ...]:
    """Of nested ones, as `contacts: {0: {emails: ...}}`, the innermost that is a name of a field."""
    found: list[str] = []
    for name, value in named.items():
        inner = _inside(value)
        found += inner or [code_of(name)]
    return distinct(found)


def _inside(value: object) -> list[str]:
    if isinstance(value, dict):
        return list(_names(value))
    return [name for one in value for name in _inside(one)] if isinstance(value, list) else []
