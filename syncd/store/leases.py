"""One holder at a time for work that must not run twice: pollers and read-back. The fence grows with each
change of hands, so that a holder who overslept is noticed.
"""

from datetime import timedelta

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from syncd.errors import SyncdError
from syncd.store.database import Database
from syncd.store.schema import leases

LEASE = timedelta(seconds=30)


class LeaseLost(SyncdError):
    """Somebody else does this work now; what was in hand is theirs to do again."""


def hold(database: Database, name: str, holder: str, lease: timedelta = LEASE) -> int | None:
    """Take or prolong the lease; its fence, or None while somebody else holds it."""
    try:
        with database.write() as tx:
            now = database.now_us()
            until = now + lease // timedelta(microseconds=1)
            row = tx.execute(select(leases).where(leases.c.name == name).with_for_update()).one_or_none()
            if row is None:
                tx.execute(insert(leases).values(name=name, holder=holder, fence=1, until_at=until))
                return 1
            if row.holder != holder and now < row.until_at <= until:  # beyond that, the clock was set back since
                return None
            fence: int = row.fence + (row.holder != holder)
            tx.execute(update(leases).where(leases.c.name == name).values(holder=holder, fence=fence, until_at=until))
            return fence
    except IntegrityError:  # two daemons asked for the first time in the same moment
        return None


def insist(tx: Connection, name: str, fence: int) -> None:
    """Raises LeaseLost when the lease has changed hands since `fence` was given."""
    row = tx.execute(select(leases.c.fence).where(leases.c.name == name).with_for_update()).one_or_none()
    if row is None or row.fence != fence:
        raise LeaseLost(f"{name}: another daemon has taken over")


def take_over(database: Database) -> None:
    """End every lease; only for a store that had one owner, who is gone."""
    with database.write() as tx:
        tx.execute(update(leases).values(until_at=0))


def let_go(database: Database, holder: str) -> None:
    """Give back everything that a stopping daemon holds."""
    with database.write() as tx:
        tx.execute(update(leases).where(leases.c.holder == holder).values(until_at=0))
