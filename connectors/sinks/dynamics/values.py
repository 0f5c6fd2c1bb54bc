"""One value on its way into a column, or out of it.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-entity-web-api
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from syncd.connector import cut_utf16, moment_of, number_of

Encoded = str | int | float | bool
TEXTS = frozenset({"String", "Memo"})
WHOLE = re.compile(r"emailaddress\d|websiteurl|telephone\d|mobilephone")  # half of one is another, or none
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


def encode(value: str, name: str, kind: str, length: int, choices: Mapping[int, str]) -> Encoded | None:
    """As a column of this type takes it; None where it cannot be one, so that the column is left alone."""
    if kind in TEXTS:
        short = cut_utf16(value, length)
        return None if short != value and WHOLE.fullmatch(name) else short
    if kind in ("Picklist", "State", "Status"):
        return choice_of(value, choices)
    if kind == "Boolean":
        word = value.strip().lower()
        return True if word in _YES else False if word in _NO else None
    if kind == "DateTime":
        at = moment_of(value)
        return instant(at) if at else None
    number = number_of(value)
    if kind == "Integer":
        return number if isinstance(number, int) and abs(number) < 2**31 else None
    return number if kind in ("Decimal", "Double", "Money") else None


def decode(value: object, choices: Mapping[int, str]) -> str:
    """As it stands in our fields: labels of choices, times in UTC to the second."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value in choices:
        return choices[value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    at = stamp_of(value)
    return f"{at.isoformat(timespec='seconds')[:19]}Z" if at else str(value)


def choice_of(text: str, choices: Mapping[int, str]) -> int | None:
    """By its label in any case, or by its number."""
    wanted = text.strip().casefold()
    found = (number for number, label in choices.items() if wanted in (label.casefold(), str(number)))
    return next(found, None)


def stamp_of(value: object) -> datetime | None:
    return moment_of(value) if isinstance(value, str) and _STAMP.fullmatch(value) else None


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def literal(text: str) -> str:
    """A text in a condition or a key, ready for an address."""
    return quote("'" + text.replace("'", "''") + "'", safe="")


def guid_of(value: object) -> str:
    """Empty for what is none."""
    text = value.lower() if isinstance(value, str) else ""
    return text if _GUID.fullmatch(text) else ""
