"""What people did since the cursor: leads and people changed, tasks done, activities logged, opportunities closed.

Searches by `minimum_modified_date`. Copper keeps no history that can be asked for, so of a record what it is now is
told; a status counts as changed where it differs from the one that syncd saw when it last wrote.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.sinks.copper.account import Account
from connectors.sinks.copper.client import PAGE, PAGES, Client, Row
from connectors.sinks.copper.columns import Columns
from connectors.sinks.copper.options import CopperOptions
from connectors.sinks.copper.wire import LEAD, PERSON, custom_in, id_in, record_ref
from syncd.connector import Clock, Ref, Signal, SignalKind, SignalPage, mark_in, moment_of, number_of, object_in

CLOSED = {"Won": SignalKind.WON, "Lost": SignalKind.LOST}
WANTED: Mapping[str, Mapping[str, Any]] = {
    "leads": {"include_converted_leads": True},
    "people": {},
    "tasks": {"statuses": ["Completed"]},
    "opportunities": {},
}


class Changes:
    def __init__(
        self, options: CopperOptions, client: Client, account: Account, columns: Columns, clock: Clock
    ) -> None:
        self._options, self._client, self._account = options, client, account
        self._columns, self._clock = columns, clock
        self._overlap = int(options.settle) + 1
        self._read: Mapping[str, Callable[[Row, datetime], Iterator[Signal]]] = {
            "leads": self._of_lead,
            "people": self._of_person,
            "tasks": self._of_task,
            "opportunities": self._of_opportunity,
        }

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: each kind is asked from a little before its cursor."""
        now = int(self._clock.now().timestamp())
        at: dict[str, int] = {**dict.fromkeys((*WANTED, "activities"), now), **(json.loads(cursor) if cursor else {})}
        if cursor is None:
            yield SignalPage((), json.dumps(at))
            return
        for kind, read in self._read.items():
            for rows in self._changed(kind, at[kind] - self._overlap):
                stamps = [(row, moment_of(row.get("date_modified"))) for row in rows]
                signals = [signal for row, stamp in stamps if stamp for signal in read(row, stamp)]
                at[kind] = max([at[kind], *(int(stamp.timestamp()) for _, stamp in stamps if stamp)])
                yield SignalPage(signals, json.dumps(at))
        signals = sorted(self._activities(at["activities"] - self._overlap), key=lambda signal: signal.at)
        if signals:
            at["activities"] = max(at["activities"], *(int(signal.at.timestamp()) for signal in signals))
            yield SignalPage(signals, json.dumps(at))

    def _changed(self, kind: str, since: int) -> Iterator[list[Row]]:
        """Those changed first first. The lower bound moves, not the page: a record that changes while we read moves to
        the end, and a page would step over another.
        """
        page = 1
        while page <= PAGES:
            order = {"sort_by": "date_modified", "sort_direction": "asc", "minimum_modified_date": since}
            rows = self._client.search(kind, {**WANTED[kind], **order}, what=f"search for changed {kind}", page=page)
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            last = rows[-1].get("date_modified")
            since, page = (last, 1) if isinstance(last, int) and last > since else (since, page + 1)

    def _of_lead(self, row: Row, at: datetime) -> Iterator[Signal]:
        ref = record_ref(LEAD, row.get("id"))
        if not self._columns.lead_of(LEAD, row):
            return
        if person := id_in(row, "converted_contact_id"):
            when = moment_of(row.get("converted_at")) or at
            yield Signal(SignalKind.QUALIFIED, ref, when, "converted")
            yield Signal(SignalKind.MERGED, ref, when, record_ref(PERSON, person).id)
            return
        yield from self._of_owner(ref, row, at)
        status = row.get("status")
        if isinstance(status, str) and status and status != self._seen(row):
            yield Signal(SignalKind.STATUS_CHANGED, ref, at, status)
            if kind := self._options.statuses.get(status):
                yield Signal(kind, ref, at, status)

    def _of_person(self, row: Row, at: datetime) -> Iterator[Signal]:
        if self._columns.lead_of(PERSON, row):
            yield from self._of_owner(record_ref(PERSON, row.get("id")), row, at)

    def _of_owner(self, ref: Ref, row: Row, at: datetime) -> Iterator[Signal]:
        if owner := id_in(row, "assignee_id"):
            yield Signal(SignalKind.OWNER_CHANGED, ref, at, owner, self._account.people.by_id(owner))

    def _seen(self, row: Row) -> object:
        """A lead that syncd has made and never changed has the status of new ones."""
        field = self._account.field(self._options.status_field, LEAD)
        return (custom_in(row, field.id) if field else None) or self._options.status or self._account.first_status()

    def _of_task(self, row: Row, at: datetime) -> Iterator[Signal]:
        """Ours is done; one that a person wrote says that somebody works on the lead."""
        done = moment_of(row.get("completed_date")) or at
        if row.get("status") != "Completed":
            return
        if mark_in(row.get("details")):
            yield Signal(SignalKind.TASK_DONE, Ref("task", id_in(row, "id")), done)
        elif parent := _parent(row, "related_resource"):
            yield Signal(SignalKind.ANSWERED, parent, done)

    def _of_opportunity(self, row: Row, at: datetime) -> Iterator[Signal]:
        kind, person = CLOSED.get(str(row.get("status"))), id_in(row, "primary_contact_id")
        if kind and person:
            amount = number_of(str(row.get("monetary_value") or ""))
            yield Signal(kind, record_ref(PERSON, person), at, "" if amount is None else str(amount))

    def _activities(self, since: int) -> Iterator[Signal]:
        """What people logged: calls, meetings, notes. What Copper itself noted is no answer, our notes neither."""
        wanted = {"minimum_activity_date": since}
        for rows in self._client.pages("activities", wanted, what="search for activities"):
            for row in rows:
                at, parent = moment_of(row.get("activity_date")), _parent(row, "parent")
                by_people = object_in(row, "type").get("category") == "user" and not mark_in(row.get("details"))
                if at and parent and by_people:
                    yield Signal(SignalKind.ANSWERED, parent, at)


def _parent(row: Row, name: str) -> Ref | None:
    parent = object_in(row, name)
    kind, number = parent.get("type"), id_in(parent, "id")
    return record_ref(str(kind), number) if kind in (LEAD, PERSON) and number else None
