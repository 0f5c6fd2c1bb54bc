"""What a posted body says: JSON or the fields of a form, as one value with names in it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from python_multipart.multipart import parse_options_header

from syncd.errors import Rejected, UnsupportedBody
from syncd.wire.forms import LIMITS, FormLimits, form_fields, page_codec, without_uploads
from syncd.wire.strict_json import json_value
from syncd.wire.web import WebRequest

JSON_TYPE = "application/json"
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
ANY_METHOD = ("GET", "PUT", "PATCH", "DELETE")
"""Beside POST, for programs whose owners choose one; see `in_the_body`."""

Read = tuple[Any, WebRequest]
"""What the body says, and the request as it is kept: without the bytes of uploads."""


def read_json(request: WebRequest) -> Read:
    """Raises UnsupportedBody for another media type, and what `json_value` raises."""
    if not is_json(request):
        raise UnsupportedBody("the body is not JSON")
    return json_value(in_utf8_bytes(request)), request


def in_utf8_bytes(request: WebRequest) -> bytes:
    """The body. JSON is UTF-8 (RFC 8259); an old site may write another charset all the same, and says which."""
    kind = request.header("content-type").lower()
    if "charset" not in kind or "utf-8" in kind:
        return request.body
    _, parameters = parse_options_header(kind.encode("latin-1", "replace"))
    charset = page_codec(parameters.get(b"charset", b""))
    if charset in ("", "utf-8"):
        return request.body
    try:
        request.body.decode("utf-8")
    except UnicodeDecodeError:
        return request.body.decode(charset, "replace").encode()
    return request.body


def read_form(request: WebRequest, limits: FormLimits = LIMITS) -> Read:
    """An object: name -> text, or texts where a name came several times. Raises what `form_fields` raises."""
    header = request.header("content-type")
    fields = form_fields(request.body, header, limits)
    body, kept_as = without_uploads(request.body, header, fields)
    given = {field.name: field.value for field in fields}
    return given, replace(request, body=body, headers={**request.headers, "content-type": kept_as})


def in_the_body(request: WebRequest) -> WebRequest:
    """The fields of a GET, or of a DELETE, stand in its address where it has no body: as a form that was posted.

    Raises Rejected where there are none: somebody has only looked.
    """
    if request.method not in ("GET", "DELETE") or request.body:
        return request
    fields = {name: value for name, value in request.query.items() if name != "token"}
    if not fields:
        raise Rejected("there are no fields in the address")
    headers = {**request.headers, "content-type": FORM_TYPES[0]}
    return replace(request, method="POST", headers=headers, query={}, body=urlencode(fields).encode())


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
    return {name: _with_lists(value) for name, value in found.items()}


def _with_lists(value: Any) -> Any:
    """PHP numbers the values of a list: needs[0], needs[1]."""
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(one) for name, one in value.items()}
    texts = [inner.get(str(number)) for number in range(len(inner))]
    return texts if texts and all(isinstance(one, str) for one in texts) else inner
