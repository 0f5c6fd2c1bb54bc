"""What bodies must look like; anything else is refused as Streak does. https://streak.readme.io/reference"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from syncd.testing import Answer, Call, Refusal

Body = dict[str, Any]
Check = Callable[[Any], bool]
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
LONGEST = 10_000
FIRST_MILLISECONDS = 10**11


def bad(why: str = "") -> Refusal:
    """Often there is no word of a reason."""
    return Refusal(Answer(400, {"success": False, "error": why} if why else b""))


def missing() -> Refusal:
    return Refusal(Answer(404, {"success": False, "error": "Not found"}))


def read_body(call: Call, allowed: Mapping[str, Check], needed: tuple[str, ...] = ()) -> Body:
    """A JSON object with these keys alone, each as it should be."""
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise bad("Missing parameters")
    body = call.json()
    if not isinstance(body, dict):
        raise bad()
    for name, value in body.items():
        if name not in allowed or not allowed[name](value):
            raise bad()
    if any(name not in body for name in needed):
        raise bad("Missing parameters")
    return body


def read_form(call: Call, allowed: frozenset[str]) -> dict[str, str]:
    """What is made by PUT is sent as a form."""
    if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise bad()
    form = {name: values[-1] for name, values in parse_qs(call.body.decode(), strict_parsing=True).items()}
    if form.keys() != allowed:
        raise bad()
    return form


def line(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 500


def text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def milliseconds(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= FIRST_MILLISECONDS


def emails(value: Any) -> bool:
    """Each once, and each an address."""
    good = isinstance(value, list) and all(isinstance(one, str) and _EMAIL.fullmatch(one) for one in value)
    return good and len({one.casefold() for one in value}) == len(value)


def people(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and one.keys() == {"email"} for one in value)


def contacts(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and {"key"} <= one.keys() <= {"key", "isStarred"} for one in value
    )


def packed(value: Any) -> bool:
    """An object as JSON in a text."""
    try:
        return isinstance(value, str) and isinstance(json.loads(value), dict)
    except ValueError:
        return False


def fits(field: Mapping[str, Any], value: Any) -> bool:
    kind = field["type"]
    if value == "":
        return True
    if kind == "TEXT_INPUT":
        return text(value)
    if kind == "DATE":
        return milliseconds(value)
    if kind == "CHECKBOX":
        return isinstance(value, bool)
    if kind == "DROPDOWN":
        return value in {item["key"] for item in field["dropdownSettings"]["items"]}
    keys = {tag["key"] for tag in field.get("tagSettings", {}).get("tags", [])}
    return kind == "TAG" and isinstance(value, list) and set(value) <= keys
