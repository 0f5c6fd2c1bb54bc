"""What changes of a lead after planning: signals from the CRM, an owner found there, words of a person."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from syncd.model import Lead, Signal
from syncd.store import cursors, early, history, leases, order_rows, signals
from syncd.store.content import dump, load, read_lead, seal
from syncd.store.database import Database
from syncd.store.schema import leads, orders, word


class Leads:
    def __init__(self, database: Database) -> None:
        self.database = database

    def read(self, lead_id: str) -> Lead | None:
        with self.database.read() as tx:
            row = tx.execute(select(leads).where(leads.c.id == lead_id)).one_or_none()
        return read_lead(row) if row else None

    def adopt_owner(self, lead_id: str, sink: str, owner: str) -> None:
        """The CRM had an owner whom we learnt of only now: the lead and its unsent tasks are theirs."""
        with self.database.write() as tx:
            now = self.database.now_us()
            tx.execute(update(leads).where(leads.c.id == lead_id).values(owner=owner, updated_at=now))
            waiting = select(orders.c.id, orders.c.payload).where(
                orders.c.lead_id == lead_id, orders.c.sink == sink, orders.c.kind == word("task"),
                orders.c.state.in_(("blocked", "waiting")),
            )  # fmt: skip
            for order_id, payload in tx.execute(waiting.with_for_update()).all():
                changed = seal(dump({**load(payload), "owner": owner}))
                tx.execute(update(orders).where(orders.c.id == order_id).values(payload=changed))
            history.write(tx, [history.row(now, "owner found in the CRM", lead=lead_id, owner=owner, sink=sink)])

    def hear(self, sink: str, found: Sequence[Signal], cursor: str, fence: int) -> int:
        """Act on signals and move the cursor, both or neither; how many were new.

        Raises LeaseLost when another daemon reads this sink by now. Saying a signal twice changes nothing.
        """
        with self.database.write() as tx:
            now = self.database.now_us()
            leases.insist(tx, f"changes:{sink}", fence)
            fresh = self._act(tx, sink, early.read(tx, sink), found, now)
            cursors.move(tx, f"changes:{sink}", cursor, now)
        return fresh

    def catch_up(self, sink: str, fence: int) -> int:
        """Act on what was said of records and tasks that we know only now; how many signals that were.

        Raises LeaseLost as `hear` does.
        """
        with self.database.read() as tx:
            if not early.read(tx, sink):
                return 0
        with self.database.write() as tx:
            leases.insist(tx, f"changes:{sink}", fence)
            return self._act(tx, sink, early.read(tx, sink), (), self.database.now_us())

    def _act(self, tx: Connection, sink: str, before: Sequence[Signal], found: Sequence[Signal], now: int) -> int:
        fresh, strangers = signals.act(tx, self.database, sink, [*before, *found], now)
        early.keep(tx, sink, strangers, before, now)
        return fresh

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
                    .values(fields=seal(dump({**before, **fields})), revision=revision, updated_at=now)
                )
                order_rows.raise_records(tx, lead_id, revision, now)
            history.write(tx, [history.row(now, "replayed", lead=lead_id, submission=submission, changed=changed)])
        return changed
