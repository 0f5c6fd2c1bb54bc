"""What changes of a lead after planning: signals from the CRM, an owner found there, words of a person."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.model import Lead, LeadState, Signal, SignalKind
from syncd.store import cursors, history, leases, order_rows, timers
from syncd.store.content import dump, load, read_lead
from syncd.store.database import Database, micros
from syncd.store.schema import leads, orders, signals


class Leads:
    def __init__(self, database: Database) -> None:
        self.database = database

    def read(self, lead_id: str) -> Lead | None:
        with self.database.read() as tx:
            row = tx.execute(select(leads).where(leads.c.id == lead_id)).one_or_none()
        return read_lead(row) if row else None

    def adopt_owner(self, lead_id: str, sink: str, owner: str) -> None:
        """The CRM had an owner whom we learnt of only now: the lead and its unsent tasks are theirs."""
        now = self.database.now_us()
        with self.database.write() as tx:
            tx.execute(update(leads).where(leads.c.id == lead_id).values(owner=owner, updated_at=now))
            waiting = select(orders.c.id, orders.c.payload).where(
                orders.c.lead_id == lead_id, orders.c.sink == sink, orders.c.kind == "task",
                orders.c.state.in_(("blocked", "waiting")),
            )  # fmt: skip
            for order_id, payload in tx.execute(waiting.with_for_update()).all():
                changed = dump({**load(payload), "owner": owner})
                tx.execute(update(orders).where(orders.c.id == order_id).values(payload=changed))
            history.write(tx, [history.row(now, "owner found in the CRM", lead=lead_id, owner=owner, sink=sink)])

    def hear(self, sink: str, found: Sequence[Signal], cursor: str, fence: int) -> int:
        """Act on signals and move the cursor, both or neither; how many were new.

        Raises LeaseLost when another daemon reads this sink by now. Saying a signal twice changes nothing.
        """
        now = self.database.now_us()
        with self.database.write() as tx:
            leases.insist(tx, f"changes:{sink}", fence)
            fresh = 0
            for signal in found:
                fresh += self._hear_one(tx, sink, signal, now)
            cursors.move(tx, f"changes:{sink}", cursor, now)
        return fresh

    def _hear_one(self, tx: Connection, sink: str, signal: Signal, now: int) -> bool:
        row = tx.execute(
            select(leads, orders.c.kind.label("order_kind"), orders.c.mark)
            .join(orders, orders.c.lead_id == leads.c.id)
            .where(orders.c.sink == sink, orders.c.ref == signal.ref.id, orders.c.object == signal.ref.object)
            .order_by(leads.c.created_at)
            .limit(1)
        ).one_or_none()
        if row is None or not self._note_signal(tx, sink, signal, row.id):
            return False
        values = _changes(read_lead(row), signal, row.mark)
        if values:
            tx.execute(update(leads).where(leads.c.id == row.id).values(updated_at=now, **values))
        if values.get("answered_at") or LeadState(values.get("state", row.state)).closed:
            timers.stop(tx, [row.id])
        if signal.kind is SignalKind.MERGED:
            self._follow_merge(tx, sink, signal)
        history.write(
            tx,
            [history.row(now, f"signal: {signal.kind.value}", lead=row.id, sink=sink, value=signal.value,
                         at=signal.at.isoformat(), changed=sorted(values))],
        )  # fmt: skip
        return True

    def _note_signal(self, tx: Connection, sink: str, signal: Signal, lead_id: str) -> bool:
        made: Any = sqlite.insert(signals) if self.database.sqlite else postgresql.insert(signals)
        return bool(
            tx.execute(
                made.values(
                    sink=sink, kind=signal.kind.value, ref=signal.ref.id, at=micros(signal.at),
                    value=signal.value[:300], lead_id=lead_id,
                ).on_conflict_do_nothing()
            ).rowcount
        )  # fmt: skip

    def _follow_merge(self, tx: Connection, sink: str, signal: Signal) -> None:
        tx.execute(
            update(orders)
            .where(orders.c.sink == sink, orders.c.ref == signal.ref.id, orders.c.kind == "record")
            .values(ref=signal.value)
        )

    def refresh(self, lead_id: str, fields: dict[str, str], submission: int) -> list[str]:
        """Put newly read fields into a lead and have its records brought up to date; the fields that changed."""
        now = self.database.now_us()
        with self.database.write() as tx:
            row = tx.execute(select(leads).where(leads.c.id == lead_id).with_for_update()).one_or_none()
            if row is None:
                return []
            before = load(row.fields)
            changed = sorted(name for name, value in fields.items() if before.get(name) != value)
            if changed:
                revision = row.revision + 1
                tx.execute(
                    update(leads)
                    .where(leads.c.id == lead_id)
                    .values(fields=dump({**before, **fields}), revision=revision, updated_at=now)
                )
                order_rows.raise_records(tx, lead_id, revision, now)
            history.write(tx, [history.row(now, "replayed", lead=lead_id, submission=submission, changed=changed)])
        return changed


def _changes(lead: Lead, signal: Signal, mark: str) -> dict[str, Any]:
    """The columns of the lead that a signal moves. Closed leads stay closed."""
    kind, at = signal.kind, micros(signal.at)
    if kind is SignalKind.OWNER_CHANGED:
        return {"owner": signal.value} if signal.value and signal.value != lead.owner else {}
    if kind is SignalKind.TASK_DONE and mark == lead.open_task:
        return {"open_task": "", "due_at": None} | _answered(lead, at)
    if kind is SignalKind.ANSWERED and signal.at >= lead.created_at:
        return _answered(lead, at)
    state = _STATES.get(kind)
    if state is None or lead.state.closed:
        return {}
    return {"state": state.value} | (_answered(lead, at, move=False) if kind is not SignalKind.OPTED_OUT else {})


_STATES = {
    SignalKind.QUALIFIED: LeadState.QUALIFIED,
    SignalKind.WON: LeadState.WON,
    SignalKind.LOST: LeadState.LOST,
    SignalKind.OPTED_OUT: LeadState.OPTED_OUT,
}


def _answered(lead: Lead, at: int, *, move: bool = True) -> dict[str, Any]:
    values: dict[str, Any] = {} if lead.answered_at else {"answered_at": at}
    if move and lead.state in (LeadState.ASSIGNED, LeadState.TRIAGE, LeadState.RECEIVED):
        values["state"] = LeadState.ATTEMPTED.value
    return values
