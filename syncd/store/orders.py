"""Orders to the sinks: claimed by batch, their intent committed before the call, each outcome saved."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, update

from syncd.model import Done, Lead, OrderKind, Ref
from syncd.store import history, outcomes
from syncd.store.content import load, read_lead
from syncd.store.database import Database, in_parts, moment_or_none
from syncd.store.outcomes import Claimed, Settled
from syncd.store.schema import FRAIL, OPEN, leads, number, one_of, orders, word

LEASE = timedelta(seconds=30)
CRASHES = 8
"""An order that was in hand so often when a daemon died is set aside: it may be what kills it."""

_US = timedelta(microseconds=1)
_Batch = tuple[str, list[Claimed]]


class Orders:
    def __init__(self, database: Database) -> None:
        self.database = database

    def claim(self, sink: str, kind: OrderKind, most: int) -> _Batch:
        """Lease up to `most` due orders of a kind, hot ones first, and commit that they are about to be sent.

        A row found in `sending` lost its dispatcher in mid-call: whether the call arrived is in doubt. Orders
        that failed often are left to `claim_frail`.
        """
        with self.database.write() as tx:
            now = self.database.now_us()
            sound = _due(sink, kind, now).where(orders.c.attempts < FRAIL)
            return self._take(tx, sink, kind, sound.limit(most), now)

    def claim_frail(self, sink: str, kind: OrderKind) -> _Batch:
        """Lease one due order that has failed often, if there is one: whatever it does, it does alone."""
        with self.database.read() as tx:
            if tx.execute(_frail(sink, kind, self.database.now_us())).first() is None:
                return "", []
        with self.database.write() as tx:
            now = self.database.now_us()
            row = tx.execute(_frail(sink, kind, now).with_for_update(skip_locked=True)).first()
            if row is None:
                return "", []
            if row.state == "sending" and row.crashes + 1 >= CRASHES:
                self._park_crashing(tx, row, now)
                return "", []
            return self._take(tx, sink, kind, select(orders.c.id).where(orders.c.id == row.id), now)

    def _take(self, tx: Connection, sink: str, kind: OrderKind, due: "Select[tuple[int]]", now: int) -> _Batch:
        token = secrets.token_hex(8)
        chosen = due.with_for_update(skip_locked=True).cte("due").prefix_with("MATERIALIZED")
        died = orders.c.state == "sending"
        claimed = (
            update(orders)
            .where(orders.c.id.in_(select(chosen.c.id)))
            .values(
                doubt_at=case((died, _DOUBT), else_=orders.c.doubt_at),
                attempts=orders.c.attempts + case((died, 1), else_=0),
                crashes=orders.c.crashes + case((died, 1), else_=0),
                state="sending",
                intent_at=now,
                first_try_at=func.coalesce(orders.c.first_try_at, now),
                lease=token,
                due_at=now + LEASE // _US,
            )
            .returning(*_READ)
        )
        rows = sorted(tx.execute(claimed).all(), key=lambda row: (-row.urgency, row.id))
        ids = {row.lead_id for row in rows}
        people = _leads(tx, ids) if kind is OrderKind.RECORD else {}
        records = _records(tx, sink, ids) if kind is not OrderKind.RECORD else {}
        return token, [_claimed(row, people.get(row.lead_id), records.get(row.lead_id)) for row in rows]

    def _park_crashing(self, tx: Connection, row: Any, now: int) -> None:
        reason = f"the daemon ended {CRASHES} times while this order was in its hands"
        tx.execute(
            update(orders)
            .where(orders.c.id == row.id)
            .values(state="parked", reason=reason, doubt_at=_DOUBT, crashes=0, lease=None, due_at=now)
        )
        history.write(tx, [history.row(now, "parked", lead=row.lead_id, order=row.id, reason=reason)])

    def renew(self, token: str, ids: Sequence[int]) -> None:
        """Prolong the lease of a call that takes long."""
        mine = select(orders.c.id).where(orders.c.id.in_(ids), orders.c.lease == token)
        with self.database.write() as tx:
            free = mine.with_for_update(skip_locked=True).cte("mine").prefix_with("MATERIALIZED")
            tx.execute(
                update(orders)
                .where(orders.c.id.in_(select(free.c.id)))
                .values(due_at=self.database.now_us() + LEASE // _US)
            )

    def settle(self, token: str, sink: str, results: Sequence[Settled]) -> None:
        """Save each outcome; orders that somebody else has taken over meanwhile are left to them."""
        ids = [result.order.id for result in results]
        with self.database.write() as tx:
            now = self.database.now_us()
            # by mark, as the planner raises records: two that lock several rows must do so in one order
            mine = select(orders.c.id).where(orders.c.id.in_(ids), orders.c.lease == token).order_by(orders.c.mark)
            held = set(tx.execute(mine.with_for_update()).scalars())
            kept = [result for result in results if result.order.id in held]
            outcomes.save(tx, sink, kept, now)
            self._unblock(tx, sink, kept, now)

    def _unblock(self, tx: Connection, sink: str, results: Sequence[Settled], now: int) -> None:
        ready = [r.order.lead_id for r in results if r.order.kind is OrderKind.RECORD and isinstance(r.outcome, Done)]
        if ready:
            tx.execute(
                update(orders)
                .where(orders.c.lead_id.in_(ready), orders.c.sink == sink, orders.c.state == word("blocked"))
                .values(state="waiting", due_at=now)
            )

    def release(self, token: str, ids: Sequence[int], after: timedelta) -> None:
        """Give back orders that were surely not sent; no attempt is used up."""
        with self.database.write() as tx:
            tx.execute(
                update(orders)
                .where(orders.c.id.in_(ids), orders.c.lease == token)
                .values(
                    state=_BACK,
                    lease=None,
                    first_try_at=case((orders.c.attempts == 0, orders.c.doubt_at), else_=orders.c.first_try_at),
                    due_at=self.database.now_us() + after // _US,
                )
            )

    def take_over(self) -> int:
        """Make every leased order due at once; only for a store that had one owner, who is gone."""
        with self.database.write() as tx:
            return tx.execute(
                update(orders)
                .where(one_of(orders.c.state, OPEN), orders.c.state == "sending")
                .values(due_at=self.database.now_us())
            ).rowcount

    def retry(self, ids: Sequence[int]) -> int:
        """Send parked orders again, with all attempts to spare; how many there were."""
        count = 0
        for part in in_parts(ids):
            with self.database.write() as tx:
                now = self.database.now_us()
                freed = (
                    update(orders)
                    .where(orders.c.id.in_(part), orders.c.state == word("parked"))
                    .values(state=_BACK, due_at=now, attempts=0, crashes=0, first_try_at=None, lease=None, reason="")
                    .returning(orders.c.id, orders.c.lead_id)
                )
                rows = tx.execute(freed).all()
                history.write(tx, [history.row(now, "released by hand", lead=r.lead_id, order=r.id) for r in rows])
            count += len(rows)
        return count


_DOUBT = func.coalesce(orders.c.doubt_at, orders.c.intent_at)
_BACK = case((orders.c.doubt_at.is_not(None), "unknown"), else_="waiting")


def _due(sink: str, kind: OrderKind, now: int) -> "Select[tuple[int]]":
    return (
        select(orders.c.id)
        .where(
            orders.c.sink == sink,
            orders.c.kind == kind.value,
            one_of(orders.c.state, OPEN),
            orders.c.due_at <= now,
        )
        .order_by(orders.c.urgency.desc(), orders.c.due_at)
    )


def _frail(sink: str, kind: OrderKind, now: int) -> "Select[tuple[int, str, int, str]]":
    """One, of those that failed least: then each has its turn, even beside one that kills the daemon."""
    return (
        select(orders.c.id, orders.c.state, orders.c.crashes, orders.c.lead_id)
        .where(
            orders.c.sink == sink,
            orders.c.kind == kind.value,
            one_of(orders.c.state, OPEN),
            orders.c.attempts >= number(FRAIL),
            orders.c.due_at <= now,
        )
        .order_by(orders.c.crashes, orders.c.due_at)
        .limit(1)
    )


def _leads(tx: Connection, ids: set[str]) -> dict[str, Lead]:
    rows = tx.execute(select(leads).where(leads.c.id.in_(ids))) if ids else ()
    return {row.id: read_lead(row) for row in rows}


def _records(tx: Connection, sink: str, ids: set[str]) -> dict[str, Ref]:
    if not ids:
        return {}
    rows = tx.execute(
        select(orders.c.lead_id, orders.c.object, orders.c.ref, orders.c.url).where(
            orders.c.lead_id.in_(ids),
            orders.c.sink == sink,
            orders.c.kind == word("record"),
            orders.c.ref.is_not(None),
        )
    )
    return {row.lead_id: Ref(row.object, row.ref, row.url or "") for row in rows}


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
