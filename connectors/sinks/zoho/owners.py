"""Who a record can belong to. https://www.zoho.com/crm/developer/docs/api/v8/get-users.html"""

from collections.abc import Iterator
from threading import Lock

from connectors.sinks.zoho.client import PAGE, Client
from connectors.sinks.zoho.wire import owner_from
from syncd.connector import Clock, Directory, OwnerRef, Retryable

MOST_PAGES = 100
WHAT = "list of users"


class Owners(Directory):
    """All users, those who have left too."""

    def __init__(self, client: Client, clock: Clock) -> None:
        super().__init__(self._read, clock)
        self._client = client
        self._lock = Lock()
        self._me = ""

    def me(self) -> str:
        """The id of the user as whom we write."""
        with self._lock:
            if not self._me:
                reply = self._client.get(
                    "/users", what="read of our own user", params={"type": "CurrentUser"}, name="users"
                )
                self._me = next((str(row["id"]) for row in reply.rows("users") if row.get("id")), "")
            return self._me

    def _read(self) -> Iterator[OwnerRef]:
        for page in range(1, MOST_PAGES):
            asked = {"page": str(page), "per_page": str(PAGE)}
            reply = self._client.get("/users", what=WHAT, params=asked, name="users")
            yield from (owner_from(row) for row in reply.rows("users") if row.get("id"))
            if not reply.more:
                return
        raise Retryable(f"zoho: {WHAT}: it does not end")
