"""What a column takes. https://learn.microsoft.com/power-apps/developer/data-platform/entity-attribute-metadata"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.fakes.dynamics.errors import BAD_VALUE, NO_CHOICE, TOO_LONG, refused
from tests.fakes.dynamics.tables import Column

BIG = 2**31
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_KINDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("String", "Memo", "DateTime", "Uniqueidentifier"), (str,)),
    **dict.fromkeys(("Integer", "Picklist", "State", "Status"), (int,)),
    "Boolean": (bool,),
    "Money": (int, float),
}


def checked(column: Column, value: Any) -> Any:
    """The value as it is kept."""
    if value is None:
        return None
    if type(value) not in _KINDS.get(column.type, ()):
        raise _wrong(column, value)
    if column.length and len(value.encode("utf-16-le")) // 2 > column.length:
        message = f"The length of the '{column.name}' attribute exceeded the maximum allowed length"
        raise refused(400, TOO_LONG, f"A validation error occurred. {message} of '{column.length}'.")
    if column.choices and value not in column.choices:
        raise refused(400, NO_CHOICE, f"The value {value} of '{column.name}' is outside the valid range.")
    if column.type == "Integer" and abs(value) >= BIG:
        raise _wrong(column, value)
    if column.type == "DateTime":
        if not _MOMENT.fullmatch(value):
            raise _wrong(column, value)
        return datetime.fromisoformat(value).astimezone(UTC)
    return _guid(column, value) if column.type == "Uniqueidentifier" else value


def _guid(column: Column, value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise _wrong(column, value) from None


def _wrong(column: Column, value: Any) -> Exception:
    message = f"Error identified in Payload: cannot convert the literal '{value}' for {column.name}"
    return refused(400, BAD_VALUE, message)
