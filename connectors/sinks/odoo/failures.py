"""What Odoo's refusals mean. https://www.odoo.com/documentation/19.0/developer/reference/external_api.html

An error is an object with the `name` of an exception and a `message`, which may quote values and is never told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.connector import Ambiguous, AuthFailed, RateLimited, Refusal, Retryable, code_of

Trouble = type[Ambiguous] | type[AuthFailed] | type[RateLimited] | type[Retryable]

BY_STATUS: Mapping[int, Trouble] = {
    401: AuthFailed,
    402: AuthFailed,
    403: AuthFailed,
    408: Retryable,
    425: Retryable,
    429: RateLimited,
}
JUDGED = frozenset({400, 404, 409, 413, 422})


@dataclass(frozen=True, slots=True)
class Fault:
    """What Odoo has against one call: the transaction was rolled back."""

    status: int
    name: str = ""

    @property
    def gone(self) -> bool:
        return self.name == "MissingError"

    def refusal(self, what: str) -> Refusal:
        return Refusal(f"odoo: {what} refused: {self}")

    def __str__(self) -> str:
        return self.name or f"status {self.status}"


def trouble_of(status: int, body: Any, *, writes: bool) -> Trouble | None:
    """What an answer means for the call; None when Odoo took it or judged what was sent."""
    if status // 100 == 2:
        return None
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return Ambiguous if writes else Retryable
    return None if status in JUDGED and read_fault(status, body).name else Retryable


def read_fault(status: int, body: Any) -> Fault:
    """`odoo.exceptions.MissingError` is told without where it is from."""
    name = code_of(body.get("name")) if isinstance(body, dict) else ""
    return Fault(status, name.rpartition(".")[2])
