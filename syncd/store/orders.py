"""Orders to the sinks: claimed by batch, their intent committed before the call, each outcome saved."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update

from syncd.model import Done, Lead, OrderKind, Outcome, Ref, Refusal, Unknown, Wait
from syncd.store import history
from syncd.store.content import load, read_lead
from syncd.store.database import Database, moment_or_none
from syncd.store.schema import leads, orders

LEASE = timedelta(seconds=30)
LOOKS = (timedelta(seconds=2), timedelta(seconds=15), timedelta(minutes=2), timedelta(minutes=10))
"""How long after a lost answer the mark is looked for; the CRM's search index needs its time."""

_OPEN = ("waiting", "sending", "unknown")
_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An order leased to us; its intent to be sent is committed."""

    id: int
    mark: str
    lead_id: str
    lead: Lead | None  # with a record order; a task or note carries all it needs
    kind: OrderKind
    wanted: int  # the revision that is sent now
    payload: Mapping[str, Any]
    attempts: int  # tries before this one that surely failed
    looks: int
    first_try_at: datetime
    sent_at: datetime | None  # an earlier call was sent and never answered
    ref: Ref | None  # of the order's own object
    record: Ref | None  # of the lead's record in this sink


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claimed order."""

    order: Claimed
    outcome: Outcome
    retry_after: timedelta = timedelta(0)  # for Wait, as the dispatcher decided
    give_up: bool = False


class Orders:
    def __init__(self, database: Database) -> None:
        self.database = database

    def claim(self, sink: str, kind: OrderKind, most: int) -> tuple[str, list[Claimed]]:
        """Lease up to `most` due orders of a kind, hot ones first, and commit that they are about to be sent.

        A row found in `sending` lost its dispatcher in mid-call: whether the call arrived is in doubt.
        """
        now, token = self.database.now_us(), secrets.token_hex(8)
        due = (
            select(orders.c.id)
            .where(
                orders.c.sink == sink,
                orders.c.kind == kind.value,
                orders.c.state.in_(_OPEN),
                orders.c.due_at <= now,
            )
            .order_by(orders.c.urgency.desc(), orders.c.due_at)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("due")
            .prefix_with("MATERIALIZED")
        )
        claimed = (
            update(orders)
            .where(orders.c.id.in_(select(due.c.id)))
            .values(
                doubt_at=case(
                    (orders.c.state == "sending", func.coalesce(orders.c.doubt_at, orders.c.intent_at)),
                    else_=orders.c.doubt_at,
                ),
                state="sending",
                intent_at=now,
                first_try_at=func.coalesce(orders.c.first_try_at, now),
                lease=token,
                due_at=now + LEASE // _US,
            )
            .returning(*_READ)
        )
        with self.database.write() as tx:
            rows = sorted(tx.execute(claimed).all(), key=lambda row: (-row.urgency, row.id))
            ids = {row.lead_id for row in rows}
            people = self._leads(tx, ids) if kind is OrderKind.RECORD else {}
            records = self._records(tx, sink, ids) if kind is not OrderKind.RECORD else {}
        return token, [_claimed(row, people.get(row.lead_id), records.get(row.lead_id)) for row in rows]

    def _leads(self, tx: Connection, ids: set[str]) -> dict[str, Lead]:
        rows = tx.execute(select(leads).where(leads.c.id.in_(ids))) if ids else ()
        return {row.id: read_lead(row) for row in rows}

    def _records(self, tx: Connection, sink: str, ids: set[str]) -> dict[str, Ref]:
        if not ids:
            return {}
        rows = tx.execute(
            select(orders.c.lead_id, orders.c.object, orders.c.ref, orders.c.url).where(
                orders.c.lead_id.in_(ids),
                orders.c.sink == sink,
                orders.c.kind == "record",
                orders.c.ref.is_not(None),
            )
        )
        return {row.lead_id: Ref(row.object, row.ref, row.url or "") for row in rows}

    def renew(self, token: str, ids: Sequence[int]) -> None:
        """Prolong the lease of a call that takes long."""
        with self.database.write() as tx:
            tx.execute(
                update(orders)
                .where(orders.c.id.in_(ids), orders.c.lease == token)
                .values(due_at=self.database.now_us() + LEASE // _US)
            )

    def settle(self, token: str, sink: str, results: Sequence[Settled]) -> None:
        """Save each outcome; orders that somebody else has taken over meanwhile are left to them."""
        now = self.database.now_us()
        with self.database.write() as tx:
            mine = select(orders.c.id).where(orders.c.id.in_([r.order.id for r in results]), orders.c.lease == token)
            held = set(tx.execute(mine.with_for_update()).scalars())
            kept = [result for result in results if result.order.id in held]
            done = [_done_row(r.order, r.outcome, now) for r in kept if isinstance(r.outcome, Done)]
            if done:
                tx.execute(_SETTLE_DONE, done)
            for result in kept:
                if not isinstance(result.outcome, Done):
                    tx.execute(update(orders).where(orders.c.id == result.order.id).values(**_values(result, now)))
            self._unblock(tx, sink, kept, now)
            history.write(tx, [_row(result, sink, now) for result in kept if _worth_telling(result)])

    def _unblock(self, tx: Connection, sink: str, results: Sequence[Settled], now: int) -> None:
        ready = [r.order.lead_id for r in results if r.order.kind is OrderKind.RECORD and isinstance(r.outcome, Done)]
        if ready:
            tx.execute(
                update(orders)
                .where(orders.c.lead_id.in_(ready), orders.c.sink == sink, orders.c.state == "blocked")
                .values(state="waiting", due_at=now)
            )

    def release(self, token: str, ids: Sequence[int], after: timedelta) -> None:
        """Give back orders that were surely not sent; no attempt is used up."""
        with self.database.write() as tx:
            tx.execute(
                update(orders)
                .where(orders.c.id.in_(ids), orders.c.lease == token)
                .values(
                    state=case((orders.c.doubt_at.is_not(None), "unknown"), else_="waiting"),
                    lease=None,
                    due_at=self.database.now_us() + after // _US,
                )
            )

    def take_over(self) -> int:
        """Make every leased order due at once; only for a store that had one owner, who is gone."""
        with self.database.write() as tx:
            return tx.execute(
                update(orders).where(orders.c.state == "sending").values(due_at=self.database.now_us())
            ).rowcount

    def retry(self, ids: Sequence[int]) -> int:
        """Send parked orders again, with all attempts to spare; how many there were."""
        now = self.database.now_us()
        with self.database.write() as tx:
            rows = tx.execute(
                select(orders.c.id, orders.c.lead_id).where(orders.c.id.in_(ids), orders.c.state == "parked")
            ).all()
            if rows:
                tx.execute(
                    update(orders)
                    .where(orders.c.id.in_([row.id for row in rows]))
                    .values(
                        state=case((orders.c.doubt_at.is_not(None), "unknown"), else_="waiting"),
                        due_at=now,
                        attempts=0,
                        first_try_at=None,
                        lease=None,
                        reason="",
                    )
                )
                history.write(tx, [history.row(now, "released by hand", lead=r.lead_id, order=r.id) for r in rows])
        return len(rows)


_READ = (
    orders.c.id, orders.c.mark, orders.c.lead_id, orders.c.kind, orders.c.urgency, orders.c.wanted,
    orders.c.payload, orders.c.attempts, orders.c.looks, orders.c.first_try_at, orders.c.doubt_at,
    orders.c.object, orders.c.ref, orders.c.url,
)  # fmt: skip


def _claimed(row: Any, lead: Lead | None, record: Ref | None) -> Claimed:
    own = Ref(row.object, row.ref, row.url or "") if row.ref else None
    first = moment_or_none(row.first_try_at)
    if first is None:
        raise ValueError("a claimed order has been tried")
    return Claimed(
        id=row.id, mark=row.mark, lead_id=row.lead_id, lead=lead, kind=OrderKind(row.kind), wanted=row.wanted,
        payload=load(row.payload), attempts=row.attempts, looks=row.looks, first_try_at=first,
        sent_at=moment_or_none(row.doubt_at), ref=own, record=own if row.kind == "record" else record,
    )  # fmt: skip


_SETTLE_DONE = (
    update(orders)
    .where(orders.c.id == bindparam("number"))
    .values(
        state=case((orders.c.wanted > bindparam("revision"), "waiting"), else_="done"),
        done=bindparam("revision"),
        done_at=bindparam("now"),
        due_at=bindparam("now"),
        object=bindparam("made"),
        ref=bindparam("reference"),
        url=bindparam("link"),
        attempts=0,
        looks=0,
        doubt_at=None,
        first_try_at=None,
        reason="",
        lease=None,
    )
)


def _done_row(order: Claimed, outcome: Done, now: int) -> dict[str, Any]:
    return {
        "number": order.id,
        "revision": order.wanted,
        "now": now,
        "made": outcome.ref.object,
        "reference": outcome.ref.id,
        "link": outcome.ref.url or order_url(order),
    }


def _values(result: Settled, now: int) -> dict[str, Any]:
    """The columns that change with an outcome other than done."""
    order, outcome = result.order, result.outcome
    common: dict[str, Any] = {"lease": None}
    if isinstance(outcome, Done):
        raise TypeError("what is done has a statement of its own")
    reason = outcome.reason[:1000]
    if isinstance(outcome, Refusal) or result.give_up:
        return common | {"state": "parked", "reason": reason, "due_at": now}
    if isinstance(outcome, Unknown):
        doubted = order.sent_at is not None  # this was a look, and the mark was not to be seen
        looks = order.looks + doubted
        return common | {
            "state": "unknown", "reason": reason, "looks": looks,
            "doubt_at": func.coalesce(orders.c.doubt_at, orders.c.intent_at),
            "due_at": now + LOOKS[min(looks, len(LOOKS) - 1)] // _US,
        }  # fmt: skip
    return common | {
        "state": "unknown" if order.sent_at else "waiting",
        "reason": reason,
        "attempts": order.attempts + outcome.failed,
        "due_at": now + result.retry_after // _US,
    }


def order_url(order: Claimed) -> str:
    return order.ref.url if order.ref else ""


def _worth_telling(result: Settled) -> bool:
    """A wait that will be tried again is told once, with its first attempt."""
    return not (isinstance(result.outcome, Wait) and not result.give_up and result.order.attempts > 0)


def _row(result: Settled, sink: str, now: int) -> dict[str, Any]:
    order, outcome = result.order, result.outcome
    detail: dict[str, Any] = {"sink": sink, "kind": order.kind.value, "revision": order.wanted}
    if isinstance(outcome, Done):
        event = "made in the CRM" if outcome.created else "brought up to date in the CRM"
        detail |= {"object": outcome.ref.object, "ref": outcome.ref.id}
    else:
        detail["reason"] = outcome.reason
        event = (
            "parked" if isinstance(outcome, Refusal) or result.give_up
            else "answer lost" if isinstance(outcome, Unknown) else "has to wait"
        )  # fmt: skip
    return history.row(now, event, lead=order.lead_id, order=order.id, **detail)
