"""Leads and contacts that were deleted, as the tracking of changes tells them where a table has it on.

https://learn.microsoft.com/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems

It begins with a look at the whole table, ids alone, and ends in an address for what changes from then on. Such an
address is good for a week as a rule. After that it begins anew, and who was deleted meanwhile shows when their record
is written next.
"""

from collections.abc import Iterator

from connectors.sinks.dynamics.client import Client, Page
from connectors.sinks.dynamics.failures import Fault
from connectors.sinks.dynamics.lookup import Lookup
from connectors.sinks.dynamics.multipart import Request
from connectors.sinks.dynamics.values import guid_of
from connectors.sinks.dynamics.wire import Kind
from syncd.connector import Clock, Signal, SignalKind

TRACKING = {"Prefer": "odata.track-changes,odata.maxpagesize=5000"}
WHAT = "read of deletions"
DELETED = "$deletedEntity"


class Deletions:
    def __init__(self, client: Client, lookup: Lookup, clock: Clock) -> None:
        self._client, self._lookup, self._clock = client, lookup, clock

    def begin(self, kind: Kind) -> str:
        """Where to go on; empty where the table does not track its changes. Raises as `Client.get`."""
        (first,) = self._client.ask([Request("GET", f"{kind.set}?$select={kind.id}", headers=TRACKING)], what=WHAT)
        return "" if isinstance(first, Fault) else self._end(first)

    def query(self, path: str) -> Request:
        return Request("GET", path, headers=TRACKING)

    def told(self, kind: Kind, first: Page) -> Iterator[tuple[list[Signal], str]]:
        """The signals of each page, and after the last one where to go on."""
        for page in self._client.pages(first, what=WHAT, headers=TRACKING):
            gone = [row for row in page.rows if DELETED in str(row.get("@odata.context"))]
            at = self._clock.now()
            signals = [
                Signal(SignalKind.GONE, self._lookup.ref(kind, row_id), at)
                for row in gone
                if (row_id := guid_of(row.get("id")))
            ]
            yield signals, self._client.path(page.delta)

    def _end(self, first: Page) -> str:
        (*_, last) = self._client.pages(first, what=WHAT, headers=TRACKING)
        return self._client.path(last.delta)
