"""What CF7 to Webhook sends: JSON, a body of somebody's own, or fields in the address.

https://wordpress.org/plugins/cf7-to-zapier/ and its source, modules/zapier/class-module-zapier.php.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from syncd.connector import (
    FORM_TYPES,
    JSON_TYPE,
    Read,
    Rejected,
    TooLarge,
    UnsupportedBody,
    WebRequest,
    in_utf8_bytes,
    is_json,
    json_value,
    nested,
    read_form,
    read_json,
    text_at,
)

LARGEST = 16 * 2**20
"""Ten megabytes of files, which come as base64 within the JSON."""
MOST_TEXT = 2**20
MOST_NAMES = 200
_FILE = re.compile(rb'("filename"\s*:\s*"(?:[^"\\]|\\.)*+"\s*,\s*"content"\s*:\s*)"[A-Za-z0-9+/=\\]*+"')
_NAME = re.compile(r'[{,]\s*"([^"\\\r\n]{1,80})"\s*:\s*')


def read_cf7(request: WebRequest) -> Read:
    """Without the bytes of files. A body of somebody's own that came out as no JSON comes as text/plain."""
    if request.content_type in FORM_TYPES:
        fields, request = read_form(request)
        return _without_files(nested(fields)), request
    if request.content_type != "text/plain" and not is_json(request):
        raise UnsupportedBody("neither JSON nor form fields nor text")
    request = replace(request, body=_FILE.sub(rb'\1""', request.body))
    if len(request.body) > MOST_TEXT:
        raise TooLarge(f"more than {MOST_TEXT} bytes beside the files")
    return _without_files(_json_or_nearly(request)), request


def _json_or_nearly(request: WebRequest) -> Any:
    kind = request.header("content-type").lower().replace("text/plain", JSON_TYPE)
    try:
        return read_json(replace(request, headers={**request.headers, "content-type": kind}))[0]
    except Rejected as error:
        found = (
            unescaped(in_utf8_bytes(request).decode("utf-8", "replace")) if request.content_type == "text/plain" else {}
        )
        if isinstance(error, TooLarge) or not found:
            raise
        return found


def unescaped(text: str) -> Mapping[str, Any]:
    """Names and values of an object into which texts were put as people wrote them, with their quotes and line ends.

    What looks like the next name ends a value. In time that grows with the text alone; nothing beyond MOST_NAMES.
    """
    names = list(islice(_NAME.finditer(text), MOST_NAMES + 1))
    if not 0 < len(names) <= MOST_NAMES:
        return {}
    ends = [name.start() for name in names[1:]] + [len(text)]
    found = {name[1]: _value(text[name.end() : end]) for name, end in zip(names, ends, strict=True)}
    return {name: value for name, value in found.items() if value is not None}


def _value(text: str) -> Any:
    """None for the beginning of an object that has names of its own."""
    bare = text.strip().rstrip("} \t\r\n")
    try:
        return json_value(bare.encode())
    except Rejected:
        return bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] == '"' else bare.strip('"[{ ') or None


def _without_files(value: Any) -> Any:
    """Of a file its name."""
    if isinstance(value, list):
        return [_without_files(one) for one in value]
    if isinstance(value, dict):
        if "content" in value and "filename" in value:
            return text_at(value, "filename")
        return {name: _without_files(one) for name, one in value.items()}
    return value
