"""What people did since the cursor: activities done, deals won and lost, owners changed.

Lists by `updated_since`; only what hangs on persons that carry our key is told. Pipedrive lists no history, so of a
person's owner the present one is told. A deleted person is told if the list still has them, which its pages leave open;
that somebody was merged is told by webhooks of the first version alone, so not here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.client import V2, Client, Row
from connectors.sinks.pipedrive.lookup import Lookup
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.schema import Schema
from connectors.sinks.pipedrive.wire import custom_of, instant
from syncd.connector import Clock, Ref, Signal, SignalKind, SignalPage, mark_in, moment_of

KINDS = ("persons", "activities", "deals")
STATUSES = {"won": (SignalKind.WON, "won_time"), "lost": (SignalKind.LOST, "lost_time")}


class Changes:
    def __init__(
        self,
        options: PipedriveOptions,
        client: Client,
        persons: Schema,
        deals: Schema,
        lookup: Lookup,
        account: Account,
        clock: Clock,
    ) -> None:
        self._options, self._client, self._persons, self._deals = options, client, persons, deals
        self._lookup, self._account, self._clock = lookup, account, clock
        self._lag = timedelta(seconds=options.search_lag)

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: lists are asked from a little before the cursor."""
        now = instant(self._clock.now())
        at = {**dict.fromkeys(KINDS, now), **(json.loads(cursor) if cursor else {})}
        if cursor is None or not self._persons.code(self._options.key_field):
            yield SignalPage((), json.dumps(at))
            return
        for kind in KINDS if self._options.make != "nothing" else KINDS[:2]:
            for rows in self._changed(kind, at[kind]):
                signals = list(self._signals(kind, rows))
                at[kind] = max([at[kind], *(instant(_changed_at(row, self._clock)) for row in rows)])
                yield SignalPage(signals, json.dumps(at))

    def _changed(self, kind: str, since: str) -> Iterator[Sequence[Row]]:
        start = (moment_of(since) or self._clock.now()) - self._lag
        params = {"updated_since": instant(start), "sort_by": "update_time", "sort_direction": "asc"}
        if kind == "deals":
            params["include_fields"] = "source_lead_id"
        return self._client.pages(f"{V2}/{kind}", what=f"list of changed {kind}", params=params)

    def _signals(self, kind: str, rows: Sequence[Row]) -> Iterator[Signal]:
        if kind == "persons":
            persons = {str(row.get("id")): row for row in rows}
        else:
            persons = self._lookup.read(str(row.get("person_id")) for row in rows if row.get("person_id"))
        code = self._persons.code(self._options.key_field)
        for row in rows:
            person = persons.get(str(row.get("id" if kind == "persons" else "person_id")))
            if person is not None and custom_of(person, code):
                yield from self._of(kind, row, person)

    def _of(self, kind: str, row: Row, person: Row) -> Iterator[Signal]:
        at, ref = _changed_at(row, self._clock), self._account.ref("person", str(person["id"]))
        if kind == "persons" and row.get("is_deleted") is True:
            yield Signal(SignalKind.GONE, ref, at)
        elif kind == "persons" and row.get("owner_id"):
            owner = self._account.users.by_id(str(row["owner_id"]))
            yield Signal(SignalKind.OWNER_CHANGED, ref, at, owner.id, owner)
        elif kind == "activities" and row.get("done") is True:
            yield from _done(row, ref, at)
        elif kind == "deals" and self._is_ours(row, person):
            yield from self._of_deal(row, ref, at)

    def _is_ours(self, deal: Row, person: Row) -> bool:
        """The deal that syncd works with, or that its lead was turned into: an older one says nothing of the lead."""
        noted = custom_of(person, self._persons.code(self._options.opening_field))
        kind, _, record = noted.partition(":")
        return bool(record) and record == str(deal.get("id" if kind == "deal" else "source_lead_id"))

    def _of_deal(self, row: Row, ref: Ref, at: datetime) -> Iterator[Signal]:
        """A deal that people made says that the lead is worth one; one that syncd made says nothing yet."""
        code = self._deals.code(self._options.key_field) if self._options.make == "deal" else ""
        if not custom_of(row, code):
            yield Signal(SignalKind.QUALIFIED, ref, moment_of(row.get("add_time")) or at)
        if meant := STATUSES.get(str(row.get("status"))):
            kind, when = meant
            yield Signal(kind, ref, moment_of(row.get(when)) or at)


def _done(row: Row, person: Ref, at: datetime) -> Iterator[Signal]:
    done = moment_of(row.get("marked_as_done_time")) or at
    if mark_in(row.get("note")):
        yield Signal(SignalKind.TASK_DONE, Ref("activity", str(row.get("id"))), done)
    else:
        yield Signal(SignalKind.ANSWERED, person, done)


def _changed_at(row: Mapping[str, object], clock: Clock) -> datetime:
    return moment_of(row.get("update_time")) or clock.now().astimezone(UTC)
