"""What people did with our leads, contacts and tasks since the cursor.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/system_fields.htm

SystemModstamp tells which records changed, of whatever cause. What changed and when, the history of leads tells
where the organisation keeps one; otherwise the present state is told, unless we were the last to write.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.activities import Activities
from connectors.sinks.salesforce.client import PEOPLE, Client, Query
from connectors.sinks.salesforce.deals import Deals
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.owners import Owners
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.soql import listed, moment, parts, select
from connectors.sinks.salesforce.values import stamp_of
from syncd.connector import Clock, Recent, Refused, Signal, SignalKind, SignalPage

Row = Mapping[str, Any]
OVERLAP = timedelta(minutes=2)  # a long transaction shows later than its stamp says
STAMP = "SystemModstamp"
OPT_OUT = "HasOptedOutOfEmail"
_ALWAYS = ("Id", "IsDeleted", "MasterRecordId", "OwnerId", "LastModifiedById", STAMP)
_OF_LEADS = ("Status", "IsConverted", "ConvertedContactId")
_OWNERS = ("005", "00G")


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
        self._streams = (
            ("tasks", Activities(options, client, schemas[wire.TASK]).tasks),
            ("events", Activities(options, client, schemas[wire.TASK]).events),
            ("deals", Deals(options, client).closed),
        )

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: every question reaches back a little before the cursor."""
        now = self._clock.now().astimezone(UTC).isoformat()
        names = [*PEOPLE.values(), *(name for name, _ in self._streams)]
        at: dict[str, str] = {**dict.fromkeys(names, now), **(json.loads(cursor) if cursor else {})}
        if cursor is None:
            yield SignalPage((), json.dumps(at))
            return
        for kind in PEOPLE.values():
            since = _since(at[kind])
            for rows in self._changed(kind, since):
                yield self._page(at, kind, rows, self._of_people(kind, rows, since))
        for name, stream in self._streams:
            since = _since(at[name])
            for changed, signals in stream(since):
                yield self._page(at, name, changed, signals)

    def _page(self, at: dict[str, str], name: str, rows: Sequence[Row], signals: Iterable[Signal]) -> SignalPage:
        stamps = [stamp for row in rows if (stamp := stamp_of(row.get(STAMP)))]
        at[name] = max([datetime.fromisoformat(at[name]), *stamps]).isoformat()
        return SignalPage(list(signals), json.dumps(at))

    def _changed(self, kind: str, since: datetime) -> Iterator[list[Row]]:
        """Our own records, those changed first first; deleted and merged ones too."""
        schema, key = self._schemas[kind], self._options.key_field
        if not schema.has(key):
            return
        names = schema.visible(*_ALWAYS, OPT_OUT, *(_OF_LEADS if kind == wire.LEAD else ()))
        where = [f"{key} != null", f"{STAMP} >= {moment(since)}"]
        asked = select(names, kind, where, f" ORDER BY {STAMP}")
        for rows in self._client.query(asked, what=f"read of changed {kind}", deleted=True):
            if rows:
                yield rows

    def _of_people(self, kind: str, rows: Sequence[Row], since: datetime) -> Iterator[Signal]:
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
