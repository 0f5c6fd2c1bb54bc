"""What is due for a lead at a time: a reminder when nobody has answered. Taken with a lease, ended when told."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from syncd.model import Lead
from syncd.store import history
from syncd.store.content import read_lead
from syncd.store.database import Database
from syncd.store.prepared import Prepared, among, insert_into
from syncd.store.schema import leads, timers, word

DUE = "due"
LEASE = timedelta(seconds=60)
_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that has run out, leased to us."""

    token: str
    lead: Lead


def set_due(tx: Connection, due: Mapping[str, int]) -> None:
    """Lead id -> microseconds; a timer that stands is moved."""
    rows = [
        {"lead_id": lead, "kind": DUE, "due_at": at, "state": "set", "lease": None} for lead, at in sorted(due.items())
    ]
    _SET.many(tx, rows)


def _set(sqlite: bool) -> Any:
    made = insert_into(timers, sqlite_=sqlite)
    moved = {"due_at": made.excluded.due_at, "state": "set", "lease": None}
    return made.on_conflict_do_update(index_elements=["lead_id", "kind"], set_=moved)


_SET = Prepared(_set)


def stop(tx: Connection, lead_ids: Sequence[str]) -> None:
    if lead_ids:
        _STOP.run(tx, leads=list(lead_ids))


_STOP = Prepared(
    lambda sqlite: (
        update(timers)
        .where(among(timers.c.lead_id, "leads", sqlite=sqlite), timers.c.state == word("set"))
        .values(state=word("stopped"), lease=None)
    )
)


def take(database: Database, most: int = 10) -> list[Due]:
    """Lease timers that have run out, the oldest first. One that is not ended comes again after the lease."""
    token = secrets.token_hex(8)
    with database.write() as tx:
        now = database.now_us()
        ids = list(_TAKE.run(tx, now=now, most=most, token=token, until=now + LEASE // _US).scalars())
        rows = _LEADS.all(tx, ids=ids) if ids else ()
    return [Due(token, read_lead(row)) for row in rows]


_DUE = (
    select(timers.c.lead_id)
    .where(timers.c.state == word("set"), timers.c.due_at <= bindparam("now"), timers.c.kind == word(DUE))
    .order_by(timers.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
    .prefix_with("MATERIALIZED")
)
_TAKE = Prepared(
    update(timers)
    .where(timers.c.lead_id.in_(select(_DUE.c.lead_id)), timers.c.kind == word(DUE))
    .values(lease=bindparam("token"), due_at=bindparam("until"))
    .returning(timers.c.lead_id)
)
_LEADS = Prepared(lambda sqlite: select(leads).where(among(leads.c.id, "ids", sqlite=sqlite)).order_by(leads.c.due_at))


def end(database: Database, due: Due, **detail: Any) -> bool:
    """The reminder is given; False when the clock has been stopped or set anew meanwhile."""
    with database.write() as tx:
        ended = _END.run(tx, lead=due.lead.id, token=due.token).rowcount
        if ended:
            now = database.now_us()
            history.write(tx, [history.row(now, "overdue", lead=due.lead.id, owner=due.lead.owner, **detail)])
    return bool(ended)


def put_off(database: Database, due: Due, after: timedelta) -> None:
    """The reminder could not be given: once more after a while."""
    with database.write() as tx:
        _PUT_OFF.run(tx, lead=due.lead.id, token=due.token, until=database.now_us() + after // _US)


_MINE = update(timers).where(
    timers.c.lead_id == bindparam("lead"), timers.c.kind == word(DUE), timers.c.lease == bindparam("token")
)
_END = Prepared(_MINE.values(state=word("fired"), lease=None))
_PUT_OFF = Prepared(_MINE.values(lease=None, due_at=bindparam("until")))
