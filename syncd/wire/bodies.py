"""What a posted body says: JSON or the fields of a form, as one value with names in it."""

from dataclasses import replace
from typing import Any

from syncd.errors import UnsupportedBody
from syncd.wire.forms import form_fields, without_uploads
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


def read_form(request: WebRequest) -> Read:
    """An object: name -> text, or texts where a name came several times. Raises what `form_fields` raises."""
    header = request.header("content-type")
    fields = form_fields(request.body, header)
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
