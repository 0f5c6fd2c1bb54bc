"""What Copper's refusals mean. https://developer.copper.com/introduction/responses.html

`{"success": false, "status": 422, "message": "Invalid input: Validation errors: Name: can't be blank"}`: what follows
the name of an attribute may quote a value, so names that we know are told, and nothing else.
"""

from dataclasses import dataclass
from typing import Any

from syncd.connector import Refusal

NAMES = (
    "address", "assignee", "company name", "custom fields", "customer source", "details", "due date", "email", "emails",
    "name", "parent", "phone numbers", "priority", "related resource", "status", "title", "type", "websites",
)  # fmt: skip
SEVERAL = "multiple"


@dataclass(frozen=True, slots=True)
class Fault:
    """What Copper has against one call."""

    status: int
    message: str = ""

    @property
    def gone(self) -> bool:
        return self.status == 404

    @property
    def names(self) -> tuple[str, ...]:
        said = f" {self.message.lower()}"
        return tuple(name for name in NAMES if f" {name}:" in said)

    def refusal(self, what: str, *, owner: bool = False) -> Refusal:
        return Refusal(f"copper: {what} refused: {self}", self.names, owner=owner)

    def __str__(self) -> str:
        several = ", several leads match" if SEVERAL in self.message.lower() else ""
        named = f", because of: {', '.join(self.names)}" if self.names else ""
        return f"status {self.status}{several}{named}"


def read_fault(status: int, body: Any) -> Fault:
    said = body.get("message") if isinstance(body, dict) else ""
    return Fault(status, said if isinstance(said, str) else "")
