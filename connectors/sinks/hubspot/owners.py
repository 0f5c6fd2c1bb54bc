"""Who a record can belong to. https://developers.hubspot.com/docs/api-reference/crm-crm-owners-v3/guide"""

from collections.abc import Iterator

from connectors.sinks.hubspot.client import Client
from connectors.sinks.hubspot.wire import owner_from
from syncd.connector import Clock, Directory, OwnerRef, Retryable

WHAT = "list of owners"


class Owners(Directory):
    """All owners, people and queues, archived ones too; a queue without address goes by its name."""

    def __init__(self, client: Client, clock: Clock) -> None:
        super().__init__(self._all, clock, lambda owner: owner.email or owner.name.lower() or owner.id)
        self._client = client

    def probe(self) -> None:
        """The cheapest real call: proves the token and the scope of owners."""
        self._client.get(self._client.paths.owners, what=WHAT, params={"limit": "1"})

    def _all(self) -> Iterator[OwnerRef]:
        for archived in (True, False):
            yield from self._read(archived)

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
