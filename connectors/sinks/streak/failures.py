"""What Streak's refusals mean. https://streak.readme.io/docs/error-codes

`{"success": false, "error": sentence}` at most, often no body at all: nothing says which field was at fault, and a
sentence may quote a value, so it is never told. The same 401 says that the key is wrong and that a box is not shared
with its user; only the sentence tells them apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.connector import AuthFailed, Refusal, Trouble

OF_ANOTHER_BOX: Mapping[int, Trouble | None] = {401: None, 410: AuthFailed}  # 410: "the API is no longer supported"
OF_THE_KEY: Mapping[int, Trouble | None] = {410: AuthFailed}
KEY_WORDS = ("api key", "authentic", "unauthorized")


@dataclass(frozen=True, slots=True)
class Fault:
    """What Streak has against one call."""

    status: int

    @property
    def gone(self) -> bool:
        """Deleted, or no longer shared with the user of the key: for us it is the same."""
        return self.status in (401, 404)

    def refusal(self, what: str, *, owner: bool = False) -> Refusal:
        return Refusal(f"streak: {what} refused: {self}", owner=owner)

    def __str__(self) -> str:
        return f"status {self.status}"


def exceptions_for(status: int, body: Any) -> Mapping[int, Trouble | None]:
    """What statuses mean here alone."""
    return OF_ANOTHER_BOX if status == 401 and not is_of_the_key(body) else OF_THE_KEY


def is_of_the_key(body: Any) -> bool:
    """Where nothing is said, the key is the likelier one."""
    said = str(body.get("error") or "").lower() if isinstance(body, dict) else ""
    return not said or any(word in said for word in KEY_WORDS)
