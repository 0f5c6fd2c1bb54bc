"""What the refusals of Dataverse mean, in one place.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors
https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes

Messages quote values: only codes, and the table in which a row was looked for, are told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from syncd.connector import HttpReply, Refusal, Trouble, code_of, json_object, object_in

DUPLICATE_ID = frozenset({"0x80040237", "0x80073002"})  # a row with this id, or with the key that the address names
DUPLICATE_KEY = "0x80060892"  # another row has this value of an alternate key
NO_VERSIONS = "0x80060893"  # the table keeps no versions of its rows to compare with
NO_OWNER = frozenset({"0x80040225", "0x8004032d", "0x80048340"})
"""The user who is to own it is disabled, or their business unit, or it is a team that cannot own."""

OWNERS = frozenset({"systemuser", "team"})
OF_ROWS: Mapping[int, Trouble | None] = {403: None, 412: None, 428: None}
"""Statuses by which one request of a batch is judged."""

_CODE = re.compile(r"0x[0-9a-fA-F]{8}")
_GONE = re.compile(r"(\w+)'? With Ids? ?=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What Dataverse has against one request."""

    status: int
    code: str = ""
    table: str = ""  # of a row that is not there

    @property
    def there(self) -> bool:
        """What was to be made is there already."""
        return self.code in DUPLICATE_ID

    @property
    def taken(self) -> bool:
        """Our key stands in another row."""
        return self.code == DUPLICATE_KEY

    @property
    def changed(self) -> bool:
        """Somebody has written to the row since it was read."""
        return self.status == 412 and not self.there and not self.taken

    @property
    def owner(self) -> bool:
        return self.code in NO_OWNER or self.table in OWNERS

    @property
    def versionless(self) -> bool:
        """The condition cannot be judged: it is to be sent without."""
        return self.code == NO_VERSIONS

    def gone(self, table: str) -> bool:
        """A row of this table is not there; where no table is named, it is the row of the address."""
        return self.status == 404 and self.table in ("", table)

    def refusal(self, what: str, *, owned: bool = False) -> Refusal:
        """`owned`: an owner was given, and may be the one who lacks a right."""
        return Refusal(f"dynamics: {what} refused: {self}", owner=self.owner or (owned and self.status == 403))

    def __str__(self) -> str:
        return (self.code or f"status {self.status}") + (f" on {self.table}" if self.table else "")


def fault_of(reply: HttpReply) -> Fault:
    """Every part of an error may be absent."""
    error = object_in(json_object(reply), "error")
    code, gone = str(error.get("code") or ""), _GONE.search(str(error.get("message") or ""))
    table = code_of(gone[1].lower()) if gone and reply.status == 404 else ""
    return Fault(reply.status, code.lower() if _CODE.fullmatch(code) else "", table)
