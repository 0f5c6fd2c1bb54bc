"""The organization's users. https://developer.close.com/api/resources/users"""

from collections.abc import Mapping
from datetime import timedelta
from threading import Lock

from connectors.sinks.close.client import API, Client, Row
from syncd.connector import Clock, OwnerRef, Ref, Refused, Retryable

KEPT = timedelta(minutes=10)
AGAIN = timedelta(minutes=1)  # the soonest that an unknown id makes us look again


class Account:
    """Users are read when needed and every ten minutes. Close lists those alone who are still there."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._lock = Lock()
        self._users: Mapping[str, OwnerRef] = {}
        self._read_at: float | None = None

    def owners(self) -> Mapping[str, OwnerRef]:
        """E-mail -> user."""
        return {user.email: user for user in self._all(KEPT).values() if user.email}

    def owner(self, user_id: str) -> OwnerRef:
        """One whom Close does not list has left."""
        found = self._all(KEPT).get(user_id) or self._all(AGAIN).get(user_id)
        return found or OwnerRef(user_id, active=False)

    def forget(self) -> None:
        with self._lock:
            self._read_at = None

    def me(self) -> Row:
        """The cheapest real call: proves the key."""
        reply = self._client.ask(f"{API}/me/", what="read of the own user")
        if not reply.ok:
            raise Refused(f"close: read of the own user refused: {reply.fault}")
        if not reply.id:
            raise Retryable("close: read of the own user names nobody")
        return reply.body

    def _all(self, kept: timedelta) -> Mapping[str, OwnerRef]:
        with self._lock:
            now = self._clock.monotonic()
            if self._read_at is None or now - self._read_at >= kept.total_seconds():
                pages = self._client.pages(f"{API}/user/", what="list of users")
                self._users = {str(row["id"]): _owner(row) for page in pages for row in page if row.get("id")}
                self._read_at = now
            return self._users


def lead_ref(lead: str, row: Row) -> Ref:
    """`row`: a lead as Close tells it, with the address of its page."""
    url = row.get("html_url")
    return Ref("lead", lead, url if isinstance(url, str) and url.startswith("https://") else "")


def _owner(row: Row) -> OwnerRef:
    name = " ".join(str(row.get(part) or "") for part in ("first_name", "last_name")).strip()
    return OwnerRef(str(row["id"]), str(row.get("email") or "").lower(), name)
