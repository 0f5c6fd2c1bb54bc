"""Several queries in one call.

https://www.zoho.com/crm/developer/docs/api/v8/composite-api.html - up to five requests, each judged on its own
"""

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.connector import object_in, objects_in

PATH = "/__composite_requests"
SCOPE = "ZohoCRM.composite_requests.CUSTOM"
MOST = 5
_PARTS = "__composite_requests"


def composite_of(uri: str, selects: Sequence[str]) -> dict[str, Any]:
    parts = [
        {
            "sub_request_id": f"query{at}",
            "method": "POST",
            "uri": uri,
            "headers": {},
            "params": {},
            "body": {"select_query": select},
        }
        for at, select in enumerate(selects)
    ]
    return {"rollback_on_fail": False, "concurrent_execution": False, _PARTS: parts}


def rows_in(body: Mapping[str, Any], count: int) -> list[list[Mapping[str, Any]]] | None:
    """The rows of each query, in order; None unless every one was answered."""
    answers = [object_in(object_in(part, "details"), "response") for part in objects_in(body.get(_PARTS))]
    told = [object_in(answer, "body").get("data") for answer in answers]
    good = all(
        answer.get("status_code") == 204 or (answer.get("status_code") == 200 and isinstance(rows, list))
        for answer, rows in zip(answers, told, strict=True)
    )
    return [objects_in(rows or []) for rows in told] if good and len(told) == count else None
