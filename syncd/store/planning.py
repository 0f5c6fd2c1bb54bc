"""One planning transaction: what is known is read under key locks, decided about, and written as a whole.

`Session` is a small picture of the leads that a batch touches. Each decision is put into the picture at
once, so the next submission of the same person in the same batch finds it there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from syncd.core.decision import Decision, Verdict
from syncd.core.routing.pools import PoolState
from syncd.model import Lead, Ref
from syncd.store import history, order_rows, timers
from syncd.store import refs as places
from syncd.store.content import dump, lead_row, load, read_lead
from syncd.store.database import Database, micros
from syncd.store.inbox import rebuilt
from syncd.store.prepared import Prepared, among, insert_into
from syncd.store.schema import inbox, interactions, lead_keys, leads, pools


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
        with self.database.write(durable=False) as tx:  # a plan that is lost is made again, the same
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
            session.records = places.records(tx, session.leads, record_sink)
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
        held = _held(tx, token, ids, lock=lock)
        holders: dict[str, list[str]] = {}
        for row in _HOLDERS.all(tx, keys=list(keys)) if keys else ():
            holders.setdefault(row.key, []).append(row.lead_id)
        by_ref = places.leads_by_ref(tx, refs, record_sink)
        wanted = {lead_id for found in holders.values() for lead_id in found} | set(by_ref.values())
        rows = _PEOPLE[lock].all(tx, ids=sorted(wanted)) if wanted else ()
        known = {row.id: read_lead(row) for row in rows}
        recent = _recent(tx, known, self.database.now_us()) if known else {}
        stored = {row.name: row.state for row in _TURNS[lock].all(tx)}
        states = {name: PoolState.from_json(load(state)) for name, state in stored.items()}
        seen = (held, dict(known), {key: sorted(ids) for key, ids in holders.items()}, stored, dict(by_ref))
        return Session(held, known, holders, states, by_ref, recent=recent, seen=seen)

    def _write(self, tx: Connection, session: Session, record_sink: str) -> None:
        if not session.taken:
            return
        now = self.database.now_us()
        self._write_leads(tx, session)
        _SETTLE.many(tx, [_settled(number, decision, now) for number, decision in session.taken])
        landed = [(number, decision) for number, decision in session.taken if decision.lead]
        if landed:
            _INTERACTIONS.many(tx, [_interaction(number, decision) for number, decision in landed])
            order_rows.write(tx, landed, session.leads, self.sinks(), record_sink, now)
            if again := _come_back(tx, [number for number, _ in landed]):
                order_rows.doubt(tx, again, now)
            timers.set_due(tx, {d.lead.id: micros(d.task.due_at) for _, d in landed if d.lead and d.task})
        history.write(tx, [_story(number, decision, now) for number, decision in session.taken])
        self._write_pools(tx, session)

    def _write_leads(self, tx: Connection, session: Session) -> None:
        touched = {d.lead.id for _, d in session.taken if d.lead}
        rows = {lead_id: lead_row(session.leads[lead_id]) for lead_id in touched}
        made = [row for lead_id, row in rows.items() if lead_id in session.fresh]
        changed = [row for lead_id, row in rows.items() if lead_id not in session.fresh]
        _MAKE_LEAD.many(tx, made)
        _CHANGE_LEAD.many(tx, changed)
        keys = {
            (key.text, decision.lead.id): {"key": key.text, "lead_id": decision.lead.id, "exact": key.exact}
            for _, decision in session.taken
            if decision.lead
            for key in decision.keys
        }
        _KEYS.many(tx, list(keys.values()))

    def _write_pools(self, tx: Connection, session: Session) -> None:
        states = {d.pool[0]: dump(session.pools[d.pool[0]].to_json()) for _, d in session.taken if d.pool}
        _POOL.many(tx, [{"name": name, "state": state} for name, state in sorted(states.items())])


def _held(tx: Connection, token: str, ids: Sequence[int], *, lock: bool) -> frozenset[int]:
    """Which of the submissions are still leased to us."""
    return frozenset(_MINE[lock].run(tx, ids=list(ids), token=token).scalars()) if ids else frozenset()


_HOUR_US = 3_600_000_000


def _recent(tx: Connection, lead_ids: Iterable[str], now: int) -> dict[str, int]:
    return {row.lead_id: row.n for row in _RECENT.all(tx, ids=list(lead_ids), since=now - _HOUR_US)}


def _both(statement: Callable[[bool], Any]) -> dict[bool, Prepared]:
    """The statement as it is, and with its rows locked until the end of the transaction."""
    return {False: Prepared(statement), True: Prepared(lambda sqlite: statement(sqlite).with_for_update())}


_MINE = _both(
    lambda sqlite: (
        select(inbox.c.id)
        .where(among(inbox.c.id, "ids", sqlite=sqlite), inbox.c.lease == bindparam("token"))
        .order_by(inbox.c.id)
    )
)
_HOLDERS = Prepared(
    lambda sqlite: select(lead_keys.c.key, lead_keys.c.lead_id).where(among(lead_keys.c.key, "keys", sqlite=sqlite))
)
_PEOPLE = _both(lambda sqlite: select(leads).where(among(leads.c.id, "ids", sqlite=sqlite)).order_by(leads.c.id))
_TURNS = _both(lambda _: select(pools.c.name, pools.c.state).order_by(pools.c.name))
_RECENT = Prepared(
    lambda sqlite: (
        select(interactions.c.lead_id, func.count().label("n"))
        .where(among(interactions.c.lead_id, "ids", sqlite=sqlite), interactions.c.at > bindparam("since"))
        .group_by(interactions.c.lead_id)
    )
)

_MAKE_LEAD = Prepared(insert(leads))
_CHANGE_LEAD = Prepared(
    update(leads)
    .where(leads.c.id == bindparam("id"))
    .values({column: bindparam(column.name) for column in leads.c if column.name != "id"})
)
_KEYS = Prepared(lambda sqlite: insert_into(lead_keys, sqlite_=sqlite).on_conflict_do_nothing())
_INTERACTIONS = Prepared(insert(interactions))


def _pool(sqlite: bool) -> Any:
    made = insert_into(pools, sqlite_=sqlite)
    return made.on_conflict_do_update(index_elements=["name"], set_={"state": made.excluded.state})


_POOL = Prepared(_pool)

_STATES = {
    Verdict.NEW: "planned",
    Verdict.MERGED: "planned",
    Verdict.QUARANTINED: "quarantined",
    Verdict.SUPPRESSED: "suppressed",
}
_SETTLE = Prepared(
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


def _come_back(tx: Connection, numbers: Sequence[int]) -> list[int]:
    """Those that came back from receipts."""
    ranges = rebuilt(tx)
    return [number for number in numbers if any(first <= number <= last for first, last in ranges)]
