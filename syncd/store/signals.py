"""Signals from a sink, acted on page by page: what a lead's state, owner, task and clock make of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.model import Lead, LeadState, Signal, SignalKind
from syncd.store import history, timers
from syncd.store.content import read_lead, storable
from syncd.store.database import Database, in_parts, micros, moment
from syncd.store.prepared import Prepared, among
from syncd.store.schema import interactions, leads, orders, signals, word


@dataclass(frozen=True, slots=True)
class _Made:
    """An order whose object in the sink a signal may be about."""

    id: int
    lead_id: str
    mark: str
    object: str
    ref: str


def act(tx: Connection, database: Database, sink: str, found: Sequence[Signal], now: int) -> tuple[int, list[Signal]]:
    """How many were new and about somebody we know, and those about nobody we know.

    Everything is read first, then decided, then written.
    """
    about = _about(tx, sink, found)
    fresh = _note(tx, database, sink, [signal for signal in found if _key(signal) in about], about)
    people = _people(tx, {made.lead_id for signal in fresh for made in about[_key(signal)]})
    asked = _last_asked(tx, people)
    before, stories, reopened = dict(people), [], []
    for signal in fresh:
        for made in about[_key(signal)]:
            lead = people[made.lead_id]
            after = _hear(lead, signal, made.mark, asked[lead.id])
            if _done_too_soon(lead, after, signal):
                after = replace(after, open_task=_next_mark(made.mark), due_at=lead.due_at)
                reopened.append(made)
            people[lead.id] = after
            stories.append(_story(lead, after, signal, sink, now))
    changed = [lead for lead in people.values() if lead != before[lead.id]]
    _write(tx, changed, now)
    timers.stop(tx, [lead.id for lead in changed if lead.due_at is None or lead.answered_at or lead.state.closed])
    _follow_merges(tx, sink, fresh)
    _reopen(tx, sink, reopened, now)
    history.write(tx, stories)
    return len(fresh), [signal for signal in found if _key(signal) not in about]


def _key(signal: Signal) -> tuple[str, str]:
    return signal.ref.object, signal.ref.id


def _about(tx: Connection, sink: str, found: Iterable[Signal]) -> dict[tuple[str, str], list[_Made]]:
    """(object, id) in the sink -> our orders that made or found it, those of older leads first."""
    refs = sorted({signal.ref.id for signal in found})
    about: dict[tuple[str, str], list[_Made]] = {}
    for part in in_parts(refs):
        for row in _MADE.all(tx, sink=sink, refs=list(part)):
            about.setdefault((row.object, row.ref), []).append(_Made(*row))
    for signal in found:  # what was merged is spoken of under its new id, perhaps on the same page
        if signal.kind is SignalKind.MERGED and _key(signal) in about:
            about.setdefault((signal.ref.object, signal.value), []).extend(about[_key(signal)])
    return about


def _note(
    tx: Connection,
    database: Database,
    sink: str,
    heard: Sequence[Signal],
    about: Mapping[tuple[str, str], Sequence[_Made]],
) -> list[Signal]:
    """Those that were never said before."""
    rows = {_said(signal): signal for signal in heard}
    if not rows:
        return []
    made: Any = sqlite.insert(signals) if database.sqlite else postgresql.insert(signals)
    names = ("kind", "ref", "at", "value")
    values = [
        {**dict(zip(names, said, strict=True)), "sink": sink, "lead_id": about[_key(signal)][0].lead_id}
        for said, signal in rows.items()
    ]
    new = made.on_conflict_do_nothing().returning(*(signals.c[name] for name in names))
    said = {tuple(row) for row in tx.execute(new, values)}
    return [signal for key, signal in rows.items() if key in said]


def _said(signal: Signal) -> tuple[str, str, int, str]:
    return signal.kind.value, signal.ref.id, micros(signal.at), storable(signal.value, 300)


def _people(tx: Connection, ids: Iterable[str]) -> dict[str, Lead]:
    wanted = sorted(ids)
    return {row.id: read_lead(row) for row in (_PEOPLE.all(tx, ids=wanted) if wanted else ())}


def _last_asked(tx: Connection, people: Mapping[str, Lead]) -> dict[str, datetime]:
    rows = _NEWEST.all(tx, ids=sorted(people)) if people else ()
    return {lead.id: lead.created_at for lead in people.values()} | {lead_id: moment(at) for lead_id, at in rows}


_MADE = Prepared(
    lambda sqlite: (
        select(orders.c.id, orders.c.lead_id, orders.c.mark, orders.c.object, orders.c.ref)
        .where(orders.c.sink == bindparam("sink"), among(orders.c.ref, "refs", sqlite=sqlite))
        .order_by(orders.c.id)
    )
)
_PEOPLE = Prepared(
    lambda sqlite: select(leads).where(among(leads.c.id, "ids", sqlite=sqlite)).order_by(leads.c.id).with_for_update()
)
_NEWEST = Prepared(
    lambda sqlite: (
        select(interactions.c.lead_id, func.max(interactions.c.at))
        .where(among(interactions.c.lead_id, "ids", sqlite=sqlite))
        .group_by(interactions.c.lead_id)
    )
)


def _hear(lead: Lead, signal: Signal, mark: str, asked: datetime) -> Lead:
    """The lead after a signal. Closed leads stay closed; an answer counts when it came after the question."""
    kind = signal.kind
    answered = lead.answered_at or (signal.at if signal.at >= asked else None)
    if kind is SignalKind.OWNER_CHANGED:
        return replace(lead, owner=signal.value or lead.owner)
    if kind is SignalKind.TASK_DONE and mark == lead.open_task:
        return replace(lead, open_task="", due_at=None, answered_at=answered, state=_attempted(lead, answered))
    if kind is SignalKind.ANSWERED:
        return replace(lead, answered_at=answered, state=_attempted(lead, answered))
    state = _STATES.get(kind)
    if state is None or lead.state.closed:
        return lead
    if kind is SignalKind.OPTED_OUT:
        return replace(lead, state=state)
    return replace(lead, state=state, answered_at=answered)


_STATES = {
    SignalKind.QUALIFIED: LeadState.QUALIFIED,
    SignalKind.WON: LeadState.WON,
    SignalKind.LOST: LeadState.LOST,
    SignalKind.OPTED_OUT: LeadState.OPTED_OUT,
}
_UNTOUCHED = (LeadState.ASSIGNED, LeadState.TRIAGE, LeadState.RECEIVED)


def _attempted(lead: Lead, answered: datetime | None) -> LeadState:
    return LeadState.ATTEMPTED if answered and lead.state in _UNTOUCHED else lead.state


def _done_too_soon(lead: Lead, after: Lead, signal: Signal) -> bool:
    """The task was done before the newest question came: that question needs a task of its own."""
    done = signal.kind is SignalKind.TASK_DONE and lead.open_task != after.open_task
    return done and after.answered_at is None and not after.state.closed


def _next_mark(mark: str) -> str:
    return f"{mark}b"


def _story(lead: Lead, after: Lead, signal: Signal, sink: str, now: int) -> dict[str, Any]:
    moved = ("state", "owner", "open_task", "due_at", "answered_at")
    changed = sorted(name for name in moved if getattr(lead, name) != getattr(after, name))
    return history.row(
        now, f"signal: {signal.kind.value}", lead=lead.id, sink=sink, value=signal.value, at=signal.at.isoformat(),
        changed=changed,
    )  # fmt: skip


def _write(tx: Connection, changed: Sequence[Lead], now: int) -> None:
    if changed:
        tx.execute(_CHANGE, [_moved(lead, now) for lead in sorted(changed, key=lambda lead: lead.id)])


def _moved(lead: Lead, now: int) -> dict[str, Any]:
    return {
        "number": lead.id, "to_state": lead.state.value, "to_owner": lead.owner, "to_task": lead.open_task,
        "to_due": micros(lead.due_at) if lead.due_at else None,
        "to_answered": micros(lead.answered_at) if lead.answered_at else None, "now": now,
    }  # fmt: skip


_CHANGE = (
    update(leads)
    .where(leads.c.id == bindparam("number"))
    .values(
        state=bindparam("to_state"), owner=bindparam("to_owner"), open_task=bindparam("to_task"),
        due_at=bindparam("to_due"), answered_at=bindparam("to_answered"), updated_at=bindparam("now"),
    )
)  # fmt: skip


def _follow_merges(tx: Connection, sink: str, fresh: Iterable[Signal]) -> None:
    merged = [s for s in fresh if s.kind is SignalKind.MERGED and s.value]
    for signal in merged:  # one by one, in the order in which they happened
        tx.execute(
            update(orders)
            .where(
                orders.c.sink == sink,
                orders.c.ref == signal.ref.id,
                orders.c.object == signal.ref.object,
                orders.c.kind == word("record"),
            )
            .values(ref=signal.value)
        )


def _reopen(tx: Connection, sink: str, done: Sequence[_Made], now: int) -> None:
    """The same task once more, under a mark of its own; what it says holds the newest question already."""
    for made in done:
        row = tx.execute(select(orders).where(orders.c.id == made.id)).one()
        copied = {name: getattr(row, name) for name in ("lead_id", "submission_id", "kind", "urgency", "payload")}
        fresh = {"mark": _next_mark(made.mark), "sink": sink, "state": "waiting", "wanted": 1, "done": 0}
        tx.execute(insert(orders).values(**copied, **fresh, due_at=now, created_at=now))
