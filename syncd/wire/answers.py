"""Reading what a service answers: whether it was the service at all, and words that are safe to repeat.

A vendor's own sentences quote the values they complain about; codes and names of fields do not.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from syncd.errors import Ambiguous, Retryable
from syncd.http_client import HttpReply

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,79}")


def json_object(reply: HttpReply) -> Mapping[str, Any] | None:
    """The body, or None when it is not a JSON object: then it is not the service that answered."""
    if not reply.body:
        return {} if reply.status == 204 else None
    body = json_in(reply)
    return body if isinstance(body, dict) else None


def json_in(reply: HttpReply) -> Any:
    """The body; None for what is no JSON."""
    try:
        return reply.json()
    except (Ambiguous, Retryable):
        return None


def code_of(value: object) -> str:
    """A code or a name of a field; empty for anything that may be a value."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order, without empty ones."""
    return tuple(dict.fromkeys(name for name in names if name))


def objects_in(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; none where it is not a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
