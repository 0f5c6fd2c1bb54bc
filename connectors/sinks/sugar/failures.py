"""What refusals mean, in one place for all dialects.

Sentences quote what was sent, so of a refusal only its code is told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from syncd.connector import (
    Ambiguous,
    AuthFailed,
    HttpReply,
    Refusal,
    Retryable,
    Trouble,
    code_of,
    raise_trouble,
    trouble_of,
)

BY_CODE: Mapping[str, Trouble] = {
    "need_login": AuthFailed,
    "invalid_grant": AuthFailed,
    "access_denied": AuthFailed,
    "maintenance": Retryable,
    "service_unavailable": Retryable,
}
BUT: Mapping[int, Trouble | None] = {412: None, 424: None}  # judged, beside what is usual
BUSY = frozenset({"edit_conflict", "metadata_out_of_date"})
PAUSE = timedelta(seconds=30)  # a 429 without Retry-After
_TAKEN = re.compile("already exist")  # not translated anywhere
_GONE = re.compile("is not found$|id is empty")


@dataclass(frozen=True, slots=True)
class Fault:
    """What the CRM has against one record or question."""

    status: int
    code: str = ""
    taken: bool = False  # the id that was to be new is one already
    gone: bool = False  # the record is not there

    @property
    def busy(self) -> bool:
        return self.code in BUSY

    def refusal(self, what: str) -> Refusal:
        return Refusal(f"{what} refused: {self}")

    def __str__(self) -> str:
        return self.code or f"status {self.status}"


def read_fault(status: int, body: Any) -> Fault:
    """SugarCRM tells a code and a sentence; the `errors` of SuiteCRM is an object, with no more than a sentence."""
    said = body if isinstance(body, dict) else {}
    errors = said.get("errors")
    sentence = str(said.get("error_message") or (errors.get("detail") if isinstance(errors, dict) else "") or "")
    code = code_of(said.get("error"))
    gone = status == 404 or code == "not_found" or bool(_GONE.search(sentence))
    return Fault(status, code, taken=bool(_TAKEN.search(sentence)), gone=gone)


def heed(reply: HttpReply, body: Any, what: str) -> None:
    """Raises what an answer means for the whole call, unless the CRM took it or judged what was sent."""
    said = body if isinstance(body, dict) else {}
    known = body is not None and (reply.status // 100 == 2 or "error" in said or "errors" in said)
    trouble = trouble_of(reply.status, writes=reply.writes, known=known, but=BUT)
    code = code_of(said.get("error"))
    if reply.status // 100 != 2:
        trouble = BY_CODE.get(code, trouble)
    words = f"{what} answered {reply.status}" + (f": {code}" if code else "")
    raise_trouble(trouble, words, reply.retry_after, reply.retry_after or PAUSE)


def body_of(reply: HttpReply) -> Any:
    """An object or a list; None when it is neither: then it is not the CRM that answered."""
    try:
        body = reply.json()
    except (Ambiguous, Retryable):
        return None
    return body if isinstance(body, dict | list) else None
