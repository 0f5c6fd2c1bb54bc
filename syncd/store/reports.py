"""What people ask: the list of leads, the story of one, what is parked, how the whole stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, false, func, literal, select, union_all

from syncd.core.probe import REASON as PROBE
from syncd.model import Fate, Lead
from syncd.store.classes import CLASS
from syncd.store.content import load, read_lead
from syncd.store.database import Database, in_parts, moment, moment_or_none
from syncd.store.schema import ASIDE, HELD, OPEN, history, inbox, interactions, lead_keys, leads, one_of, orders, word


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order as people see it."""

    id: int
    sink: str
    kind: str
    state: str
    ref: str
    url: str
    reason: str
    attempts: int
    due_at: datetime | None
    done_at: datetime | None
    mark: str
    subject: str = ""
    object: str = ""  # what the sink calls it; empty until it is made


@dataclass(frozen=True, slots=True)
class LeadLine:
    lead: Lead
    orders: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    event: str
    detail: dict[str, Any]
    submission: int | None
    order: int | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission as people see it."""

    id: int
    source: str
    key: str
    received_at: datetime
    state: str
    reason: str
    repeats: int
    lead_id: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one lead."""

    line: LeadLine
    arrivals: tuple[Arrival, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """Something set aside. `id` is what `retry` takes: s<number> for submissions, o<number> for orders."""

    id: str
    what: str
    since: datetime
    reason: str
    lead_id: str
    in_doubt: bool = False  # sent, and nothing can tell whether it arrived: `settle` takes a person's answer


class Reports:
    def __init__(self, database: Database) -> None:
        self.database = database

    def newest(self, most: int = 50) -> list[LeadLine]:
        """Leads, the newest first."""
        wanted = select(leads).order_by(leads.c.created_at.desc(), leads.c.id).limit(most)
        with self.database.read() as tx:
            return self._lines(tx, tx.execute(wanted).all())

    def story(self, lead_id: str) -> Story | None:
        with self.database.read() as tx:
            row = tx.execute(select(leads).where(leads.c.id == lead_id)).one_or_none()
            if row is None:
                return None
            (line,) = self._lines(tx, [row])
            rows = tx.execute(
                select(*_ARRIVAL)
                .join(interactions, interactions.c.submission_id == inbox.c.id)
                .where(interactions.c.lead_id == lead_id)
                .order_by(inbox.c.received_at)
            )
            arrivals = tuple(_arrival(arrival) for arrival in rows)
            events = tuple(
                _event(event)
                for event in tx.execute(
                    select(history).where(history.c.lead_id == lead_id).order_by(history.c.at, history.c.id)
                )
            )
        return Story(line, arrivals, events)

    def find_lead(self, keys: Sequence[str]) -> list[str]:
        """Ids of the leads that hold one of the keys ("e:eva@acme.com"), oldest first."""
        with self.database.read() as tx:
            holders = select(lead_keys.c.lead_id).where(lead_keys.c.key.in_(keys))
            found = select(leads.c.id).where(leads.c.id.in_(holders)).order_by(leads.c.created_at, leads.c.id)
            return list(tx.execute(found).scalars())

    def find_arrival(self, number: int) -> Arrival | None:
        with self.database.read() as tx:
            row = tx.execute(select(*_ARRIVAL).where(inbox.c.id == number)).one_or_none()
        return _arrival(row) if row else None

    def find_order(self, number: int) -> str:
        """Id of the lead that an order is about; "" when there is no such order."""
        with self.database.read() as tx:
            found = tx.execute(select(orders.c.lead_id).where(orders.c.id == number)).scalar_one_or_none()
        return found or ""

    def arrival_events(self, number: int) -> tuple[Event, ...]:
        """What happened to a submission by itself; from its lead on, the lead's story goes on."""
        told = select(history).where(history.c.submission_id == number, history.c.lead_id.is_(None))
        with self.database.read() as tx:
            rows = tx.execute(told.order_by(history.c.id)).all()
        return tuple(_event(row) for row in rows)

    def parked(self, most: int = 200) -> list[ParkedLine]:
        """What waits for a person, oldest first."""
        arrivals = select(
            literal("s").label("sort"),
            inbox.c.id,
            inbox.c.source.label("what"),
            inbox.c.received_at.label("since"),
            inbox.c.problem.label("reason"),
            func.coalesce(inbox.c.lead_id, "").label("lead_id"),
            false().label("in_doubt"),
        ).where(one_of(inbox.c.state, ASIDE), inbox.c.state == word("parked"))
        sent = select(
            literal("o").label("sort"),
            orders.c.id,
            (orders.c.kind + " in " + orders.c.sink).label("what"),
            orders.c.created_at.label("since"),
            orders.c.reason,
            orders.c.lead_id,
            orders.c.doubt_at.is_not(None).label("in_doubt"),
        ).where(one_of(orders.c.state, HELD), orders.c.state == word("parked"))
        both = union_all(arrivals, sent).subquery()
        with self.database.read() as tx:
            rows = tx.execute(select(both).order_by(both.c.since, both.c.id).limit(most)).all()
        return [
            ParkedLine(f"{row.sort}{row.id}", row.what, moment(row.since), row.reason, row.lead_id, bool(row.in_doubt))
            for row in rows
        ]

    def count_parked(self) -> int:
        """How many submissions and orders wait for a person."""
        counts = [
            select(func.count()).where(one_of(column, among), column == word("parked")).scalar_subquery()
            for column, among in ((inbox.c.state, ASIDE), (orders.c.state, HELD))
        ]
        with self.database.read() as tx:
            return sum(tx.execute(select(*counts)).one())

    def fates(self, source: str, keys: Sequence[str]) -> dict[str, Fate]:
        """Key -> fate, for those keys that are kept."""
        found: dict[str, Fate] = {}
        wanted = (
            select(
                inbox.c.key, inbox.c.id, CLASS, func.coalesce(inbox.c.lead_id, ""), inbox.c.problem,
                select(func.min(orders.c.ref))
                .where(orders.c.lead_id == inbox.c.lead_id, orders.c.kind == "record")
                .scalar_subquery(),
            ).where(inbox.c.source == source)
        )  # fmt: skip
        with self.database.read() as tx:
            for part in in_parts(keys):
                rows = tx.execute(wanted.where(inbox.c.key.in_(part)))
                found |= {row[0]: Fate(row[1], row[2], row[3], row[5] or "", row[4]) for row in rows}
        return found

    def aside(self, state: str, most: int = 200) -> list[Arrival]:
        """Submissions in one state: quarantined, suppressed or parked; the newest first."""
        held = select(*_ARRIVAL).where(one_of(inbox.c.state, ASIDE), inbox.c.state == state, inbox.c.problem != PROBE)
        with self.database.read() as tx:
            rows = tx.execute(held.order_by(inbox.c.id.desc()).limit(most)).all()
        return [_arrival(row) for row in rows]

    def newest_aside(self, most: int = 5, among: int = 200) -> list[Arrival]:
        """Submissions that became no lead, newest first, `among` the latest arrivals: cheap however many there are."""
        latest = select(*_ARRIVAL).order_by(inbox.c.id.desc()).limit(among).subquery()
        held = latest.c.state.in_(ASIDE) & (latest.c.problem != PROBE)
        with self.database.read() as tx:
            rows = tx.execute(select(latest).where(held).order_by(latest.c.id.desc()).limit(most)).all()
        return [_arrival(row) for row in rows]

    def queue(self) -> list[tuple[str, str, str, int, datetime | None]]:
        """(sink, kind, state, count, oldest) of all orders that are not done."""
        with self.database.read() as tx:
            rows = [row for states in (OPEN, HELD) for row in tx.execute(_count(states)).all()]
        return sorted((sink, kind, state, n, moment_or_none(oldest)) for sink, kind, state, n, oldest in rows)

    def overdue(self, now_us: int, most: int = 100) -> list[Lead]:
        """Open leads whose task is past due and that nobody has answered, longest overdue first."""
        with self.database.read() as tx:
            rows = tx.execute(
                select(leads)
                .where(leads.c.due_at < now_us, leads.c.open_task != word(""), leads.c.answered_at.is_(None))
                .order_by(leads.c.due_at)
                .limit(most)
            ).all()
        return [read_lead(row) for row in rows]

    def count_overdue(self, now_us: int) -> int:
        """How many open leads are past due and unanswered."""
        late = (leads.c.due_at < now_us, leads.c.open_task != word(""), leads.c.answered_at.is_(None))
        with self.database.read() as tx:
            return int(tx.execute(select(func.count()).where(*late)).scalar_one())

    def _lines(self, tx: Connection, rows: Sequence[Any]) -> list[LeadLine]:
        found: dict[str, list[OrderLine]] = {row.id: [] for row in rows}
        if found:
            for order in tx.execute(select(orders).where(orders.c.lead_id.in_(found)).order_by(orders.c.id)):
                found[order.lead_id].append(_order(order))
        return [LeadLine(read_lead(row), tuple(found[row.id])) for row in rows]


_ARRIVAL = (
    inbox.c.id, inbox.c.source, inbox.c.key, inbox.c.received_at, inbox.c.state, inbox.c.problem, inbox.c.repeats,
    inbox.c.lead_id, inbox.c.announced,
)  # fmt: skip


def _count(states: tuple[str, ...]) -> Any:
    names = (orders.c.sink, orders.c.kind, orders.c.state)
    return (
        select(*names, func.count(), func.min(orders.c.created_at))
        .where(one_of(orders.c.state, states))
        .group_by(*names)
    )


def _order(row: Any) -> OrderLine:
    return OrderLine(
        id=row.id, sink=row.sink, kind=row.kind, state=row.state, ref=row.ref or "", url=row.url or "",
        reason=row.reason, attempts=row.attempts, due_at=moment_or_none(row.due_at),
        done_at=moment_or_none(row.done_at), mark=row.mark,
        subject=load(row.payload).get("subject", "") if row.kind == "task" else "", object=row.object or "",
    )  # fmt: skip


def _arrival(row: Any) -> Arrival:
    return Arrival(
        row.id,
        row.source,
        row.key,
        moment(row.received_at),
        "announced" if row.announced and row.state == "waiting" else row.state,
        row.problem,
        row.repeats,
        row.lead_id or "",
    )


def _event(row: Any) -> Event:
    return Event(moment(row.at), row.event, load(row.detail), row.submission_id, row.order_id)
