"""What Odoo's refusals mean. https://www.odoo.com/documentation/19.0/developer/reference/external_api.html

An error is an object with the `name` of an exception and a `message`, which may quote values and is never told.
"""

from dataclasses import dataclass
from typing import Any

from syncd.connector import Refusal, code_of


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


def read_fault(status: int, body: Any) -> Fault:
    """`odoo.exceptions.MissingError` is told without where it is from."""
    name = code_of(body.get("name")) if isinstance(body, dict) else ""
    return Fault(status, name.rpartition(".")[2])
