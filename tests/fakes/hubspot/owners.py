"""The people (and queues) records can belong to.

https://developers.hubspot.com/docs/api-reference/crm-crm-owners-v3/guide
"""

from dataclasses import dataclass
from typing import Any

from tests.fakes.hubspot.calls import Answer, Call, page_of
from tests.fakes.hubspot.errors import not_found

MOST = 500
USUAL = 100
FIRST_ID = 70_001
USER_AHEAD = 500_000  # user ids and owner ids are different numbers, and easily confused


@dataclass(slots=True)
class Owner:
    id: str
    email: str
    first: str
    last: str
    created_at: str
    archived: bool = False
    type: str = "PERSON"

    def body(self) -> dict[str, Any]:
        user = int(self.id) + USER_AHEAD
        body: dict[str, Any] = {
            "id": self.id,
            "email": self.email,
            "type": self.type,
            "firstName": self.first,
            "lastName": self.last,
            "createdAt": self.created_at,
            "updatedAt": self.created_at,
            "archived": self.archived,
            "teams": [],
        }
        if self.type == "PERSON":
            body["userIdIncludingInactive"] = user
            if not self.archived:
                body["userId"] = user
        return body


class OwnerTable:
    def __init__(self) -> None:
        self.by_id: dict[str, Owner] = {}

    def add(self, email: str, name: str, at: str, *, archived: bool = False, queue: bool = False) -> str:
        """The id of the owner; two calls with one address make two owners."""
        owner_id = str(FIRST_ID + 7 * len(self.by_id))
        first, _, last = name.partition(" ")
        kind = "QUEUE" if queue else "PERSON"
        self.by_id[owner_id] = Owner(owner_id, email, first, last, at, archived, kind)
        return owner_id

    def is_active(self, owner_id: str) -> bool:
        return owner_id in self.by_id and not self.by_id[owner_id].archived


def list_owners(table: OwnerTable, call: Call) -> Answer:
    email, archived = call.first("email"), call.flag("archived")
    rows = [
        owner
        for owner in table.by_id.values()
        if owner.archived == archived and (email is None or owner.email.lower() == email.lower())
    ]
    page, paging = page_of(call, rows, lambda owner: owner.id, usual=USUAL, most=MOST)
    return Answer(200, {"results": [owner.body() for owner in page], **paging})


def get_owner(table: OwnerTable, call: Call) -> Answer:
    """By owner id, or by user id with idProperty=userId."""
    wanted = call.args["id"]
    if call.first("idProperty") == "userId" and wanted.isdigit():
        wanted = str(int(wanted) - USER_AHEAD)
    owner = table.by_id.get(wanted)
    if owner is None or owner.archived != call.flag("archived"):
        raise not_found()
    return Answer(200, owner.body())
