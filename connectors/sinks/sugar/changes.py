"""What people did since the cursor: statuses, owners, opt-outs, tasks done, calls and meetings held, deals closed.

Lists by `date_modified`. They tell what stands there now, not who changed which field, so of a record whose last
change is our own only what differs from what we saw before is told: a new enquiry must not make last year's status new.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.sinks.sugar import wire
from connectors.sinks.sugar.lookup import Lookup
from connectors.sinks.sugar.options import SugarOptions
from connectors.sinks.sugar.people import People
from connectors.sinks.sugar.schema import Schema
from connectors.sinks.sugar.service import (
    CONTACTS,
    DELETED,
    EMAIL,
    LEADS,
    MODULES,
    OPTED_OUT,
    PAGE,
    Question,
    Row,
    Service,
)
from syncd.connector import (
    AuthFailed,
    Clock,
    Fresh,
    Recent,
    Ref,
    Refused,
    Retryable,
    Signal,
    SignalKind,
    SignalPage,
    moment_of,
    text_in,
)

SECOND = timedelta(seconds=1)
MODIFIED, BY, OWNER, STATUS = "date_modified", "modified_user_id", "assigned_user_id", "status"
PARENT = ("parent_type", "parent_id")
REMEMBERED = 20_000
MOST_PAGES = 200  # of one second
HELD = {"Tasks": "Completed", "Calls": "Held", "Meetings": "Held"}

Reading = Callable[[Sequence[Row]], list[Signal]]
Seen = tuple[str, ...]


class Changes:
    def __init__(
        self, options: SugarOptions, service: Service, schema: Schema, lookup: Lookup, people: People, clock: Clock
    ) -> None:
        self._options, self._service, self._schema = options, service, schema
        self._lookup, self._people, self._clock = lookup, people, clock
        self._me = Fresh(service.me, clock)
        self._seen: Recent[tuple[str, str], Seen] = Recent(REMEMBERED)

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: each module is read from a little before its cursor."""
        now = _text(self._clock.now())
        at: dict[str, str] = {**dict.fromkeys((*MODULES, *HELD, "Opportunities"), now), **json.loads(cursor or "{}")}
        if cursor is None:
            yield SignalPage((), json.dumps(at))
            return
        for module in MODULES:
            yield from self._pages(at, module, self._columns(module), lambda rows, m=module: self._of_people(m, rows))  # type: ignore[misc]
        for module in HELD:
            fields = ("id", MODIFIED, STATUS, *PARENT, DELETED)
            yield from self._pages(at, module, fields, lambda rows, m=module: self._of_acts(m, rows))  # type: ignore[misc]
        deals = ("id", MODIFIED, "sales_stage", "amount", DELETED)
        yield from self._pages(at, "Opportunities", deals, self._of_deals)

    def _pages(self, at: dict[str, str], module: str, fields: Sequence[str], read: Reading) -> Iterator[SignalPage]:
        """Where a module is switched off or out of our sight, it tells nothing; `check` says so."""
        since = (moment_of(at[module]) or self._clock.now()) - timedelta(seconds=self._options.read_lag)
        try:
            for rows in self._rows(module, fields, since):
                signals = read(rows)
                at[module] = max([at[module], *(_text(_at(row, self._clock)) for row in rows)])
                yield SignalPage(signals, json.dumps(at))
                for row in rows:
                    self._seen.put((module, str(row["id"])), _watched(row))
        except AuthFailed:
            if module in MODULES:
                raise
        except Refused as error:
            if module in MODULES:
                self._schema.forget()
                raise Retryable(str(error)) from error

    def _rows(self, module: str, fields: Sequence[str], since: datetime) -> Iterator[list[Row]]:
        """The lower bound moves, not the page: what changes while we read moves to the end, and pages would step over
        others.
        """
        low, page = since.replace(microsecond=0), 0
        while True:
            rows = self._service.changed(module, low, page, fields)
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            last = _at(rows[-1], self._clock)
            low, page = (last, 0) if last > low else (low, page + 1) if page < MOST_PAGES else (low + SECOND, 0)

    def _columns(self, module: str) -> tuple[str, ...]:
        wanted = ("id", EMAIL, MODIFIED, BY, OWNER, STATUS, "converted", "contact_id", DELETED)
        return self._schema.asked(module, {}, *wanted)

    def _of_people(self, module: str, rows: Sequence[Row]) -> list[Signal]:
        signals: list[Signal] = []
        for row in rows:
            before, now = self._seen.get((module, str(row["id"]))), _watched(row)
            ours = text_in(row, BY) == self._me.value()
            if before != now and not (ours and before is None):
                signals += self._of_person(module, row, before or ("", "", "", ""))
        return signals

    def _of_person(self, module: str, row: Row, before: Seen) -> Iterator[Signal]:
        """What is different from `before`; of one that we see for the first time, all of it."""
        ref, at = self._lookup.ref((module, str(row["id"]))), _at(row, self._clock)
        owner, status, opted, gone = _watched(row)
        if gone and gone != before[3]:
            yield Signal(SignalKind.GONE, ref, at)
            return
        if owner and owner != before[0]:
            yield Signal(SignalKind.OWNER_CHANGED, ref, at, owner, self._people.owner(owner))
        if module == LEADS and status and status != before[1]:
            yield Signal(SignalKind.STATUS_CHANGED, ref, at, status)
            if (meant := self._options.statuses.get(status)) is not None:
                yield Signal(meant, ref, at, status)
        if opted and opted != before[2]:
            yield Signal(SignalKind.OPTED_OUT, ref, at)

    def _of_acts(self, module: str, rows: Sequence[Row]) -> list[Signal]:
        """Of a task of ours that it is done; anything else that somebody did is an attempt to reach the lead."""
        signals = []
        for row in rows:
            told = self._seen.get((module, str(row["id"]))) == _watched(row)
            if told or row.get(DELETED) or text_in(row, STATUS) != HELD[module]:
                continue
            at, parent = _at(row, self._clock), (text_in(row, PARENT[0]), text_in(row, PARENT[1]))
            if module == "Tasks" and wire.is_ours(str(row["id"])):
                signals.append(Signal(SignalKind.TASK_DONE, Ref("task", str(row["id"])), at))
            elif parent[0] in MODULES:
                signals.append(Signal(SignalKind.ANSWERED, self._lookup.ref(parent), at))
        return signals

    def _of_deals(self, rows: Sequence[Row]) -> list[Signal]:
        """Won or lost, with the stage and the amount: of the lead that was converted with it, and of its contact."""
        closed = {str(row["id"]): row for row in rows if text_in(row, "sales_stage") in self._options.stages}
        if not closed:
            return []
        fields = self._schema.asked(LEADS, {}, "id", "opportunity_id", "contact_id")
        leads = self._service.read([Question(LEADS, "opportunity_id", tuple(closed), fields)])[0]
        return [signal for lead in leads for signal in self._of_deal(lead, closed)]

    def _of_deal(self, lead: Row, closed: Mapping[str, Row]) -> Iterator[Signal]:
        row = closed.get(text_in(lead, "opportunity_id"))
        if row is None or row.get(DELETED):
            return
        stage, at = text_in(row, "sales_stage"), _at(row, self._clock)
        told = ", ".join(filter(None, (stage, text_in(row, "amount"))))
        yield Signal(self._options.stages[stage], self._lookup.ref((LEADS, str(lead["id"]))), at, told)
        if contact := text_in(lead, "contact_id"):
            yield Signal(self._options.stages[stage], self._lookup.ref((CONTACTS, contact)), at, told)


def _watched(row: Row) -> Seen:
    return text_in(row, OWNER), text_in(row, STATUS), "yes" if row.get(OPTED_OUT) else "", _deleted(row)


def _deleted(row: Row) -> str:
    return "yes" if row.get(DELETED) else ""


def _at(row: Row, clock: Clock) -> datetime:
    return moment_of(row.get(MODIFIED)) or clock.now()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
