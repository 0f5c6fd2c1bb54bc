"""What a person has found out in the CRM about an order of which nothing else can tell whether it arrived."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from syncd.errors import Rejected
from syncd.model import OrderKind
from syncd.store import history
from syncd.store.content import storable
from syncd.store.database import Database
from syncd.store.outcomes import LONGEST_REASON
from syncd.store.schema import orders, word

HELD_BACK = ("parked", "unknown")
_CLEAN: Mapping[str, Any] = {
    "attempts": 0, "crashes": 0, "looks": 0, "doubt_at": None, "first_try_at": None, "reason": "", "lease": None,
}  # fmt: skip


class Doubts:
    """Both answers end the doubt. Raise Rejected for an order that is neither parked nor in doubt."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def there(self, order_id: int, ref: str) -> None:
        """It stands in the CRM under this id: the order is done, and what waited for a record goes on.

        Raises Rejected, too, when another order has made the thing of this id.
        """
        with self.database.write() as tx:
            now = self.database.now_us()
            row = _held(tx, order_id)
            named = _object(tx, row)
            _insist_on_its_own(tx, row, named, ref)
            done = {**_CLEAN, "state": "done", "done": row.wanted, "done_at": now, "due_at": now}
            found = {"object": named, "ref": storable(ref, LONGEST_REASON), "url": None}
            tx.execute(update(orders).where(orders.c.id == order_id).values(**done, **found))
            if row.kind == OrderKind.RECORD.value:
                _unblock(tx, row, now)
            _tell(tx, row, "found by a person", now, object=named, ref=ref)

    def absent(self, order_id: int) -> None:
        """It does not stand in the CRM: the order is sent as if for the first time, with all attempts to spare."""
        with self.database.write() as tx:
            now = self.database.now_us()
            row = _held(tx, order_id)
            tx.execute(update(orders).where(orders.c.id == order_id).values(**_CLEAN, state="waiting", due_at=now))
            _tell(tx, row, "missed by a person, sent again", now)


def _held(tx: Connection, order_id: int) -> Any:
    row = tx.execute(select(orders).where(orders.c.id == order_id).with_for_update()).one_or_none()
    if row is None or row.state not in HELD_BACK:
        raise Rejected(f"o{order_id} is neither parked nor in doubt")
    return row


def _object(tx: Connection, row: Any) -> str:
    """The sink's own word for what such orders make, as it has said it before."""
    said = select(orders.c.object).where(
        orders.c.sink == row.sink, orders.c.kind == row.kind, orders.c.object.is_not(None)
    )
    return str(row.object or tx.execute(said.limit(1)).scalar() or row.kind)


def _insist_on_its_own(tx: Connection, row: Any, named: str, ref: str) -> None:
    """Two leads may share a record, but two orders never made one task or one note."""
    if row.kind == OrderKind.RECORD.value:
        return
    same = (orders.c.sink == row.sink, orders.c.object == named, orders.c.ref == ref, orders.c.id != row.id)
    other = tx.execute(select(orders.c.id).where(*same).limit(1)).scalar()
    if other is not None:
        raise Rejected(f"{named} {ref} is what o{other} has made")


def _unblock(tx: Connection, row: Any, now: int) -> None:
    waits = (orders.c.lead_id == row.lead_id, orders.c.sink == row.sink, orders.c.state == word("blocked"))
    tx.execute(update(orders).where(*waits).values(state="waiting", due_at=now))


def _tell(tx: Connection, row: Any, event: str, now: int, **detail: str) -> None:
    facts = {"sink": row.sink, "kind": row.kind, **detail}
    history.write(tx, [history.row(now, event, lead=row.lead_id, order=row.id, **facts)])
