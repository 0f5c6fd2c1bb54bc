"""Records that people have deleted.

https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html

Of a record that is gone Zoho tells its id, who made it and when it went, and no field of ours: so those are told that
syncd has made.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.client import PAGE, Client, Row
from connectors.sinks.zoho.lookup import Lookup
from connectors.sinks.zoho.people import People
from syncd.connector import Retryable, Signal, SignalKind, moment_of, text_in

EVERY = timedelta(minutes=15)  # it costs a call for each module, and nothing hurries
MOST_PAGES = 100


class Deletions:
    def __init__(self, client: Client, people: People, lookup: Lookup) -> None:
        self._client, self._people, self._lookup = client, people, lookup

    def since(self, since: datetime) -> list[Signal]:
        """Raises Refused where the account does not tell them."""
        return [signal for module in wire.MODULES for signal in self._of(module, since)]

    def _of(self, module: str, since: datetime) -> Iterator[Signal]:
        for row in self._rows(module, since):
            at, record = moment_of(row.get("deleted_time")), text_in(row, "id")
            if at and at >= since and record and wire.id_in(row, "created_by") == self._people.me():
                yield Signal(SignalKind.GONE, self._lookup.ref(module, record), at)

    def _rows(self, module: str, since: datetime) -> Iterator[Row]:
        what = f"list of deleted {module}"
        for page in range(1, MOST_PAGES):
            params = {"type": "all", "page": str(page), "per_page": str(PAGE)}
            reply = self._client.get(f"/{module}/deleted", what=what, params=params, since=since)
            yield from reply.rows()
            if not reply.more:
                return
        raise Retryable(f"zoho: {what}: it does not end")
