"""What values must look like; anything else is refused as Odoo does: the name of an exception, and a message."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from syncd.testing import Answer, Refusal


def refused(status: int, name: str, message: str) -> Refusal:
    return Refusal(
        Answer(status, {"name": name, "message": message, "arguments": [message], "context": {}, "debug": ""})
    )


def invalid(message: str) -> Refusal:
    return refused(422, "odoo.exceptions.UserError", message)


def missing(model: str) -> Refusal:
    return refused(404, "odoo.exceptions.MissingError", f"Record does not exist or has been deleted: {model}")


def fits(kind: str, value: Any) -> bool:
    """What is empty is `false`."""
    if value is False:
        return True
    if kind in ("char", "text", "html", "selection"):
        return isinstance(value, str) and "\0" not in value
    if kind in ("integer", "many2one"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "float":
        return isinstance(value, int | float)
    return kind == "date" and _is_day(value)


def checked(model: str, values: Any, fields: Mapping[str, str], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise invalid("values are an object")
    for name, value in values.items():
        if name not in fields:
            raise invalid(f"Invalid field {name!r} in {model!r}")
        if not fits(fields[name], value):
            raise invalid(f"Wrong value for {model}.{name}: {value!r}")
    for name in needed:
        if not values.get(name):
            raise refused(422, "odoo.exceptions.ValidationError", f"Missing required value for {name}")
    return values


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
