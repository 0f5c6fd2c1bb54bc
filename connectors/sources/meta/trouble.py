"""What Meta's error codes mean: it answers most of them with 400.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from datetime import timedelta
from typing import Any

from syncd.connector import AuthFailed, HttpReply, RateLimited, Refused, Retryable, text_at

_LOGIN = frozenset({"10", "102", "190", "200", "210", "294"})
_SLOW_DOWN = frozenset({"4", "17", "32", "341", "368", "613", "80005"})
_FOR_A_WHILE = frozenset({"1", "2"})
_NOT_THERE = "it is not there, or the token may not see it: see its rights, and the Leads Access Manager of the page"
PAUSE = timedelta(minutes=5)


def judge(reply: HttpReply, found: Any, named: str) -> None:
    code = text_at(found, "error.code")
    if reply.status // 100 == 2 or not code:
        return
    said = f"{named} answered {reply.status}, code {code}: {text_at(found, 'error.message')[:200]}"
    if code in _SLOW_DOWN:
        raise RateLimited(said, reply.retry_after or PAUSE)
    if code in _FOR_A_WHILE:
        raise Retryable(said, reply.retry_after)
    if code in _LOGIN:
        raise AuthFailed(said)
    if (code, text_at(found, "error.error_subcode")) == ("100", "33"):
        raise Refused(f"{said} - {_NOT_THERE}")
