"""Who a record can belong to. https://developers.hubspot.com/docs/api-reference/crm-crm-owners-v3/guide"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Lock

from connectors.sinks.hubspot.client import Client
from connectors.sinks.hubspot.wire import owner_from
from syncd.connector import Clock, OwnerRef, Retryable

KEPT = timedelta(minutes=10)
AGAIN = timedelta(minutes=1)  # the soonest that an unknown id makes us look again
WHAT = "list of owners"


class Owners:
    """All owners, people and queues, archived ones too; read when needed and every ten minutes."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._lock = Lock()
        self._by_id: Mapping[str, OwnerRef] = {}
        self._read_at: float | None = None

    def by_email(self) -> Mapping[str, OwnerRef]:
        """E-mail -> owner, an active one before an archived one; a queue without address goes by its name."""
        found: dict[str, OwnerRef] = {}
        for owner in self._all(KEPT).values():
            key = owner.email or owner.name.lower() or owner.id
            if key not in found or (owner.active and not found[key].active):
                found[key] = owner
        return found

    def by_id(self, owner_id: str) -> OwnerRef:
        """An owner that HubSpot no longer lists counts as gone."""
        found = self._all(KEPT).get(owner_id) or self._all(AGAIN).get(owner_id)
        return found or OwnerRef(owner_id, active=False)

    def forget(self) -> None:
        """Somebody has left since: the list is read again when it is needed next."""
        with self._lock:
            self._read_at = None

    def probe(self) -> None:
        """The cheapest real call: proves the token and the scope of owners."""
        self._client.get(self._client.paths.owners, what=WHAT, params={"limit": "1"})

    def _all(self, kept: timedelta) -> Mapping[str, OwnerRef]:
        with self._lock:
            now = self._clock.monotonic()
            if self._read_at is None or now - self._read_at >= kept.total_seconds():
                self._by_id = {owner.id: owner for archived in (True, False) for owner in self._read(archived)}
                self._read_at = now
            return self._by_id

    def _read(self, archived: bool) -> Iterator[OwnerRef]:
        params = {"limit": "100", "archived": "true" if archived else "false"}
        while True:
            reply = self._client.get(self._client.paths.owners, what=WHAT, params=params)
            yield from map(owner_from, reply.rows)
            if not reply.after:
                return
            if reply.after == params.get("after"):
                raise Retryable(f"hubspot: {WHAT}: the page after this one is this one again")
            params["after"] = reply.after
