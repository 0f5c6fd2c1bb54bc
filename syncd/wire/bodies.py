"""What a posted body says: JSON or the fields of a form, as one value with names in it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from syncd.errors import Rejected, UnsupportedBody
from syncd.wire.forms import LIMITS, FormLimits, form_fields, without_uploads
from syncd.wire.strict_json import json_value
from syncd.wire.web import WebRequest

JSON_TYPE = "application/json"
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

Read = tuple[Any, WebRequest]
"""What the body says, and the request as it is kept: without the bytes of uploads."""


def read_json(request: WebRequest) -> Read:
    """Raises UnsupportedBody for another media type, and what `json_value` raises."""
    if not is_json(request):
        raise UnsupportedBody("the body is not JSON")
    return json_value(request.body), request


def read_form(request: WebRequest, limits: FormLimits = LIMITS) -> Read:
    """An object: name -> text, or texts where a name came several times. Raises what `form_fields` raises."""
    header = request.header("content-type")
    fields = form_fields(request.body, header, limits)
    body, kept_as = without_uploads(request.body, header, fields)
    given = {field.name: field.value for field in fields}
    return given, replace(request, body=body, headers={**request.headers, "content-type": kept_as})


def read_any(request: WebRequest) -> Read:
    if request.content_type in FORM_TYPES:
        return read_form(request)
    if is_json(request):
        return read_json(request)
    raise UnsupportedBody("neither JSON nor form fields")


def is_json(request: WebRequest) -> bool:
    return request.content_type == JSON_TYPE or request.content_type.endswith("+json")


def json_inside(value: Any) -> Any:
    """What the JSON in a text says; None where there is none."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return None
    try:
        return json_value(value.encode("utf-8", "replace"))
    except Rejected:
        return None


_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 8


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """An object of objects from the names of a form's fields: a[b][c]. What fits nowhere keeps its whole name."""
    found: dict[str, Any] = {}
    for name, value in flat.items():
        first, bracket, rest = name.partition("[")
        *above, last = [first, *_BRACKETS.findall(bracket + rest)][:_DEEPEST]
        place: Any = found
        for step in above:
            place = place.setdefault(step, {}) if isinstance(place, dict) else None
        if isinstance(place, dict) and last not in place:
            place[last] = value
        else:
            found[f"{name}[]"] = value
    return found
