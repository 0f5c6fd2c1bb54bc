"""The balance of the promises: counted from rows that were written apart from each other.

`received` is counted by the intake at accept, the classes by what became of each row, the references by the
orders. A lost row, a doubled record or a forgotten lead makes two of these numbers differ.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, exists, func, not_, or_, select

from syncd.store import counters
from syncd.store.classes import CLASS, CLASSES
from syncd.store.database import Database
from syncd.store.prepared import Prepared
from syncd.store.schema import history, inbox, interactions, leads, number, one_of, orders, word

_records = orders.alias("records")
_CLOSED = ("quarantined", "suppressed", "won", "lost", "opted_out")


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, and those rows that break it."""

    promise: str
    what: str
    broken: tuple[str, ...]  # ids, never names or addresses


@dataclass(frozen=True, slots=True)
class Proof:
    received: int
    classes: dict[str, int]
    checks: tuple[Check, ...]

    @property
    def balanced(self) -> bool:
        return self.received == sum(self.classes.values())

    @property
    def holds(self) -> bool:
        return self.balanced and not any(check.broken for check in self.checks)


def prove(database: Database) -> Proof:
    """Everything counted in one view of the store, so that a daemon may go on working meanwhile."""
    with database.snapshot() as tx:
        return Proof(counters.total(tx, "received"), _classes(tx), tuple(_checks(tx)))


def _classes(tx: Connection) -> dict[str, int]:
    found = {row[0]: int(row[1]) for row in _COUNTED.all(tx)}
    return {name: found.pop(name, 0) for name in CLASSES} | found


def _checks(tx: Connection) -> list[Check]:
    return [
        Check(promise, what, tuple(str(value) for value in query.run(tx).scalars())) for promise, what, query in _BROKEN
    ]


_COUNTED = Prepared(select(CLASS, func.count()).group_by(CLASS))
_OPEN_LEAD = not_(one_of(leads.c.state, _CLOSED))
_RECORD = and_(orders.c.lead_id == leads.c.id, orders.c.kind == "record")
_QUERIES: tuple[tuple[str, str, Any], ...] = (
    (
        "nothing lost",
        "planned submissions that belong to no lead",
        select(inbox.c.id).where(
            inbox.c.state == "planned",
            not_(exists().where(interactions.c.submission_id == inbox.c.id)),
        ),
    ),
    (
        "nothing lost",
        "leads without an order for a record",
        select(leads.c.id).where(not_(exists().where(_RECORD))),
    ),
    (
        "nothing lost",
        "interactions of which no note was ordered",
        select(interactions.c.submission_id).where(
            not_(
                exists().where(
                    orders.c.lead_id == interactions.c.lead_id,
                    orders.c.submission_id == interactions.c.submission_id,
                    orders.c.kind == "note",
                )
            )
        ),
    ),
    (
        "nothing lost",
        "leads whose open task was never ordered",
        select(leads.c.id).where(
            leads.c.open_task != "",
            not_(exists().where(orders.c.lead_id == leads.c.id, orders.c.mark == leads.c.open_task)),
        ),
    ),
    (
        "nothing lost",
        "orders called done that have no reference",
        select(orders.c.id).where(orders.c.state == "done", orders.c.ref.is_(None)),
    ),
    (
        "nothing lost",
        "tasks and notes held back although their record is there",
        select(orders.c.id).where(
            orders.c.state == "blocked",
            exists().where(
                _records.c.lead_id == orders.c.lead_id,
                _records.c.sink == orders.c.sink,
                _records.c.kind == "record",
                _records.c.state == "done",
            ),
        ),
    ),
    (
        "nothing lost",
        "orders of a kind or state that nobody works on",
        select(orders.c.id).where(
            or_(
                not_(one_of(orders.c.kind, ("record", "task", "note"))),
                not_(one_of(orders.c.state, ("blocked", "waiting", "sending", "unknown", "done", "parked"))),
            )
        ),
    ),
    (
        "nothing doubled",
        "records, tasks or notes that two orders claim to have made",
        select(func.min(orders.c.id))
        .where(orders.c.ref.is_not(None), orders.c.kind != "record")
        .group_by(orders.c.sink, orders.c.object, orders.c.ref)
        .having(func.count() > 1),
    ),
    (
        "nobody forgotten",
        "open leads without an owner",
        select(leads.c.id).where(_OPEN_LEAD, leads.c.owner == word("")),
    ),
    (
        "nobody forgotten",
        "open leads that nobody has answered and that have no task with a due time",
        select(leads.c.id).where(
            _OPEN_LEAD,
            leads.c.answered_at.is_(None),
            or_(leads.c.open_task == "", leads.c.due_at.is_(None)),
        ),
    ),
    (
        "nothing unexplained",
        "leads without a story",
        select(leads.c.id).where(not_(exists().where(history.c.lead_id == leads.c.id))),
    ),
)
_BROKEN = tuple((promise, what, Prepared(query.limit(number(20)))) for promise, what, query in _QUERIES)
