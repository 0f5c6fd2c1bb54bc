"""What Zoho's refusals mean, in one place.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html

Statuses of HTTP say little: a batch of which every record failed may be 200, 202 or 207. Codes decide, of the
whole call where they stand on top, of one record inside `data`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.connector import (
    Ambiguous,
    AuthFailed,
    RateLimited,
    Refusal,
    Retryable,
    Trouble,
    code_of,
    object_in,
    text_in,
    trouble_of,
)

OWNER = "Owner"
BY_CODE: Mapping[str, Trouble] = {
    "INVALID_TOKEN": AuthFailed,
    "AUTHENTICATION_FAILURE": AuthFailed,
    "OAUTH_SCOPE_MISMATCH": AuthFailed,
    "NO_PERMISSION": AuthFailed,
    "CRMPLUS_TRIAL_EXPIRED": AuthFailed,
    "TOO_MANY_REQUESTS": RateLimited,
    "CREDITS_EXHAUSTED": RateLimited,
}
NO_RIGHT = frozenset({"OAUTH_SCOPE_MISMATCH", "NO_PERMISSION"})
CONVERTED = frozenset({"ID_ALREADY_CONVERTED", "CONVERTED_RECORD"})
BUSY = frozenset({"RECORD_LOCKED", "INTERNAL_ERROR", "LIMIT_EXCEEDED"})  # of a single record: again later


@dataclass(frozen=True, slots=True)
class Fault:
    """What Zoho has against one record, or against a whole call."""

    code: str
    field: str = ""  # API name that it is about
    existing: str = ""  # id of the record that holds a value which must be unique ...
    module: str = ""  # ... and where that one lives; empty: in the module that was written to

    @property
    def duplicate(self) -> bool:
        return self.code == "DUPLICATE_DATA"

    @property
    def gone(self) -> bool:
        """The id of the record that was to be changed is no longer one."""
        return self.code in ("NO_RECORDS_FOUND", "NOT_FOUND") or (self.code == "INVALID_DATA" and self.field == "id")

    @property
    def converted(self) -> bool:
        return self.code in CONVERTED

    @property
    def busy(self) -> bool:
        return self.code in BUSY

    def refusal(self, what: str) -> Refusal:
        return Refusal(f"{what} refused: {self}", (self.field,) if self.field else (), owner=self.field == OWNER)

    def __str__(self) -> str:
        return f"{self.code} on {self.field}" if self.field else self.code


def read_fault(body: Mapping[str, Any], status: int = 0) -> Fault:
    """An error on top of an answer, or an entry of `data` that failed. Every part may be absent."""
    details = object_in(body, "details")
    other = object_in(details, "duplicate_record") or details
    named = text_in(details, "api_name") or text_in(details, "column_name")
    duplicate = body.get("code") == "DUPLICATE_DATA"
    module = object_in(other, "module")
    return Fault(
        code=code_of(body.get("code")) or f"status {status}",
        field=code_of(named) or _of_id(details, duplicate=duplicate),
        existing=_id(other) if duplicate else "",
        module=code_of(module.get("api_name")) if duplicate else "",
    )


def trouble_with(status: int, body: Mapping[str, Any] | None, *, writes: bool, deletes: bool = False) -> Trouble | None:
    """What an answer means for the whole call; None when Zoho took it or judged what was sent.

    `deletes`: the right to do so is one of its own, without which the login is as good as before.
    """
    told = body or {}
    code = str(told.get("code", ""))
    if deletes and code in NO_RIGHT:
        return None
    if code in BY_CODE:
        return BY_CODE[code]
    if code == "INTERNAL_ERROR":
        return Ambiguous if writes else Retryable
    judged = bool(code) or any(isinstance(part, list) for part in told.values())  # on top, or record by record
    return trouble_of(status, writes=writes, known=body is not None if status // 100 == 2 else judged)


def describe(status: int, body: Mapping[str, Any] | None) -> str:
    """The status, and the code where there is one."""
    code = code_of((body or {}).get("code"))
    return f"answered {status}" + (f": {code}" if code else "")


def _of_id(details: Mapping[str, Any], *, duplicate: bool) -> str:
    """Where no field is named but an id: that one is wrong. A duplicate's id is the other record's."""
    return "id" if "id" in details and not duplicate else ""


def _id(record: Mapping[str, Any]) -> str:
    found = text_in(record, "id")
    return found if found.isdecimal() else ""
