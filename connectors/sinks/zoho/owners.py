"""Who a record can belong to. https://www.zoho.com/crm/developer/docs/api/v8/get-users.html"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Lock

from connectors.sinks.zoho.client import PAGE, Client
from connectors.sinks.zoho.wire import owner_from
from syncd.connector import Clock, OwnerRef, Retryable

KEPT = timedelta(minutes=10)
AGAIN = timedelta(minutes=1)  # the soonest that an unknown id makes us look again
MOST_PAGES = 100
WHAT = "list of users"


class Owners:
    """All users, those who have left too; read when needed and every ten minutes."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._lock = Lock()
        self._by_id: Mapping[str, OwnerRef] = {}
        self._read_at: float | None = None
        self._me = ""

    def by_email(self) -> Mapping[str, OwnerRef]:
        """E-mail -> user, an active one before one who has left."""
        found: dict[str, OwnerRef] = {}
        for owner in self._all(KEPT).values():
            if owner.email and (owner.email not in found or (owner.active and not found[owner.email].active)):
                found[owner.email] = owner
        return found

    def by_id(self, owner_id: str) -> OwnerRef:
        """A user whom Zoho no longer lists counts as gone."""
        found = self._all(KEPT).get(owner_id) or self._all(AGAIN).get(owner_id)
        return found or OwnerRef(owner_id, active=False)

    def me(self) -> str:
        """The id of the user as whom we write."""
        with self._lock:
            if not self._me:
                reply = self._client.get(
                    "/users", what="read of our own user", params={"type": "CurrentUser"}, name="users"
                )
                self._me = next((str(row["id"]) for row in reply.rows("users") if row.get("id")), "")
            return self._me

    def forget(self) -> None:
        """Somebody has left since: the list is read again when it is needed next."""
        with self._lock:
            self._read_at = None

    def _all(self, kept: timedelta) -> Mapping[str, OwnerRef]:
        with self._lock:
            now = self._clock.monotonic()
            if self._read_at is None or now - self._read_at >= kept.total_seconds():
                self._by_id = {owner.id: owner for owner in self._read()}
                self._read_at = now
            return self._by_id

    def _read(self) -> Iterator[OwnerRef]:
        for page in range(1, MOST_PAGES):
            asked = {"page": str(page), "per_page": str(PAGE)}
            reply = self._client.get("/users", what=WHAT, params=asked, name="users")
            yield from (owner_from(row) for row in reply.rows("users") if row.get("id"))
            if not reply.more:
                return
        raise Retryable(f"zoho: {WHAT}: it does not end")
