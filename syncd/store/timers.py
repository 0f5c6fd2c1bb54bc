"""What is due for a lead at a time: reminders when nobody has answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.store.database import Database, moment_or_none
from syncd.store.schema import leads, timers

DUE = "due"


def set_due(tx: Connection, database: Database, due: Mapping[str, int]) -> None:
    """Lead id -> microseconds; a timer that stands is moved."""
    rows = [{"lead_id": lead, "kind": DUE, "due_at": at, "state": "set", "lease": None} for lead, at in due.items()]
    if not rows:
        return
    made: Any = sqlite.insert(timers) if database.sqlite else postgresql.insert(timers)
    tx.execute(
        made.on_conflict_do_update(
            index_elements=["lead_id", "kind"],
            set_={"due_at": made.excluded.due_at, "state": "set", "lease": None},
        ),
        rows,
    )


def stop(tx: Connection, lead_ids: Sequence[str]) -> None:
    tx.execute(update(timers).where(timers.c.lead_id.in_(lead_ids), timers.c.state == "set").values(state="stopped"))


def fire(database: Database, most: int = 100) -> list[Any]:
    """Take timers that are due, once; rows with lead_id, kind, due_at and the lead's owner and fields."""
    now = database.now_us()
    due = (
        select(timers.c.lead_id, timers.c.kind)
        .where(timers.c.state == "set", timers.c.due_at <= now)
        .order_by(timers.c.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    with database.write() as tx:
        taken = tx.execute(due).all()
        for lead_id, kind in taken:
            tx.execute(update(timers).where(timers.c.lead_id == lead_id, timers.c.kind == kind).values(state="fired"))
        if not taken:
            return []
        ids = [lead_id for lead_id, _ in taken]
        return list(
            tx.execute(select(leads.c.id, leads.c.owner, leads.c.fields, leads.c.due_at).where(leads.c.id.in_(ids)))
        )


def next_due(database: Database) -> datetime | None:
    with database.read() as tx:
        return moment_or_none(tx.execute(select(func.min(timers.c.due_at)).where(timers.c.state == "set")).scalar_one())
