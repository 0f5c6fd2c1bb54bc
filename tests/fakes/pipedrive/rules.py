"""What bodies and questions must look like; anything else is refused as Pipedrive does.

https://developers.pipedrive.com/docs/api/v1
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from syncd.testing import Answer, Call, Refusal

Body = dict[str, Any]
Check = Callable[[Any], bool]
UPDATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def refused(status: int, error: str, code: str = "", info: str = "") -> Refusal:
    body = {"success": False, "error": error, "error_info": info, "data": None, "additional_data": None}
    return Refusal(Answer(status, {**body, **({"code": code} if code else {})}))


def invalid(name: str, why: str = "is not valid") -> Refusal:
    return refused(400, f"Validation failed: {name}: {name} {why}", "ERR_SCHEMA_VALIDATION_FAILED")


def read_body(call: Call, allowed: Mapping[str, Check], needed: tuple[str, ...] = ()) -> Body:
    """A JSON object with these keys alone, each as it should be."""
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise refused(415, "Unsupported media type")
    body = call.json()
    if not isinstance(body, dict):
        raise invalid("body")
    for name, value in body.items():
        if name not in allowed:
            raise invalid(name, "is not allowed")
        if not allowed[name](value):
            raise invalid(name)
    for name in needed:
        if name not in body:
            raise invalid(name, "is required")
    return body


def read_query(call: Call, allowed: set[str]) -> dict[str, str]:
    if strange := call.query.keys() - allowed:
        raise invalid(min(strange), "is not allowed")
    asked = {name: values[-1] for name, values in call.query.items()}
    limit = asked.get("limit", "100")
    if not limit.isdecimal() or not 1 <= int(limit) <= 500:
        raise invalid("limit")
    if not UPDATED.fullmatch(asked.get("updated_since", "2026-01-01T00:00:00Z")):
        raise invalid("updated_since")
    if asked.get("sort_by", "id") not in ("id", "update_time", "add_time") or asked.get(
        "sort_direction", "asc"
    ) not in ("asc", "desc"):
        raise invalid("sort_by")
    return asked


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def line(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255


def text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 65_535


def truth(value: Any) -> bool:
    return isinstance(value, bool)


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def clock_time(value: Any) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def stamp(value: Any) -> bool:
    return isinstance(value, str) and _STAMP.fullmatch(value) is not None


def entries(value: Any) -> bool:
    """Addresses or numbers; the first that is called primary counts, and there may be one."""
    rows = value if isinstance(value, list) else [None]
    good = all(
        isinstance(row, dict)
        and row.keys() <= {"value", "primary", "label"}
        and isinstance(row.get("value"), str)
        and row["value"].strip()
        and isinstance(row.get("primary", False), bool)
        for row in rows
    )
    return good and sum(1 for row in rows if row.get("primary")) <= 1


def addresses(value: Any) -> bool:
    return entries(value) and all("@" in row["value"] for row in value)


def participants(value: Any) -> bool:
    rows = value if isinstance(value, list) else [None]
    return all(
        isinstance(row, dict) and row.keys() <= {"person_id", "primary"} and whole(row.get("person_id")) for row in rows
    )


def fits(kind: str, value: Any) -> bool:
    """Whether a custom field of this type holds the value."""
    if kind in ("varchar", "varchar_auto"):
        return isinstance(value, str) and len(value) <= 255
    if kind == "text":
        return text(value)
    if kind == "double":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "enum":
        return whole(value)
    return kind == "date" and day(value)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
