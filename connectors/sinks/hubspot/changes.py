"""What people did with our contacts and tasks since the cursor.

https://developers.hubspot.com/docs/api-reference/search/guide

The search tells which records changed; the history of their properties tells what changed and when. That
difference matters: our own write of today must not make last year's status look new.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.sinks.hubspot import wire
from connectors.sinks.hubspot.account import Account
from connectors.sinks.hubspot.client import Client
from connectors.sinks.hubspot.options import HubSpotOptions
from connectors.sinks.hubspot.owners import Owners
from connectors.sinks.hubspot.schema import Schema
from syncd.connector import Clock, Signal, SignalKind, SignalPage

Row = Mapping[str, Any]
PAGE = 200
REACH = 10_000  # results that one search can page through
WITH_HISTORY = 50  # inputs of a read with history
WATCHED = (wire.OWNER, wire.LEAD_STATUS, wire.STAGE)
ACTIVITY = ("hs_sa_first_engagement_date", "notes_last_contacted")
TASK_MODIFIED, TASK_DONE_AT = "hs_lastmodifieddate", "hs_task_completion_date"


class Changes:
    def __init__(
        self,
        options: HubSpotOptions,
        client: Client,
        contacts: Schema,
        tasks: Schema,
        owners: Owners,
        account: Account,
        clock: Clock,
    ) -> None:
        self._options = options
        self._client, self._contacts, self._tasks = client, contacts, tasks
        self._owners, self._account, self._clock = owners, account, clock

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: the search is asked from a little before the cursor, for its index lags."""
        now = wire.milliseconds(self._clock.now())
        at = {"contacts": now, "tasks": now, "history": now, **(json.loads(cursor) if cursor else {})}
        if cursor is None:
            yield SignalPage((), json.dumps(at))
            return
        yield from self._contact_pages(at)
        yield from self._task_pages(at)

    def _contact_pages(self, at: dict[str, int]) -> Iterator[SignalPage]:
        """`at["history"]` moves only after the last page: a contact that changed again since its change of
        owner comes on a later page, and that change of owner is still to be told.
        """
        since = self._since(at["history"])
        for rows in self._changed(self._contacts, wire.MODIFIED, self._options.key_property, at["contacts"]):
            signals = self._of_contacts(rows, since)
            at["contacts"] = max(at["contacts"], _stamp(rows[-1], wire.MODIFIED))
            if len(rows) < PAGE:
                at["history"] = at["contacts"]
            yield SignalPage(signals, json.dumps(at))

    def _task_pages(self, at: dict[str, int]) -> Iterator[SignalPage]:
        for rows in self._changed(self._tasks, TASK_MODIFIED, self._options.mark_property, at["tasks"]):
            signals = [self._task_done(row) for row in rows]
            at["tasks"] = max(at["tasks"], _stamp(rows[-1], TASK_MODIFIED))
            yield SignalPage(signals, json.dumps(at))

    def _since(self, cursor: int) -> int:
        return cursor - int(self._options.search_lag * 1000)

    def _changed(self, schema: Schema, modified: str, ours: str, cursor: int) -> Iterator[Sequence[Row]]:
        """Pages of our own records, those changed first first. The lower bound moves, not the page number:
        records that change while we read move to the end, and a numbered page would step over others.
        """
        if not schema.has(ours):
            return
        low, after = self._since(cursor), 0
        while True:
            rows = self._search(schema.kind, modified, ours, low, after)
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            last = _stamp(rows[-1], modified)
            if last > low:
                low, after = last, 0
            elif after + 2 * PAGE <= REACH:
                after += PAGE
            else:  # ten thousand in one millisecond
                low, after = low + 1, 0

    def _search(self, kind: str, modified: str, ours: str, low: int, after: int) -> list[Row]:
        filters: list[dict[str, str]] = [
            {"propertyName": modified, "operator": "GTE", "value": str(low)},
            {"propertyName": ours, "operator": "HAS_PROPERTY"},
        ]
        if kind == "tasks":
            filters.append({"propertyName": "hs_task_status", "operator": "EQ", "value": "COMPLETED"})
        asked = {
            "filterGroups": [{"filters": filters}],
            "properties": [modified, TASK_DONE_AT] if kind == "tasks" else [modified],
            "sorts": [modified],
            "limit": PAGE,
            "after": str(after),
        }
        path = f"{self._client.paths.objects}/{kind}/search"
        return self._client.read(path, what=f"search for changed {kind}", json=asked).rows

    def _of_contacts(self, rows: Sequence[Row], since: int) -> list[Signal]:
        signals: list[Signal] = []
        for start in range(0, len(rows), WITH_HISTORY):
            ids = [str(row["id"]) for row in rows[start : start + WITH_HISTORY]]
            for row in self._with_history(ids):
                signals += self._of_contact(row, since)
        return signals

    def _with_history(self, ids: Sequence[str]) -> list[Row]:
        asked = {
            "inputs": [{"id": each} for each in dict.fromkeys(ids)],
            "properties": [*ACTIVITY, *wire.MERGED, wire.MODIFIED],
            "propertiesWithHistory": list(WATCHED),
        }
        path = f"{self._client.paths.objects}/contacts/batch/read"
        return self._client.read(path, what="read of changed contacts", json=asked).rows

    def _of_contact(self, row: Row, since: int) -> Iterator[Signal]:
        ref, properties = self._account.ref("contact", str(row["id"])), row["properties"]
        for name, value, at in _history(row):
            if wire.milliseconds(at) < since or not value:
                continue
            if name == wire.OWNER:
                yield Signal(SignalKind.OWNER_CHANGED, ref, at, value, self._owners.by_id(value))
            elif name == wire.LEAD_STATUS:
                yield Signal(SignalKind.STATUS_CHANGED, ref, at, value)
            meant = (self._options.stages if name == wire.STAGE else self._options.statuses).get(value)
            if meant is not None and name != wire.OWNER:
                yield Signal(meant, ref, at, value)
        spoken = (wire.moment_of(properties.get(name)) for name in ACTIVITY)
        for moment in sorted({moment for moment in spoken if moment}):
            yield Signal(SignalKind.ANSWERED, ref, moment)
        changed = wire.moment_of(properties.get(wire.MODIFIED)) or self._clock.now()
        for old in wire.merged_ids(properties):
            if old != ref.id:
                yield Signal(SignalKind.MERGED, self._account.ref("contact", old), changed, ref.id)

    def _task_done(self, row: Row) -> Signal:
        properties = row["properties"]
        done = properties.get(TASK_DONE_AT) or properties.get(TASK_MODIFIED)
        at = wire.moment_of(done) or self._clock.now()
        return Signal(SignalKind.TASK_DONE, self._account.ref("task", str(row["id"])), at)


def _history(row: Row) -> list[tuple[str, str, datetime]]:
    """(property, value, when), oldest first."""
    changes = [
        (name, str(version.get("value") or ""), at)
        for name in WATCHED
        for version in (row.get("propertiesWithHistory") or {}).get(name) or ()
        if (at := wire.moment_of(version.get("timestamp")))
    ]
    return sorted(changes, key=lambda change: change[2])


def _stamp(row: Row, modified: str) -> int:
    at = wire.moment_of(row["properties"].get(modified)) or wire.moment_of(row.get("updatedAt"))
    return wire.milliseconds(at) if at else 0
