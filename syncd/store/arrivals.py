"""How much has come from each source in each hour, counted in the transaction that keeps it: what is usual there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, select

from syncd.store.database import Database, moment
from syncd.store.prepared import Prepared, insert_into
from syncd.store.schema import arrivals

HOUR_US = timedelta(hours=1) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of one source. Hours are counted since 1970 UTC; none of them is empty."""

    last: datetime  # aware, UTC
    by_hour: Mapping[int, int]


def add(tx: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows as the inbox keeps them: what counts is the source and when it was received."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        source, hour, at = row["source"], row["received_at"] // HOUR_US, row["received_at"]
        counted = found.setdefault((source, hour), {"source": source, "hour": hour, "n": 0, "last_at": at})
        counted["n"] += 1
        counted["last_at"] = max(counted["last_at"], at)
    _ADD.many(tx, [found[name] for name in sorted(found)])  # sorted: two daemons lock the rows in one order


def read(database: Database, source: str, hours: int) -> Arrivals | None:
    """What came last, and in so many hours before that; None where nothing has ever come."""
    with database.read() as tx:
        last = _LAST.run(tx, source=source).first()
        if last is None:
            return None
        rows = _BY_HOUR.all(tx, source=source, since=last.hour - hours)
    return Arrivals(moment(last.last_at), {row.hour: row.n for row in rows})


def _add(sqlite: bool) -> Any:
    made = insert_into(arrivals, sqlite_=sqlite)
    later = case((made.excluded.last_at > arrivals.c.last_at, made.excluded.last_at), else_=arrivals.c.last_at)
    changed = {"n": arrivals.c.n + made.excluded.n, "last_at": later}
    return made.on_conflict_do_update(index_elements=["source", "hour"], set_=changed)


_ADD = Prepared(_add)
_OF = arrivals.c.source == bindparam("source")
_LAST = Prepared(select(arrivals.c.hour, arrivals.c.last_at).where(_OF).order_by(arrivals.c.hour.desc()).limit(1))
_BY_HOUR = Prepared(select(arrivals.c.hour, arrivals.c.n).where(_OF, arrivals.c.hour >= bindparam("since")))
