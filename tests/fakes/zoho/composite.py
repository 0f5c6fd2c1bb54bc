"""Up to five calls in one.

https://www.zoho.com/crm/developer/docs/api/v8/composite-api.html - each answered by itself, none with its own login

Only queries are allowed here: whether others are, nobody of ours has to know.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from syncd.testing import Answer, Call, Refusal
from tests.fakes.zoho.errors import refused

PATH, SCOPE = "/__composite_requests", "ZohoCRM.composite_requests.CUSTOM"
MOST = 5
_KEYS = {"rollback_on_fail", "concurrent_execution", "__composite_requests"}
_PART = {"sub_request_id", "method", "uri", "headers", "params", "body"}
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_]*")


def parts_of(call: Call) -> list[Call]:
    """The calls that one holds. Raises Refusal."""
    body = call.json()
    listed = body.get("__composite_requests") if isinstance(body, dict) and body.keys() <= _KEYS else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        raise refused(400, "INVALID_DATA", api_name="__composite_requests", maximum_length=MOST)
    return [_part(part) for part in listed]


def answered(parts: list[Call], answer: Callable[[Call], Answer]) -> Answer:
    told = list(_each(parts, answer))
    status = 200 if all(part["details"]["response"]["status_code"] // 100 == 2 for part in told) else 207
    return Answer(status, {"__composite_requests": told})


def _part(part: Any) -> Call:
    if not isinstance(part, dict) or not {"method", "uri"} <= part.keys() <= _PART or part.get("params"):
        raise refused(400, "INVALID_DATA", api_name="__composite_requests")
    if not _NAME.fullmatch(str(part.get("sub_request_id", "a"))):
        raise refused(400, "INVALID_DATA", api_name="sub_request_id")
    if {name.lower() for name in part.get("headers", {})} & {"authorization", "x-crm-org"}:
        raise refused(400, "INVALID_DATA", api_name="headers", restricted_headers=["authorization", "x-crm-org"])
    return Call(part["method"], part["uri"], {}, orjson.dumps(part.get("body")))


def _each(parts: list[Call], answer: Callable[[Call], Answer]) -> Iterator[dict[str, Any]]:
    for part in parts:
        try:
            given = answer(part)
        except Refusal as refusal:
            given = refusal.answer
        response = {"headers": {}, "body": given.body, "status_code": given.status}
        yield {"code": "SUCCESS", "message": "done", "status": "success", "details": {"response": response}}
