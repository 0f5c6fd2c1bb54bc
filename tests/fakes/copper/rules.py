"""What bodies must look like; anything else is refused as Copper does. https://developer.copper.com"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from syncd.testing import Answer, Call, Refusal

Body = dict[str, Any]
Check = Callable[[Any], bool]
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
NUMBER = (int, float)
TAKES: dict[str, Any] = {"String": str, "Text": str, "URL": str, "Checkbox": bool, "Float": NUMBER, "Currency": NUMBER,
                         "Percentage": NUMBER, "Date": int}  # fmt: skip


def invalid(name: str, why: str = "is invalid") -> Refusal:
    message = f"Invalid input: Validation errors: {name}: {why}"
    return Refusal(Answer(422, {"success": False, "status": 422, "message": message}))


def missing() -> Refusal:
    return Refusal(Answer(404, {"success": False, "status": 404, "message": "Resource not found"}))


def read_body(call: Call, allowed: Mapping[str, Check], needed: tuple[str, ...] = ()) -> Body:
    """A JSON object with these attributes alone, each as it should be; null takes a value away."""
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(Answer(400, {"success": False, "status": 400, "message": "Invalid content type"}))
    body = call.json()
    if not isinstance(body, dict):
        raise invalid("Base", "Invalid request")
    check(body, allowed, needed)
    return body


def check(body: Body, allowed: Mapping[str, Check], needed: tuple[str, ...] = ()) -> None:
    if strange := body.keys() - allowed.keys():
        raise invalid("Base", f"Unrecognized attributes specified: {', '.join(sorted(strange))}")
    for name, value in body.items():
        if value is not None and not allowed[name](value):
            raise invalid(name.replace("_", " ").capitalize())
    for name in needed:
        if body.get(name) in (None, ""):
            raise invalid(name.capitalize(), "can't be blank")


def line(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 255


def text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 65_000


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def seconds(value: Any) -> bool:
    return whole(value) and 10**8 < value < 10**11


def wholes(value: Any) -> bool:
    return isinstance(value, list) and all(map(whole, value))


def lines(value: Any) -> bool:
    return isinstance(value, list) and all(map(line, value))


def email(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() <= {"email", "category"} and _address(value.get("email"))


def emails(value: Any) -> bool:
    return isinstance(value, list) and all(map(email, value))


def phones(value: Any) -> bool:
    return _entries(value, "number")


def websites(value: Any) -> bool:
    return _entries(value, "url")


def address(value: Any) -> bool:
    parts = {"street", "city", "state", "postal_code", "country"}
    return isinstance(value, dict) and value.keys() <= parts and all(one is None or line(one) for one in value.values())


def resource(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"id", "type"} and whole(value["id"]) and line(value["type"])


def customs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and one.keys() == {"custom_field_definition_id", "value"} for one in value
    )


def fits(definition: Mapping[str, Any], value: Any) -> bool:
    if value is None:
        return True
    kind, options = definition["data_type"], {option["id"] for option in definition.get("options", [])}
    if kind == "Dropdown":
        return value in options
    if kind == "MultiSelect":
        return isinstance(value, list) and set(value) <= options
    if kind not in TAKES or (isinstance(value, bool) and kind != "Checkbox"):
        return False
    return isinstance(value, TAKES[kind]) and (kind != "String" or line(value))


def _address(value: Any) -> bool:
    return isinstance(value, str) and bool(_EMAIL.fullmatch(value))


def _named(value: Any) -> bool:
    return line(value) and value != ""


def _entries(value: Any, name: str) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and one.keys() <= {name, "category"} and _named(one.get(name)) for one in value
    )
