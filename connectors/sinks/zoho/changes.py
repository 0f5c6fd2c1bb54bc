"""What people did with our leads, contacts and tasks since the cursor.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html

Queries tell which records changed, and what they hold now. Where that differs from what we saw last, the record's
timeline tells when it happened: our own write of today must not make last year's status look new.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.client import PAGE, Client, Row
from connectors.sinks.zoho.coql import all_of, quoted, select
from connectors.sinks.zoho.deletions import EVERY, Deletions
from connectors.sinks.zoho.lookup import Lookup
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.people import People
from connectors.sinks.zoho.schema import Schema
from connectors.sinks.zoho.values import instant
from syncd.connector import Clock, Ref, Refused, Signal, SignalKind, SignalPage, moment_of, text_in

SECOND = timedelta(seconds=1)
MOST_SKIPPED = 20_000  # rows of one second that a query is paged through
MODIFIED, CREATED = "Modified_Time", "Created_Time"

Reading = Callable[[Sequence[Row], datetime], list[Signal]]


class Changes:
    def __init__(
        self, options: ZohoOptions, client: Client, tasks: Schema, people: People, lookup: Lookup, clock: Clock
    ) -> None:
        self._options, self._client, self._clock = options, client, clock
        self._tasks, self._people, self._lookup = tasks, people, lookup
        self._deletions = Deletions(client, people, lookup)

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: each module is read from a little before its cursor."""
        now = instant(self._clock.now())
        names = (*wire.MODULES, "Converted", "Tasks", "Calls", "Deals", "Deleted")
        at: dict[str, str] = {**dict.fromkeys(names, now), **(json.loads(cursor) if cursor else {})}
        if cursor is None:
            yield SignalPage((), json.dumps(at))
            return
        yield from self._conversions(at)
        for module in wire.MODULES:
            yield from self._changed_people(at, module)
        tasks = [self._made_by_us(), "Status = 'Completed'"]
        yield from self._pages(at, "Tasks", self._task_columns(), tasks, self._of_tasks)
        yield from self._where_there(at, "Calls", ["What_Id", "Who_Id", "Created_By"], CREATED, self._of_calls)
        yield from self._where_there(at, "Deals", ["Contact_Name", "Stage"], MODIFIED, self._of_deals)
        yield from self._deleted(at)

    def _conversions(self, at: dict[str, str]) -> Iterator[SignalPage]:
        """First, so that what is said of the contact finds its lead."""
        since, newest = self._since(at["Converted"]), at["Converted"]
        signals: list[Signal] = []
        for row in self._people.converted(since):
            signals += self._people.conversion(row)
            newest = max(newest, text_in(row, MODIFIED), key=lambda text: moment_of(text) or since)
        if signals:
            yield SignalPage(signals, json.dumps(at | {"Converted": newest}))
            at["Converted"] = newest

    def _deleted(self, at: dict[str, str]) -> Iterator[SignalPage]:
        """Now and then. An account may not tell them."""
        now, last = self._clock.now(), moment_of(at["Deleted"]) or self._clock.now()
        if now - last < EVERY:
            return
        try:
            signals = self._deletions.since(self._since(at["Deleted"]))
        except Refused:
            signals = []
        at["Deleted"] = instant(now)
        yield SignalPage(signals, json.dumps(at))

    def _changed_people(self, at: dict[str, str], module: str) -> Iterator[SignalPage]:
        """What was seen counts as seen only when the page has been taken."""
        since = self._since(at[module])
        where, columns = self._people.ours(module), self._people.columns(module)
        for rows in self._rows(module, columns, where, MODIFIED, since):
            signals = self._people.signals(module, rows, since)
            at[module] = _last(rows, MODIFIED) or at[module]
            yield SignalPage(signals, json.dumps(at))
            self._people.remember(module, rows)

    def _where_there(
        self, at: dict[str, str], module: str, columns: Sequence[str], by: str, read: Reading
    ) -> Iterator[SignalPage]:
        """An account may have hidden the module: then it tells nothing of it."""
        try:
            yield from self._pages(at, module, ["id", *columns, by], [], read, by)
        except Refused:
            return

    def _pages(
        self,
        at: dict[str, str],
        module: str,
        columns: Sequence[str],
        where: Sequence[str],
        read: Reading,
        by: str = MODIFIED,
    ) -> Iterator[SignalPage]:
        since = self._since(at[module])
        for rows in self._rows(module, columns, where, by, since):
            signals = read(rows, since)
            at[module] = _last(rows, by) or at[module]
            yield SignalPage(signals, json.dumps(at))

    def _rows(
        self, module: str, columns: Sequence[str], where: Sequence[str], by: str, since: datetime
    ) -> Iterator[Sequence[Row]]:
        """Those changed first first. The lower bound moves, not the offset: records that change while we read move
        to the end, and an offset would step over others.
        """
        low, skip = since, 0
        while True:
            condition = all_of([f"{by} >= {quoted(instant(low))}", *where])
            query = select(columns, module, condition, order=f"{by} asc", limit=PAGE, skip=skip)
            rows = self._client.query(query, what=f"query for changed {module}")
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            last = moment_of(rows[-1].get(by)) or low
            if last > low:
                low, skip = last, 0
            elif skip + 2 * PAGE <= MOST_SKIPPED:
                skip += PAGE
            else:
                low, skip = low + SECOND, 0

    def _since(self, cursor: str) -> datetime:
        moment = moment_of(cursor) or self._clock.now()
        return moment - timedelta(seconds=self._options.read_lag)

    def _made_by_us(self) -> str:
        mark = self._options.mark_field
        return f"{mark} is not null" if self._tasks.has(mark) else f"Created_By = {quoted(self._people.me())}"

    def _task_columns(self) -> list[str]:
        return ["id", MODIFIED, *(["Closed_Time"] if self._tasks.has("Closed_Time") else [])]

    def _of_tasks(self, rows: Sequence[Row], _: datetime) -> list[Signal]:
        return [
            Signal(SignalKind.TASK_DONE, Ref("task", str(row["id"])), at)
            for row in rows
            if (at := moment_of(row.get("Closed_Time")) or moment_of(row.get(MODIFIED)))
        ]

    def _of_calls(self, rows: Sequence[Row], _: datetime) -> list[Signal]:
        """A call that a person logged is an attempt to reach somebody."""
        signals = []
        for row in rows:
            at, by = moment_of(row.get(CREATED)), wire.id_in(row, "Created_By")
            for module, name in ((wire.LEADS, "What_Id"), (wire.CONTACTS, "Who_Id")):
                found = wire.id_in(row, name)
                if at and found and by != self._people.me():
                    signals.append(Signal(SignalKind.ANSWERED, self._lookup.ref(module, found), at))
        return signals

    def _of_deals(self, rows: Sequence[Row], _: datetime) -> list[Signal]:
        signals = []
        for row in rows:
            stage, contact, at = text_in(row, "Stage"), wire.id_in(row, "Contact_Name"), moment_of(row.get(MODIFIED))
            meant = self._options.stages.get(stage)
            if meant and contact and at:
                signals.append(Signal(meant, self._lookup.ref(wire.CONTACTS, contact), at, stage))
        return signals


def _last(rows: Sequence[Row], by: str) -> str:
    moment = moment_of(rows[-1].get(by))
    return instant(moment) if moment else ""
