"""What people did with our leads, contacts and tasks since the cursor.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/system_fields.htm

SystemModstamp tells which records changed, of whatever cause. What changed and when, the history of leads tells
where the organisation keeps one; otherwise the present state is told, unless we were the last to write.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.activities import Activities
from connectors.sinks.salesforce.client import PEOPLE, Client, Query
from connectors.sinks.salesforce.deals import Deals
from connectors.sinks.salesforce.failures import Fault
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.owners import Owners
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.soql import listed, moment, parts, select
from connectors.sinks.salesforce.values import stamp_of
from syncd.connector import Clock, Recent, Refused, Retryable, Signal, SignalKind, SignalPage

Row = Mapping[str, Any]
OVERLAP = timedelta(minutes=2)  # a long transaction shows later than its stamp says
STAMP = "SystemModstamp"
MOMENTS = (*PEOPLE.values(), wire.TASK, "Event", "Opportunity", "history")
WHAT = "read of changes"
OPT_OUT = "HasOptedOutOfEmail"
_ALWAYS = ("Id", "IsDeleted", "MasterRecordId", "OwnerId", "LastModifiedById", STAMP)
_OF_LEADS = ("Status", "IsConverted", "ConvertedContactId")
_OWNERS = ("005", "00G")


@dataclass(frozen=True, slots=True)
class Stream:
    """What has changed of one object, and what that says."""

    name: str
    query: Query
    tell: Callable[[Sequence[Row]], Iterable[Signal]]
    needed: bool = True  # otherwise an organisation that does not show it to us is read without it


class Changes:
    def __init__(
        self,
        options: SalesforceOptions,
        client: Client,
        schemas: Mapping[str, Schema],
        owners: Owners,
        clock: Clock,
        owned: Recent[str, str],
    ) -> None:
        self._options, self._client, self._schemas = options, client, schemas
        self._owners, self._clock, self._owned = owners, clock, owned
        self._activities = Activities(options, client, schemas[wire.TASK])
        self._deals = Deals(options, client)

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: every question reaches back a little before the cursor. All are asked by one call."""
        now = self._clock.now().astimezone(UTC).isoformat()
        at: dict[str, str] = {**dict.fromkeys(MOMENTS, now), **(json.loads(cursor) if cursor else {})}
        if cursor is None:
            yield SignalPage((), json.dumps(at))
            return
        streams = list(self._streams(at))
        answers = self._client.ask([stream.query for stream in streams], what=WHAT)
        for stream, answer in zip(streams, answers, strict=True):
            if not isinstance(answer, Fault):
                yield from self._of_stream(at, stream, answer)
            elif stream.needed:
                self._schemas[stream.name].forget()
                raise Retryable(f"salesforce: {WHAT} refused: {answer}")

    def _streams(self, at: Mapping[str, str]) -> Iterator[Stream]:
        for kind in PEOPLE.values():
            if self._schemas[kind].has(self._options.key_field):
                tell = partial(self._of_people, kind, _since(at["history"]))
                yield Stream(kind, self._changed(kind, _since(at[kind])), tell)
        tasks, events, deals = (_since(at[name]) for name in (wire.TASK, "Event", "Opportunity"))
        yield Stream(wire.TASK, self._activities.tasks(tasks), self._activities.of_tasks)
        yield Stream("Event", self._activities.events(events), self._activities.of_events, needed=False)
        yield Stream("Opportunity", self._deals.closed(deals), self._deals.of_closed, needed=False)

    def _of_stream(self, at: dict[str, str], stream: Stream, answer: Row) -> Iterator[SignalPage]:
        """`at["history"]` moves only after the last page: a lead that changed again since its change of status comes
        on a later page, and that change of status is still to be told.
        """
        for rows, last in self._client.pages(answer, WHAT):
            signals = list(stream.tell(rows)) if rows else []
            stamps = [stamp for row in rows if (stamp := stamp_of(row.get(STAMP)))]
            at[stream.name] = max([datetime.fromisoformat(at[stream.name]), *stamps]).isoformat()
            if last and stream.name == wire.LEAD:
                at["history"] = at[stream.name]
            if rows:
                yield SignalPage(signals, json.dumps(at))

    def _changed(self, kind: str, since: datetime) -> Query:
        """Our own records, those changed first first; deleted and merged ones too."""
        key = self._options.key_field
        names = self._schemas[kind].visible(*_ALWAYS, OPT_OUT, *(_OF_LEADS if kind == wire.LEAD else ()))
        where = [f"{key} != null", f"{STAMP} >= {moment(since)}"]
        return Query(select(names, kind, where, f" ORDER BY {STAMP}"), deleted=True)

    def _of_people(self, kind: str, since: datetime, rows: Sequence[Row]) -> Iterator[Signal]:
        told = self._history([str(row.get("Id")) for row in rows], since) if kind == wire.LEAD else {}
        me = self._client.me()
        for row in rows:
            record_id, at = str(row.get("Id")), stamp_of(row.get(STAMP)) or self._clock.now()
            ref = self._client.ref("person", record_id)
            if row.get("IsDeleted") is True:
                master = str(row.get("MasterRecordId") or "")
                yield Signal(SignalKind.MERGED if master else SignalKind.GONE, ref, at, master)
                continue
            history = told.get(record_id, [])
            yield from (self._of_change(ref.id, *change) for change in history if change[0] == "Owner")
            if not any(name == "Owner" for name, _, _ in history):
                yield from self._of_owner(row, at, ours=row.get("LastModifiedById") == me)
            yield from self._of_status(row, at, history, ours=row.get("LastModifiedById") == me)
            if row.get(OPT_OUT) is True:
                yield Signal(SignalKind.OPTED_OUT, ref, at)
            if row.get("IsConverted") is True:
                yield Signal(SignalKind.QUALIFIED, ref, at, "converted")
                yield Signal(SignalKind.MERGED, ref, at, str(row.get("ConvertedContactId") or ""))

    def _of_change(self, record_id: str, name: str, value: str, at: datetime) -> Signal:
        ref = self._client.ref("person", record_id)
        if name == "Owner":
            return Signal(SignalKind.OWNER_CHANGED, ref, at, value, self._owners.by_id(value))
        return Signal(SignalKind.STATUS_CHANGED, ref, at, value)

    def _of_owner(self, row: Row, at: datetime, *, ours: bool) -> Iterator[Signal]:
        """Who owns it now; nothing where that is whom we gave it."""
        record_id, owner = str(row.get("Id")), str(row.get("OwnerId") or "")
        if owner and not (ours and self._owned.get(record_id) == owner):
            yield self._of_change(record_id, "Owner", owner, at)

    def _of_status(
        self, row: Row, at: datetime, history: Sequence[tuple[str, str, datetime]], *, ours: bool
    ) -> Iterator[Signal]:
        """Without a history nobody knows when a status was set, so it cannot pass for an answer then."""
        record_id = str(row.get("Id"))
        changes = [(value, when) for name, value, when in history if name == "Status"]
        for value, when in changes:
            yield self._of_change(record_id, "Status", value, when)
            if value in self._options.statuses:
                yield Signal(self._options.statuses[value], self._client.ref("person", record_id), when, value)
        status = str(row.get("Status") or "")
        if changes or ours or not status:
            return
        yield self._of_change(record_id, "Status", status, at)
        meant = self._options.statuses.get(status)
        if meant not in (None, SignalKind.ANSWERED):
            yield Signal(meant, self._client.ref("person", record_id), at, status)

    def _history(self, ids: Sequence[str], since: datetime) -> dict[str, list[tuple[str, str, datetime]]]:
        """(field, value, when) by lead, oldest first; empty where no history is kept or shown."""
        fields = ["LeadId", "Field", "NewValue", "CreatedDate"]
        only = ["Field IN ('Status','Owner')", f"CreatedDate >= {moment(since)}"]
        asked = [
            Query(select(fields, "LeadHistory", [listed("LeadId", part), *only], " ORDER BY CreatedDate"))
            for part in parts(ids)
        ]
        try:
            answers = self._client.rows(asked, what="read of the history of leads")
        except Refused:
            return {}
        told: dict[str, list[tuple[str, str, datetime]]] = {}
        for row in (row for rows in answers for row in rows):
            name, value, at = str(row.get("Field")), str(row.get("NewValue") or ""), stamp_of(row.get("CreatedDate"))
            named = name == "Owner" and not value.startswith(_OWNERS)  # the same change once more, as a name
            if at and value and not named:
                told.setdefault(str(row.get("LeadId")), []).append((name, value, at))
        return told


def _since(at: str) -> datetime:
    return datetime.fromisoformat(at) - OVERLAP
