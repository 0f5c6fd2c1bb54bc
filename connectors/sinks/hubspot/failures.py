"""What HubSpot's refusals mean, in one place.

https://developers.hubspot.com/docs/api-reference/error-handling

The vendor's own sentences quote the values they complain about, so our messages are built from codes
and names of properties alone.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sinks.hubspot.wire import OWNER
from syncd.connector import (
    Ambiguous,
    AuthFailed,
    RateLimited,
    Refusal,
    Retryable,
    Trouble,
    code_of,
    distinct,
    objects_in,
)

BY_STATUS: Mapping[int, Trouble] = {
    401: AuthFailed,
    403: AuthFailed,
    408: Retryable,
    423: Retryable,  # locked: a burst on one record
    425: Retryable,
    429: RateLimited,
    477: Retryable,  # the account is being moved between data centres; carries Retry-After
}
BY_CATEGORY: Mapping[str, Trouble] = {
    "EXPIRED_AUTHENTICATION": AuthFailed,
    "INVALID_AUTHENTICATION": AuthFailed,
    "MISSING_SCOPES": AuthFailed,
    "RATE_LIMITS": RateLimited,
}
JUDGED = frozenset({400, 409, 413, 414, 422})

_EXISTING = re.compile(r"Existing ID: (\d+)|(\d+) already has that value")
_CLASHING = re.compile(r"propertyName=(\w+)")
_INNER = re.compile(r"\[\{.*\}\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """What HubSpot has against one input, or against a whole call."""

    status: int
    category: str = ""
    codes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()  # that the codes are about
    existing: str = ""  # the record that holds a value which must be unique
    traces: frozenset[str] = frozenset()  # inputs named by their objectWriteTraceId
    ids: frozenset[str] = frozenset()  # inputs named by their id
    said: str = field(default="", repr=False)  # to recognise inputs by; may quote values, so never shown

    @property
    def conflict(self) -> bool:
        return self.status == 409 or self.category == "CONFLICT" or bool(self.existing)

    @property
    def gone(self) -> bool:
        return self.status == 404 or self.category == "OBJECT_NOT_FOUND"

    @property
    def no_such_property(self) -> bool:
        return "PROPERTY_DOESNT_EXIST" in self.codes

    def refusal(self, what: str) -> Refusal:
        return Refusal(f"{what} refused: {self}", self.properties, owner=OWNER in self.properties)

    def __str__(self) -> str:
        codes = ", ".join((self.category or f"status {self.status}", *self.codes))
        return f"{codes} on {', '.join(self.properties)}" if self.properties else codes


def trouble_of(status: int, body: Mapping[str, Any] | None, *, writes: bool) -> Trouble | None:
    """What an answer means for the whole call; None when HubSpot took it or judged what was sent."""
    doubt: Trouble = Ambiguous if writes else Retryable
    if status // 100 == 2:
        return doubt if body is None else None
    known = BY_CATEGORY.get(str((body or {}).get("category", ""))) or BY_STATUS.get(status)
    if known is not None:
        return known
    if status >= 500:
        return doubt
    judged = body is not None and (status in JUDGED or "category" in body)
    return None if judged else Retryable


def describe(status: int, body: Mapping[str, Any] | None) -> str:
    """Status, category and, where a scope is missing, its name."""
    body = body or {}
    scopes = _strings(_object(body.get("context")).get("requiredGranularScopes"))
    return ": ".join(
        part
        for part in (
            f"answered {status}",
            code_of(body.get("category")),
            ", ".join(filter(None, map(code_of, scopes))),
        )
        if part
    )


def read_fault(status: int, body: Mapping[str, Any]) -> Fault:
    """An error body, or one entry of a 207's `errors`. Every part may be absent."""
    said = str(body.get("message", ""))
    context = _object(body.get("context"))
    details = list(_details(body, said))
    existing = _EXISTING.search(said)
    named = _strings(context.get("existingId")) or [g for g in (existing.groups() if existing else ()) if g]
    properties = [name for _, name in details] + _CLASHING.findall(said)
    return Fault(
        status=status,
        category=code_of(body.get("category")),
        codes=distinct(code for code, _ in details),
        properties=distinct(map(code_of, (*properties, *_strings(context.get("properties"))))),
        existing=named[0] if named else "",
        traces=frozenset(_strings(context.get("objectWriteTraceId"))),
        ids=frozenset(_strings(context.get("ids")) + _strings(context.get("id"))),
        said=said,
    )


def _details(body: Mapping[str, Any], said: str) -> Iterator[tuple[str, str]]:
    """(code, property), from `errors` and from the JSON that some messages carry inside."""
    for error in objects_in(body.get("errors")):
        for name in _strings(_object(error.get("context")).get("propertyName")) or [""]:
            yield code_of(error.get("code")), name
    inner = _INNER.search(said)
    try:
        entries = json.loads(inner.group()) if inner else []
    except (ValueError, RecursionError):
        entries = []
    for entry in objects_in(entries):
        yield code_of(entry.get("error")), str(entry.get("name", ""))


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
