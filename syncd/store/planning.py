"""One planning transaction: what is known is read under key locks, decided about, and written as a whole.

`Session` is a small picture of the leads that a batch touches. Each decision is put into the picture at
once, so the next submission of the same person in the same batch finds it there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.core.decision import Decision, Verdict
from syncd.core.routing.pools import PoolState
from syncd.model import Lead, Ref
from syncd.store import history, order_rows, timers
from syncd.store.content import dump, lead_row, load, read_lead
from syncd.store.database import Database, micros
from syncd.store.schema import inbox, interactions, lead_keys, leads, orders, pools


@dataclass(slots=True)
class Session:
    """What the store knows of a batch's people, and what has been decided so far."""

    held: frozenset[int]  # submissions that are still ours
    leads: dict[str, Lead]
    holders: dict[str, list[str]]  # key text -> ids of leads
    pools: dict[str, PoolState]
    refs: dict[str, str]  # record ref in the system of record -> lead id
    records: Mapping[str, Ref] = field(default_factory=dict)  # lead id -> its record there
    recent: dict[str, int] = field(default_factory=dict)  # lead id -> interactions within the last hour
    seen: object = None  # what the picture was drawn from; equal when nothing has changed since
    taken: list[tuple[int, Decision]] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)

    def linked(self, ref: str) -> Lead | None:
        return self.leads.get(self.refs.get(ref, ""))

    def take(self, submission_id: int, decision: Decision) -> None:
        """Note a decision; it is written when the session ends."""
        self.taken.append((submission_id, decision))
        lead = decision.lead
        if lead is None:
            return
        if lead.id not in self.leads:
            self.fresh.add(lead.id)
        self.leads[lead.id] = lead
        if decision.known:
            self.refs.setdefault(decision.known.ref.id, lead.id)
        for key in decision.keys:
            ids = self.holders.setdefault(key.text, [])
            if lead.id not in ids:
                ids.append(lead.id)
        if decision.pool:
            self.pools[decision.pool[0]] = decision.pool[1]


class Planning:
    def __init__(self, database: Database, sinks: Callable[[], Sequence[str]]) -> None:
        self.database, self.sinks = database, sinks

    def save(
        self,
        token: str,
        ids: Sequence[int],
        keys: Sequence[str],
        refs: Sequence[str],
        record_sink: str,
        decide: Callable[[Session], None],
    ) -> Session:
        """Decide about a batch and write everything that was taken in one transaction, or nothing.

        `decide` is first called beside the others' work, without any lock. If the picture has changed by the
        time of writing, what it took is thrown away and it is called once more, now with everybody held off.
        """
        with self.database.read() as tx:
            session = self._open(tx, token, ids, keys, refs, record_sink, lock=False)
        decide(session)
        with self.database.write() as tx:
            self.database.take_turns(tx, keys)
            now = self._open(tx, token, ids, keys, refs, record_sink, lock=True)
            if now.seen != session.seen:
                decide(now)
                session = now
            self._write(tx, session, record_sink)
        return session

    def preview(self, keys: Sequence[str], refs: Sequence[str] = (), record_sink: str = "") -> Session:
        """The same picture without a claim or a lock, for matching beforehand and for dry runs."""
        with self.database.read() as tx:
            session = self._open(tx, "", (), keys, refs, record_sink, lock=False)
            session.records = _records(tx, session.leads, record_sink)
            return session

    def _open(
        self,
        tx: Connection,
        token: str,
        ids: Sequence[int],
        keys: Sequence[str],
        refs: Sequence[str],
        record_sink: str,
        *,
        lock: bool,
    ) -> Session:
        held = frozenset[int]()
        if ids:
            mine = select(inbox.c.id).where(inbox.c.id.in_(ids), inbox.c.lease == token).order_by(inbox.c.id)
            held = frozenset(tx.execute(mine.with_for_update() if lock else mine).scalars())
        holders: dict[str, list[str]] = {}
        for key, lead_id in tx.execute(select(lead_keys.c.key, lead_keys.c.lead_id).where(lead_keys.c.key.in_(keys))):
            holders.setdefault(key, []).append(lead_id)
        by_ref = _leads_by_ref(tx, refs, record_sink)
        wanted = {lead_id for found in holders.values() for lead_id in found} | set(by_ref.values())
        people = select(leads).where(leads.c.id.in_(wanted)).order_by(leads.c.id)
        rows = tx.execute(people.with_for_update() if lock else people) if wanted else ()
        known = {row.id: read_lead(row) for row in rows}
        recent = _recent(tx, known, self.database.now_us()) if known else {}
        turns = select(pools.c.name, pools.c.state).order_by(pools.c.name)
        stored = {row.name: row.state for row in tx.execute(turns.with_for_update() if lock else turns)}
        states = {name: PoolState.from_json(load(state)) for name, state in stored.items()}
        seen = (held, dict(known), {key: sorted(ids) for key, ids in holders.items()}, stored, dict(by_ref))
        return Session(held, known, holders, states, by_ref, recent=recent, seen=seen)

    def _write(self, tx: Connection, session: Session, record_sink: str) -> None:
        if not session.taken:
            return
        now = self.database.now_us()
        self._write_leads(tx, session)
        tx.execute(_SETTLE, [_settled(number, decision, now) for number, decision in session.taken])
        landed = [(number, decision) for number, decision in session.taken if decision.lead]
        if landed:
            tx.execute(insert(interactions), [_interaction(number, decision) for number, decision in landed])
            order_rows.write(tx, self.database, landed, session.leads, self.sinks(), record_sink, now)
            timers.set_due(
                tx, self.database, {d.lead.id: micros(d.task.due_at) for _, d in landed if d.lead and d.task}
            )
        history.write(tx, [_story(number, decision, now) for number, decision in session.taken])
        self._write_pools(tx, session)

    def _write_leads(self, tx: Connection, session: Session) -> None:
        touched = {d.lead.id for _, d in session.taken if d.lead}
        rows = {lead_id: lead_row(session.leads[lead_id]) for lead_id in touched}
        made = [row for lead_id, row in rows.items() if lead_id in session.fresh]
        changed = [row for lead_id, row in rows.items() if lead_id not in session.fresh]
        if made:
            tx.execute(insert(leads), made)
        if changed:
            tx.execute(_CHANGE_LEAD, [{f"to_{name}": value for name, value in row.items()} for row in changed])
        keys = {
            (key.text, decision.lead.id): {"key": key.text, "lead_id": decision.lead.id, "exact": key.exact}
            for _, decision in session.taken
            if decision.lead
            for key in decision.keys
        }
        if keys:
            tx.execute(self._insert(lead_keys).on_conflict_do_nothing(), list(keys.values()))

    def _write_pools(self, tx: Connection, session: Session) -> None:
        states = {d.pool[0]: dump(session.pools[d.pool[0]].to_json()) for _, d in session.taken if d.pool}
        for name, state in sorted(states.items()):
            changed = tx.execute(update(pools).where(pools.c.name == name).values(state=state)).rowcount
            if not changed:
                tx.execute(insert(pools).values(name=name, state=state))

    def _insert(self, table: Any) -> Any:
        return sqlite.insert(table) if self.database.sqlite else postgresql.insert(table)


def _leads_by_ref(tx: Connection, refs: Sequence[str], sink: str) -> dict[str, str]:
    if not refs:
        return {}
    rows = tx.execute(
        select(orders.c.ref, func.min(orders.c.lead_id).label("lead_id"))
        .where(orders.c.sink == sink, orders.c.ref.in_(refs), orders.c.kind == "record")
        .group_by(orders.c.ref)
    )
    return {row.ref: row.lead_id for row in rows}


_HOUR_US = 3_600_000_000
_CHANGE_LEAD = (
    update(leads)
    .where(leads.c.id == bindparam("to_id"))
    .values({column: bindparam(f"to_{column.name}") for column in leads.c if column.name != "id"})
)


def _recent(tx: Connection, lead_ids: Iterable[str], now: int) -> dict[str, int]:
    rows = tx.execute(
        select(interactions.c.lead_id, func.count().label("n"))
        .where(interactions.c.lead_id.in_(list(lead_ids)), interactions.c.at > now - _HOUR_US)
        .group_by(interactions.c.lead_id)
    )
    return {row.lead_id: row.n for row in rows}


def _records(tx: Connection, lead_ids: Iterable[str], sink: str) -> dict[str, Ref]:
    rows = tx.execute(
        select(orders.c.lead_id, orders.c.object, orders.c.ref, orders.c.url).where(
            orders.c.lead_id.in_(list(lead_ids)),
            orders.c.sink == sink,
            orders.c.kind == "record",
            orders.c.ref.is_not(None),
        )
    )
    return {row.lead_id: Ref(row.object, row.ref, row.url or "") for row in rows}


_STATES = {
    Verdict.NEW: "planned",
    Verdict.MERGED: "planned",
    Verdict.QUARANTINED: "quarantined",
    Verdict.SUPPRESSED: "suppressed",
}
_SETTLE = (
    update(inbox)
    .where(inbox.c.id == bindparam("number"))
    .values(
        state=bindparam("to_state"),
        lead_id=bindparam("to_lead"),
        merged=bindparam("to_merged"),
        planned_at=bindparam("now"),
        problem=bindparam("to_problem"),
        lease=None,
    )
)


def _settled(number: int, decision: Decision, now: int) -> dict[str, Any]:
    return {
        "number": number,
        "to_state": _STATES[decision.verdict],
        "to_lead": decision.lead.id if decision.lead else None,
        "to_merged": decision.verdict is Verdict.MERGED,
        "to_problem": str(decision.story.get("reason", "")),
        "now": now,
    }


def _interaction(number: int, decision: Decision) -> dict[str, Any]:
    lead, note = decision.lead, decision.note
    if lead is None or note is None:
        raise ValueError("a decision that lands has a lead and a note")
    return {
        "submission_id": number,
        "lead_id": lead.id,
        "at": micros(note.at),
        "source": decision.source,
        "detail": dump({"stage": lead.stage, "rule": lead.rule}),
    }


def _story(number: int, decision: Decision, now: int) -> dict[str, Any]:
    return {
        "at": now,
        "lead_id": decision.lead.id if decision.lead else None,
        "submission_id": number,
        "order_id": None,
        "event": f"planned: {decision.verdict.value}",
        "detail": dump(dict(decision.story)),
    }
