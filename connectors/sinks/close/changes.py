"""What people did since the cursor, from Close's event log.

https://developer.close.com/api/resources/events - thirty days back, newest first, ours among them
https://developer.close.com/api/resources/events/list-of-event-types
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from connectors.sinks.close.account import Account
from connectors.sinks.close.client import Row
from connectors.sinks.close.lookup import EVENTS, Lookup
from connectors.sinks.close.options import CloseOptions
from connectors.sinks.close.schema import Schema
from connectors.sinks.close.wire import instant
from syncd.connector import Clock, Ref, Signal, SignalKind, SignalPage, mark_in, moment_of

CONTACTED = frozenset({("activity.call", "created"), ("activity.email", "sent"), ("activity.sms", "sent"),
                       ("activity.whatsapp_message", "sent"), ("activity.meeting", "completed")})  # fmt: skip
RESULTS = {"won": SignalKind.WON, "lost": SignalKind.LOST}
Reader = Callable[[Row, Ref, datetime], Iterator[Signal]]


class Changes:
    def __init__(self, options: CloseOptions, leads: Schema, lookup: Lookup, account: Account, clock: Clock) -> None:
        self._options, self._leads = options, leads
        self._lookup, self._account, self._clock = lookup, account, clock
        self._lag = timedelta(seconds=options.search_lag)
        self._readers: Mapping[str, Reader] = {
            "lead": self._of_lead,
            "task.lead": _of_task,
            "opportunity": _of_opportunity,
        }

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: the log is asked from a little before the cursor, and told when it is read whole."""
        now = self._clock.now()
        if cursor is None:
            yield SignalPage((), instant(now))
            return
        since = moment_of(cursor) or now
        params = {"date_updated__gte": instant(since - self._lag), "_limit": EVENTS}
        signals: list[Signal] = []
        newest = since
        for rows in self._lookup.events(params):
            for event in rows:
                at = moment_of(event.get("date_updated")) or now
                newest = max(newest, at)
                signals += reversed(list(self._of(event, at)))
        yield SignalPage(signals[::-1], instant(newest))

    def _of(self, event: Row, at: datetime) -> Iterator[Signal]:
        kind, action = str(event.get("object_type")), str(event.get("action"))
        lead = event.get("lead_id") or (event.get("object_id") if kind == "lead" else None)
        if not isinstance(lead, str) or not lead:
            return
        ref = Ref("lead", lead)
        if (kind, action) in CONTACTED:
            yield from _of_contact(event, ref, at)
        elif reader := self._readers.get(kind):
            yield from reader(event, ref, at)

    def _of_lead(self, event: Row, ref: Ref, at: datetime) -> Iterator[Signal]:
        """A lead that is merged into another is deleted as well, and lives on all the same."""
        action, meta, data = event.get("action"), _part(event, "meta"), _part(event, "data")
        source, into = (meta.get(f"merge_{end}_lead_id") for end in ("source", "destination"))
        if action in ("merged", "deleted") and isinstance(source, str) and isinstance(into, str):
            yield Signal(SignalKind.MERGED, Ref("lead", source), at, into)
        elif action == "deleted":
            yield Signal(SignalKind.GONE, ref, at)
        elif action == "updated":
            changed = event.get("changed_fields")
            names = set(map(str, changed)) if isinstance(changed, list) else set()
            yield from self._changed(names, data, ref, at)

    def _changed(self, names: set[str], data: Row, ref: Ref, at: datetime) -> Iterator[Signal]:
        code = self._leads.code(self._options.owner_field)
        owner = data.get(code) if code in names else None
        if isinstance(owner, str) and owner:
            yield Signal(SignalKind.OWNER_CHANGED, ref, at, owner, self._account.users.by_id(owner))
        status = data.get("status_label") if "status_id" in names else None
        if isinstance(status, str) and status:
            yield Signal(SignalKind.STATUS_CHANGED, ref, at, status)


def _of_contact(event: Row, ref: Ref, at: datetime) -> Iterator[Signal]:
    """A call, message or meeting of a person at our end; what came in is none."""
    data = _part(event, "data")
    if data.get("direction") not in ("inbound", "incoming"):
        yield Signal(SignalKind.ANSWERED, ref, moment_of(event.get("date_created")) or at)


def _of_task(event: Row, ref: Ref, at: datetime) -> Iterator[Signal]:
    if event.get("action") != "completed":
        return
    if mark_in(_part(event, "data").get("text")):
        yield Signal(SignalKind.TASK_DONE, Ref("task", str(event.get("object_id"))), at)
    else:
        yield Signal(SignalKind.ANSWERED, ref, at)


def _of_opportunity(event: Row, ref: Ref, at: datetime) -> Iterator[Signal]:
    """One that people make says that the lead is worth one; syncd makes none."""
    action, changed = event.get("action"), event.get("changed_fields")
    if action == "created":
        yield Signal(SignalKind.QUALIFIED, ref, moment_of(event.get("date_created")) or at)
    moved = action == "created" or (action == "updated" and isinstance(changed, list) and "status_id" in changed)
    result = RESULTS.get(str(_part(event, "data").get("status_type")))
    if moved and result:
        yield Signal(result, ref, at)


def _part(event: Row, name: str) -> Row:
    part = event.get(name)
    return part if isinstance(part, dict) else {}
