"""What people did since the cursor: leads that became opportunities, were won, lost or given to somebody else, and
activities done.

Lists by `write_date`; only leads that carry our key are told. Odoo keeps no history that is cheap to read, so of a lead
what it is now is told, again whenever it changes.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from connectors.sinks.odoo.client import Client, Row
from connectors.sinks.odoo.leads import MODEL, Leads
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.people import People
from connectors.sinks.odoo.schema import Schema
from connectors.sinks.odoo.wire import instant, moment, reference, text
from syncd.connector import Clock, Ref, Signal, SignalKind, SignalPage, mark_in

PAGE = 500
OVERLAP = timedelta(minutes=1)  # `write_date` is when a transaction began, not when others could see it
LEAD = ("type", "user_id", "stage_id", "active", "probability", "date_conversion", "date_closed", "write_date")
ACTIVITY = ("res_id", "note", "write_date")
KINDS = {"leads": (MODEL, LEAD), "activities": ("mail.activity", ACTIVITY)}


class Changes:
    def __init__(
        self, options: OdooOptions, client: Client, schema: Schema, leads: Leads, people: People, clock: Clock
    ) -> None:
        self._options, self._client, self._schema = options, client, schema
        self._leads, self._people, self._clock = leads, people, clock

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: lists are asked from a little before the cursor."""
        at = {**dict.fromkeys(KINDS, instant(self._clock.now())), **(json.loads(cursor) if cursor else {})}
        if cursor is None or not self._schema.type(self._schema.key):
            yield SignalPage((), json.dumps(at))
            return
        won = self._won_stages()
        for kind in KINDS:
            for rows in self._changed(kind, at[kind]):
                signals = list(self._of_leads(rows, won) if kind == "leads" else self._of_activities(rows))
                at[kind] = max([at[kind], *(text(row.get("write_date")) for row in rows)])
                yield SignalPage(signals, json.dumps(at))

    def _changed(self, kind: str, since: str) -> Iterator[list[Row]]:
        """Pages by moment, for rows that change meanwhile move to the end; those of its last second are left out."""
        model, fields = KINDS[kind]
        ours = [[self._schema.key, "!=", False]] if kind == "leads" else [
            ["res_model", "=", MODEL], ["active", "=", False],
        ]  # fmt: skip
        start = moment(since) or self._clock.now()
        since, seen = instant(start - OVERLAP), list[int]()
        while True:
            domain = [*ours, ["write_date", ">=", since], ["id", "not in", seen]]
            order = {"order": "write_date, id", "limit": PAGE}
            rows = self._client.rows(model, domain, fields, what=f"list of changed {kind}", **order)
            yield rows
            if len(rows) < PAGE:
                return
            last = text(rows[-1].get("write_date"))[:19]
            seen = [
                *(seen if last == since else ()),
                *(r["id"] for r in rows if text(r.get("write_date"))[:19] == last),
            ]
            since = last

    def _of_leads(self, rows: Sequence[Row], won: frozenset[int]) -> Iterator[Signal]:
        for row in rows:
            at, ref = moment(row.get("write_date")) or self._clock.now(), self._people.ref(row["id"])
            if user := reference(row.get("user_id")):
                owner = self._people.by_id(str(user))
                yield Signal(SignalKind.OWNER_CHANGED, ref, at, owner.id, owner)
            if self._options.make == "lead" and row.get("type") == "opportunity":
                yield Signal(SignalKind.QUALIFIED, ref, moment(row.get("date_conversion")) or at)
            if row.get("active") is True and reference(row.get("stage_id")) in won:
                yield Signal(SignalKind.WON, ref, moment(row.get("date_closed")) or at)
            elif row.get("active") is False and not row.get("probability"):
                yield Signal(SignalKind.LOST, ref, moment(row.get("date_closed")) or at)

    def _of_activities(self, rows: Sequence[Row]) -> Iterator[Signal]:
        """Done ones: Odoo puts an activity that is done aside."""
        ids = {number for row in rows if (number := _number(row.get("res_id")))}
        leads = self._leads.read(sorted(ids))
        for row in rows:
            lead = leads.get(_number(row.get("res_id")))
            if lead is None or not lead.get(self._schema.key):
                continue
            at = moment(row.get("write_date")) or self._clock.now()
            if mark_in(row.get("note")):
                yield Signal(SignalKind.TASK_DONE, Ref("activity", str(row["id"])), at)
            else:
                yield Signal(SignalKind.ANSWERED, self._people.ref(lead["id"]), at)

    def _won_stages(self) -> frozenset[int]:
        rows = self._client.rows("crm.stage", [["is_won", "=", True]], ["is_won"], what="list of won stages")
        return frozenset(row["id"] for row in rows)


def _number(value: Any) -> int:
    return reference(value) or 0
