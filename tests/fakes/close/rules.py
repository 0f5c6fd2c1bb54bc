"""What bodies and questions must look like; anything else is refused as Close does.

https://developer.close.com/api
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from syncd.testing import Answer, Call, Refusal

Body = dict[str, Any]
Check = Callable[[Any], bool]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def invalid(name: str, why: str = "This field is not valid.") -> Refusal:
    return Refusal(Answer(400, {"errors": [], "field-errors": {name: why}}))


def bad(why: str) -> Refusal:
    return Refusal(Answer(400, {"errors": [why], "field-errors": {}}))


def missing(what: str) -> Refusal:
    return Refusal(Answer(404, {"error": f"{what} not found."}))


def read_body(call: Call, allowed: Mapping[str, Check], needed: tuple[str, ...] = ()) -> Body:
    """A JSON object with these keys alone, custom ones beside them, each as it should be."""
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(Answer(415, {"error": "Unsupported media type."}))
    body = call.json()
    if not isinstance(body, dict):
        raise bad("The body is no object.")
    check(body, allowed, needed)
    return body


def check(body: Body, allowed: Mapping[str, Check], needed: tuple[str, ...] = ()) -> None:
    for name, value in body.items():
        if name.startswith("custom.") and "custom" in allowed:
            continue
        if name not in allowed:
            raise invalid(name, "Unknown field.")
        if not allowed[name](value):
            raise invalid(name)
    for name in needed:
        if name not in body:
            raise invalid(name, "This field is required.")


def read_query(call: Call, allowed: set[str], most: int = 200) -> dict[str, str]:
    if strange := call.query.keys() - allowed - {"_limit", "_skip"}:
        raise invalid(min(strange), "Unknown parameter.")
    asked = {name: values[-1] for name, values in call.query.items()}
    limit, skip = asked.get("_limit", "50"), asked.get("_skip", "0")
    if not limit.isdecimal() or not 1 <= int(limit) <= most:
        raise invalid("_limit")
    if not skip.isdecimal():
        raise invalid("_skip")
    return asked


def line(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255


def text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 40_000


def truth(value: Any) -> bool:
    return isinstance(value, bool)


def moment(value: Any) -> bool:
    """A day, or a date and time that names its zone."""
    try:
        return isinstance(value, str) and (
            date.fromisoformat(value).isoformat() == value
            if len(value) == len("2026-01-01")
            else datetime.fromisoformat(value).tzinfo is not None
        )
    except ValueError:
        return False


def emails(value: Any) -> bool:
    return _entries(value, "email") and all(_EMAIL.fullmatch(row["email"]) for row in value)


def phones(value: Any) -> bool:
    return _entries(value, "phone")


def _entries(value: Any, name: str) -> bool:
    rows = value if isinstance(value, list) else [None]
    kinds = ("office", "home", "mobile", "direct", "fax", "url", "other")
    good = all(
        isinstance(row, dict)
        and row.keys() <= {name, "type"}
        and isinstance(row.get(name), str)
        and row[name].strip()
        and row.get("type", "office") in kinds
        for row in rows
    )
    return good and len({row[name].casefold() for row in rows}) == len(rows)


def fits(field: Mapping[str, Any], value: Any, users: Mapping[str, Any]) -> bool:
    """Whether a custom field holds the value."""
    if field.get("accepts_multiple_values"):
        one = {**field, "accepts_multiple_values": False}
        return isinstance(value, list) and all(fits(one, each, users) for each in value)
    kind = field["type"]
    if kind in ("text", "textarea"):
        return text(value) and (kind == "textarea" or "\n" not in value)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "choices":
        return value in field["choices"]
    if kind == "user":
        return value in users
    return kind == "date" and moment(value) and len(value) == len("2026-01-01")
