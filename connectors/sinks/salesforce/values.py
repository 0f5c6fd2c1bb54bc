"""One value on its way into a field, or out of it.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from syncd.connector import cut_utf16, moment_of, utf16_units

Encoded = str | int | float | bool
_WHOLE = frozenset({"email", "phone", "url", "id", "reference"})  # half of one is another, or none
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,8})?")
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\\\"]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+")
_TRUE, _FALSE = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


def encode(value: str, kind: str, length: int, options: Sequence[str] = ()) -> Encoded | None:
    """As a field of this type takes it; None where it cannot be one, so that the field is left alone.

    A picklist that has values takes one of those alone: the API would add others to it.
    """
    if kind in ("picklist", "multipicklist"):
        return _listed(value, options) if options else cut_utf16(value, length)
    if kind == "email" and not _EMAIL.fullmatch(value):
        return None
    if kind in _WHOLE:
        return value if utf16_units(value) <= length else None
    if kind in ("int", "double", "currency", "percent", "long"):
        return _number(value, whole=kind in ("int", "long"))
    if kind == "boolean":
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    if kind in ("date", "datetime"):
        at = moment_of(value)
        return None if at is None else (at.date().isoformat() if kind == "date" else instant(at))
    return cut_utf16(value, length)


def decode(value: object) -> str:
    """As it stands in our fields: numbers without an empty fraction, times in UTC to the second."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    at = stamp_of(text)
    return f"{at.isoformat(timespec='seconds')[:19]}Z" if at else text


def stamp_of(value: object) -> datetime | None:
    """2026-11-25T10:00:00.000+0000, as Salesforce writes every time; None for anything else."""
    return moment_of(value) if isinstance(value, str) and _STAMP.fullmatch(value) else None


_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)")


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _listed(value: str, options: Sequence[str]) -> str | None:
    return next((each for each in options if each.casefold() == value.strip().casefold()), None)


def _number(text: str, *, whole: bool) -> int | float | None:
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    if number.is_integer():
        return int(number) if not whole or abs(number) < 2**31 else None
    return None if whole else number
