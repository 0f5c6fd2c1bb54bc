"""After a clock that was ahead has been set right: what it put off would not be due for as long as it was ahead."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, update

from syncd.core.looks import LOOKS
from syncd.store import inbox as arrivals
from syncd.store import leases as held
from syncd.store import orders as sending
from syncd.store.database import Database
from syncd.store.schema import inbox, leases, orders, sink_states, word

LONGEST_WAIT = timedelta(hours=25)
"""Nothing is put off for longer: a CRM may ask for a day."""

_PAUSE = timedelta(seconds=10)  # a service that is asked too early says again for how long
_AT_ONCE = timedelta(0)
_US = timedelta(microseconds=1)


def pull_back(database: Database, beyond: timedelta) -> int:
    """Whatever waits for a time later than `beyond` from now waits no longer than it may; how much that was.

    Orders in doubt keep the time that a CRM's index needs. Due times of leads stand in the CRM and stay.
    """
    with database.write() as tx:
        now = database.now_us()
        late = now + beyond // _US

        def pull(table: Table, column: Column[int], most: timedelta, *which: Any) -> int:
            return _pull(tx, table, column, late, now + most // _US, *which)

        return sum((
            pull(inbox, inbox.c.due_at, arrivals.LEASE, inbox.c.state == word("waiting"), inbox.c.lease.is_not(None)),
            pull(inbox, inbox.c.due_at, _AT_ONCE, inbox.c.state == word("waiting"), inbox.c.lease.is_(None)),
            pull(orders, orders.c.due_at, sending.LEASE, orders.c.state == word("sending")),
            pull(orders, orders.c.due_at, LOOKS[-1], orders.c.state == word("unknown")),
            pull(orders, orders.c.due_at, _AT_ONCE, orders.c.state == word("waiting")),
            pull(sink_states, sink_states.c.paused_until, _PAUSE),
            pull(leases, leases.c.until_at, held.LEASE),
        ))  # fmt: skip


def _pull(tx: Connection, table: Table, column: Column[int], late: int, to: int, *which: Any) -> int:
    return tx.execute(update(table).where(column > max(late, to), *which).values({column.name: to})).rowcount
