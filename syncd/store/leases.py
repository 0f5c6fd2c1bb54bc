"""One holder at a time for work that must not run twice: pollers and read-back. The fence grows with each
change of hands, so that a holder who overslept is noticed.
"""

from datetime import timedelta

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from syncd.errors import SyncdError
from syncd.store.database import Database
from syncd.store.prepared import Prepared
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
            row = _HELD.run(tx, name=name).one_or_none()
            if row is None:
                _BEGIN.run(tx, name=name, holder=holder, fence=1, until_at=until)
                return 1
            if row.holder != holder and now < row.until_at <= until:  # beyond that, the clock was set back since
                return None
            fence: int = row.fence + (row.holder != holder)
            _PROLONG.run(tx, what=name, by=holder, now_fence=fence, until=until)
            return fence
    except IntegrityError:  # two daemons asked for the first time in the same moment
        return None


def insist(tx: Connection, name: str, fence: int) -> None:
    """Raises LeaseLost when the lease has changed hands since `fence` was given."""
    row = _HELD.run(tx, name=name).one_or_none()
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


_HELD = Prepared(select(leases).where(leases.c.name == bindparam("name")).with_for_update())
_BEGIN = Prepared(insert(leases))
_PROLONG = Prepared(
    update(leases)
    .where(leases.c.name == bindparam("what"))
    .values(holder=bindparam("by"), fence=bindparam("now_fence"), until_at=bindparam("until"))
)
