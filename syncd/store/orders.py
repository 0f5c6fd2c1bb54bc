"""Orders to the sinks: claimed by batch, their intent committed before the call, each outcome saved."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update

from syncd.model import Done, Lead, OrderKind, Ref
from syncd.store import history, outcomes, refs
from syncd.store.content import Damaged, load, read_lead
from syncd.store.database import Database, in_parts, moment_or_none
from syncd.store.order_claims import (
    ANY_DUE,
    ANY_LEFT,
    CLAIM,
    CLAIM_LEFT,
    CLAIM_NEWEST,
    CLAIM_ONE,
    DOUBT,
    FRAIL_KINDS,
    TAKE_FRAIL,
)
from syncd.store.outcomes import Claimed, Settled
from syncd.store.prepared import Prepared, among, passively
from syncd.store.schema import leads, orders, word

LEASE = timedelta(seconds=30)
CRASHES = 8
"""An order that was in hand so often when a daemon died is set aside: it may be what kills it."""

_US = timedelta(microseconds=1)
_Batch = tuple[str, list[Claimed]]


class Orders:
    def __init__(self, database: Database) -> None:
        self.database = database

    def claim(self, sink: str, kind: OrderKind, most: int, *, newest: bool = False) -> _Batch:
        """Lease up to `most` due orders of a kind, hot ones first, and commit that they are about to be sent.

        The oldest of them, or the `newest` of the most urgent class; before these whatever lost its dispatcher in
        mid-call, which has waited longest. Whether such a call arrived is in doubt. Orders that failed often are left
        to `claim_frail`.
        """
        what = {"sink": sink, "kind": kind.value, "now": self.database.now_us()}
        with self.database.read() as tx:  # nobody waits for the writers' turn to learn that there is nothing to do
            if ANY_DUE[kind].run(tx, **what).first() is None:
                return "", []
            left = ANY_LEFT[kind].run(tx, **what).first() is not None
        claims = [CLAIM_LEFT[kind]] if left else []
        claims.append((CLAIM_NEWEST if newest else CLAIM)[kind])
        with self.database.write() as tx:
            return self._take(tx, claims, {**what, "now": self.database.now_us()}, most)

    def frail_kinds(self, sink: str) -> list[OrderKind]:
        """Of which kinds there are due orders that failed often; as a rule of none."""
        with self.database.read() as tx:
            rows = FRAIL_KINDS.all(tx, sink=sink, now=self.database.now_us())
            return [OrderKind(row.kind) for row in rows]

    def claim_frail(self, sink: str, kind: OrderKind) -> _Batch:
        """Lease one due order that has failed often, if there is one: whatever it does, it does alone."""
        what = {"sink": sink, "kind": kind.value, "now": self.database.now_us()}
        with self.database.write() as tx:
            now = what["now"] = self.database.now_us()
            row = TAKE_FRAIL[kind].run(tx, **what).first()
            if row is None:
                return "", []
            if row.state == "sending" and row.crashes + 1 >= CRASHES:
                self._park_crashing(tx, row, now)
                return "", []
            return self._take(tx, [CLAIM_ONE], {**what, "number": row.id}, 1)

    def _take(self, tx: Connection, claims: Sequence[Prepared], what: Mapping[str, Any], most: int) -> _Batch:
        """What the first of the claims finds, and what the next adds to it: `most` together."""
        token = secrets.token_hex(8)
        taken: list[Any] = []
        for claim in claims:
            if len(taken) < most:
                room = most - len(taken)
                taken += claim.all(tx, token=token, until=what["now"] + LEASE // _US, most=room, **what)
        rows = sorted(taken, key=lambda row: (-row.urgency, row.id))
        ids = sorted({row.lead_id for row in rows})
        of_record = what["kind"] == OrderKind.RECORD
        people = _PEOPLE.all(tx, ids=ids) if of_record and ids else ()
        by_id = {row.id: row for row in people}
        records = {} if of_record else refs.records(tx, ids, what["sink"])
        sound = []
        for row in rows:
            try:
                lead = read_lead(by_id[row.lead_id]) if of_record else None
                sound.append(_claimed(row, lead, records.get(row.lead_id)))
            except Damaged as error:
                self._park(tx, row, what["now"], str(error))
            except (ValueError, TypeError, LookupError, OverflowError) as error:
                self._park(tx, row, what["now"], f"what is stored cannot be read: {type(error).__name__}")
        return token, sound

    def _park_crashing(self, tx: Connection, row: Any, now: int) -> None:
        self._park(tx, row, now, f"the daemon ended {CRASHES} times while this order was in its hands")

    def _park(self, tx: Connection, row: Any, now: int, reason: str) -> None:
        tx.execute(
            update(orders)
            .where(orders.c.id == row.id)
            .values(state="parked", reason=reason, doubt_at=DOUBT, crashes=0, lease=None, due_at=now)
        )
        history.write(tx, [history.row(now, "parked", lead=row.lead_id, order=row.id, reason=reason)])

    def renew(self, token: str, ids: Sequence[int]) -> None:
        """Prolong the lease of a call that takes long."""
        with self.database.write() as tx:
            _RENEW.run(tx, ids=list(ids), token=token, until=self.database.now_us() + LEASE // _US)

    def settle(self, token: str, sink: str, results: Sequence[Settled]) -> None:
        """Save each outcome; orders that somebody else has taken over meanwhile are left to them.

        What they wrote into such an order's record may lie beneath what we wrote later: it is written once more.
        """
        ids = [result.order.id for result in results]
        with self.database.write(durable=False) as tx:  # an outcome that is lost leaves its order in doubt
            now = self.database.now_us()
            held = set(_MINE.run(tx, ids=ids, token=token).scalars())
            kept = [result for result in results if result.order.id in held]
            outcomes.save(tx, sink, kept, now)
            self._unblock(tx, sink, kept, now)
        if late := [result for result in results if result.order.id not in held]:
            with self.database.write() as tx:
                outcomes.raise_overtaken(tx, sink, late, self.database.now_us())

    def _unblock(self, tx: Connection, sink: str, results: Sequence[Settled], now: int) -> None:
        ready = [r.order.lead_id for r in results if r.order.kind is OrderKind.RECORD and isinstance(r.outcome, Done)]
        if ready:
            _UNBLOCK.run(tx, leads=ready, sink=sink, now=now)
        if gone := [result.order.lead_id for result in results if result.gone]:
            _BLOCK.run(tx, leads=gone, sink=sink)

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
                update(orders).where(orders.c.state == word("sending")).values(due_at=self.database.now_us())
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


_BACK = case((orders.c.doubt_at.is_not(None), word("unknown")), else_=word("waiting"))


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


_MINE = Prepared(  # by mark, as the planner raises records: two that lock several rows must do so in one order
    lambda sqlite: (
        select(orders.c.id)
        .where(among(orders.c.id, "ids", sqlite=sqlite), orders.c.lease == bindparam("token"))
        .order_by(orders.c.mark)
        .with_for_update()
    )
)


def _renew(sqlite: bool) -> Any:
    mine = select(orders.c.id).where(among(orders.c.id, "ids", sqlite=sqlite), orders.c.lease == bindparam("token"))
    free = mine.with_for_update(skip_locked=True).cte("mine").prefix_with("MATERIALIZED")
    return update(orders).where(orders.c.id.in_(select(free.c.id))).values(due_at=bindparam("until"))


_RENEW = Prepared(_renew)
_UNBLOCK = Prepared(
    lambda sqlite: (
        update(orders)
        .where(
            among(orders.c.lead_id, "leads", sqlite=sqlite),
            passively(orders.c.sink, sqlite=sqlite) == bindparam("sink"),
            passively(orders.c.state, sqlite=sqlite) == word("blocked"),
        )
        .values(state=_BACK, due_at=bindparam("now"))
    )
)
_BLOCK = Prepared(
    lambda sqlite: (
        update(orders)
        .where(
            among(orders.c.lead_id, "leads", sqlite=sqlite),
            passively(orders.c.sink, sqlite=sqlite) == bindparam("sink"),
            passively(orders.c.state, sqlite=sqlite).in_([word("waiting"), word("unknown")]),
            orders.c.kind != word("record"),
        )
        .values(state=word("blocked"), lease=None)
    )
)
"""Tasks and notes wait for a record again when theirs is gone."""
_PEOPLE = Prepared(lambda sqlite: select(leads).where(among(leads.c.id, "ids", sqlite=sqlite)))
