"""Texts of ours as values of Zoho's types, and back.

https://www.zoho.com/crm/developer/docs/api/v8/insert-records.html#sample_attributes
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sinks.zoho.schema import FieldInfo
from syncd.connector import cut_text, moment_of, text_of

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


def value_for(field: FieldInfo, text: str) -> Any:
    """None where the field cannot hold the text."""
    translate = _TYPES.get(field.type)
    return translate(text) if translate else _line(field, text)


def text_from(value: Any) -> str:
    """A lookup reads as its name, several choices are joined by a semicolon."""
    if isinstance(value, dict):
        value = value.get("name")
    text = text_of(value)
    return text if isinstance(text, str) else ";".join(text)


def instant(moment: datetime) -> str:
    """With an offset and without fractions, as Zoho wants it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _line(field: FieldInfo, text: str) -> str | None:
    if field.length is None or len(text) <= field.length:
        return text
    return None if field.type in ("email", "phone", "website", "picklist") else cut_text(text, field.length)


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _moment(text: str) -> str | None:
    moment = moment_of(text)
    return instant(moment) if moment else None


def _day(text: str) -> str | None:
    moment = moment_of(text)
    return moment.date().isoformat() if moment else None


def _choice(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _nothing(_: str) -> None:
    """Of what points to other records only a person knows which."""


_TYPES: Mapping[str, Callable[[str], Any]] = {
    "integer": _whole,
    "bigint": _whole,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "boolean": lambda text: _WORDS.get(text.strip().lower()),
    "datetime": _moment,
    "date": _day,
    "multiselectpicklist": _choice,
    "lookup": _nothing,
    "ownerlookup": _nothing,
    "formula": _nothing,
    "autonumber": _nothing,
    "fileupload": _nothing,
    "imageupload": _nothing,
    "subform": _nothing,
}
