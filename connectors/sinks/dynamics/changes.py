"""What people did with our leads, contacts and tasks since the cursor.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/filter-rows

`modifiedon` tells which rows changed, of whatever cause, and not what was changed: a status or an owner that is the one
told last is no news, and a status that was not seen before cannot pass for an answer, for nobody knows how old it is.
What is no longer there, `deletions` tells.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from connectors.sinks.dynamics.activities import STREAMS, Activities
from connectors.sinks.dynamics.client import SHOWN, Client, Page
from connectors.sinks.dynamics.deletions import Deletions
from connectors.sinks.dynamics.failures import Fault
from connectors.sinks.dynamics.lookup import Lookup, Person
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.owners import Owners
from connectors.sinks.dynamics.records import Records, Told
from connectors.sinks.dynamics.schema import Schema
from connectors.sinks.dynamics.values import choice_of, guid_of, instant, stamp_of
from connectors.sinks.dynamics.wire import CONTACT, KINDS, LEAD, Kind
from syncd.connector import Clock, Retryable, Signal, SignalKind, SignalPage

Row = Mapping[str, Any]
OVERLAP = timedelta(minutes=2)  # a long transaction shows later than its stamp says
WHAT = "read of changes"
MOMENTS = ("lead", "contact", *STREAMS)
QUALIFIED, DISQUALIFIED = 1, 2
_SELECTED = "statecode,statuscode,merged,donotemail,modifiedon,_ownerid_value,_masterid_value,_modifiedby_value"


@dataclass(frozen=True, slots=True)
class Stream:
    """What has changed in one table, and what that says."""

    name: str
    query: str
    tell: Callable[[Sequence[Row]], Iterable[Signal]]
    needed: bool = True  # otherwise an environment that does not show it to us is read without it


class Changes:
    def __init__(
        self,
        options: DynamicsOptions,
        client: Client,
        schema: Schema,
        lookup: Lookup,
        owners: Owners,
        records: Records,
        clock: Clock,
    ) -> None:
        self._options, self._client, self._schema, self._lookup = options, client, schema, lookup
        self._owners, self._told, self._clock = owners, records.told, clock
        self._activities = Activities(options, client, lookup, owners)
        self._deletions = Deletions(client, lookup, clock)

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: each question reaches back a little before the cursor. All are asked by one call."""
        now = self._clock.now().astimezone(UTC).isoformat()
        at: dict[str, str] = {**dict.fromkeys(MOMENTS, now), **(json.loads(cursor) if cursor else {})}
        unread = [kind for kind in KINDS.values() if _gone(kind) not in at]
        at |= {_gone(kind): self._deletions.begin(kind) for kind in unread}
        if unread:
            yield SignalPage((), json.dumps(at))
        if cursor is None:
            return
        streams, tracked = list(self._streams(at)), [kind for kind in KINDS.values() if at[_gone(kind)]]
        deletions = [self._deletions.query(at[_gone(kind)]) for kind in tracked]
        answers = self._client.ask([*(stream.query for stream in streams), *deletions], what=WHAT)
        for stream, answer in zip(streams, answers, strict=False):
            if isinstance(answer, Page):
                yield from self._of_stream(at, stream, answer)
            elif stream.needed:
                self._schema.forget()
                raise Retryable(f"dynamics: {WHAT} refused: {answer}")
        for kind, answer in zip(tracked, answers[len(streams) :], strict=True):
            yield from self._of_deleted(at, kind, answer)

    def _of_deleted(self, at: dict[str, str], kind: Kind, answer: Page | Fault) -> Iterator[SignalPage]:
        """An address that is too old is refused: then it begins anew, with the next look."""
        before = at[_gone(kind)]
        if isinstance(answer, Fault):
            del at[_gone(kind)]
            yield SignalPage((), json.dumps(at))
            return
        for signals, onward in self._deletions.told(kind, answer):
            at[_gone(kind)] = onward or before
            if signals or (onward and onward != before):
                yield SignalPage(signals, json.dumps(at))

    def _streams(self, at: Mapping[str, str]) -> Iterator[Stream]:
        for kind in KINDS.values():
            if self._options.key_field in self._schema.table(kind.table).columns:
                yield Stream(kind.table, self._changed(kind, _since(at[kind.table])), partial(self._of_people, kind))
        for name in STREAMS:
            tell = partial(self._activities.told, name)
            yield Stream(name, self._activities.query(name, _since(at[name])), tell, needed=name == "task")

    def _of_stream(self, at: dict[str, str], stream: Stream, first: Page) -> Iterator[SignalPage]:
        """What was said is remembered when the page has been taken."""
        for page in self._client.pages(first, what=WHAT):
            if not page.rows:
                continue
            signals = list(stream.tell(page.rows))
            stamps = [stamp for row in page.rows if (stamp := stamp_of(row.get("modifiedon")))]
            at[stream.name] = max([datetime.fromisoformat(at[stream.name]), *stamps]).isoformat()
            yield SignalPage(signals, json.dumps(at))
            if stream.name in KINDS:
                self._remember(KINDS[stream.name], page.rows)

    def _changed(self, kind: Kind, since: datetime) -> str:
        """Our own records, those changed first first."""
        more = ",_parentcontactid_value" if kind is LEAD else ""
        chosen = f"{self._options.key_field}%20ne%20null%20and%20modifiedon%20ge%20{instant(since)}"
        return f"{kind.set}?$select={kind.id},{_SELECTED}{more}&$filter={chosen}&$orderby=modifiedon%20asc"

    def _of_people(self, kind: Kind, rows: Sequence[Row]) -> Iterator[Signal]:
        me = self._owners.me()
        for row in rows:
            ref = self._lookup.ref(kind, guid_of(row.get(kind.id)))
            at = stamp_of(row.get("modifiedon")) or self._clock.now()
            ours = guid_of(row.get("_modifiedby_value")) == me
            if row.get("merged") is True:
                master = self._lookup.ref(kind, guid_of(row.get("_masterid_value")))
                yield Signal(SignalKind.MERGED, ref, at, master.id)
                continue
            before = self._told.get(ref.id) or Told()
            owner = guid_of(row.get("_ownerid_value"))
            if owner and owner != before.owner and not (ours and not before.owner):
                yield Signal(SignalKind.OWNER_CHANGED, ref, at, owner, self._owners.by_id(owner))
            if row.get("donotemail") is True:
                yield Signal(SignalKind.OPTED_OUT, ref, at)
            if kind is LEAD:
                yield from self._of_status(row, at, before.status, ours=ours)

    def _of_status(self, row: Row, at: datetime, before: object, *, ours: bool) -> Iterator[Signal]:
        status, state = row.get("statuscode"), row.get("statecode")
        ref = self._lookup.ref(LEAD, guid_of(row.get("leadid")))
        if status == before or (ours and before is None):
            return
        label = str(row.get(f"statuscode@{SHOWN}") or status)
        yield Signal(SignalKind.STATUS_CHANGED, ref, at, label)
        follows = Person(LEAD, row).follows
        if state == QUALIFIED:
            yield Signal(SignalKind.QUALIFIED, ref, at, label)
            if follows:
                yield Signal(SignalKind.MERGED, ref, at, self._lookup.ref(CONTACT, follows[1]).id)
        elif state == DISQUALIFIED:
            yield Signal(SignalKind.LOST, ref, at, label)
        elif (meant := self._meaning(status)) and not (meant is SignalKind.ANSWERED and before is None):
            yield Signal(meant, ref, at, label)

    def _meaning(self, status: object) -> SignalKind | None:
        choices = self._schema.table("lead").choices("statuscode")
        named = {choice_of(text, choices): kind for text, kind in self._options.statuses.items()}
        return named.get(status) if isinstance(status, int) else None

    def _remember(self, kind: Kind, rows: Sequence[Row]) -> None:
        for row in rows:
            told = Told(guid_of(row.get("_ownerid_value")), row.get("statuscode"))
            self._told.put(f"{kind.set}/{guid_of(row.get(kind.id))}", told)


def _since(at: str) -> datetime:
    return datetime.fromisoformat(at) - OVERLAP


def _gone(kind: Kind) -> str:
    """Where in the cursor it stands how deletions are read."""
    return f"gone from {kind.table}"
