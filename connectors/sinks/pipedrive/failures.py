"""What Pipedrive's refusals mean. https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes

`error` and `error_info` are sentences that may quote values, so of a refusal only its code and the names of the
fields that we know are told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.connector import Refusal, code_of

FIELDS = ("owner_id", "user_id", "person_id", "lead_id", "deal_id", "emails", "phones", "name", "title", "label_ids",
          "due_date", "due_time", "type", "custom_fields", "stage_id", "pipeline_id")  # fmt: skip
OWNER = frozenset({"owner_id", "user_id"})
_WORD = re.compile(r"[a-z_]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """What Pipedrive has against one call."""

    status: int
    code: str = ""
    fields: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        return self.status in (404, 410)

    def refusal(self, what: str) -> Refusal:
        return Refusal(f"pipedrive: {what} refused: {self}", self.fields, owner=not OWNER.isdisjoint(self.fields))

    def __str__(self) -> str:
        said = self.code or f"status {self.status}"
        return f"{said} on {', '.join(self.fields)}" if self.fields else said


def is_from_pipedrive(status: int, body: Mapping[str, Any] | None) -> bool:
    """What succeeds says whether it did; what does not says at least that it did not."""
    said = (body or {}).get("success")
    return isinstance(said, bool) if status // 100 == 2 else body is not None and "success" in body


def read_fault(status: int, body: Mapping[str, Any]) -> Fault:
    said = f"{body.get('error', '')} {body.get('error_info', '')}"
    words = set(_WORD.findall(said))
    return Fault(status, code_of(body.get("code")), tuple(name for name in FIELDS if name in words))
