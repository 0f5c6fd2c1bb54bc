"""What has been counted per source and day, in the same transaction as what it counts."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from syncd.store.database import Database
from syncd.store.prepared import Prepared, insert_into
from syncd.store.schema import counters, number


def add(tx: Connection, database: Database, name: str, by_source: Mapping[str, int]) -> None:
    if not by_source:
        return
    day = database.now().date().isoformat()
    # sorted: two daemons that count several sources must lock the rows in one order
    rows = [{"name": name, "source": source, "day": day, "n": n} for source, n in sorted(by_source.items())]
    _ADD.many(tx, rows)


def _add(sqlite: bool) -> Any:
    made = insert_into(counters, sqlite_=sqlite)
    names = ["name", "source", "day"]
    return made.on_conflict_do_update(index_elements=names, set_={"n": counters.c.n + made.excluded.n})


_ADD = Prepared(_add)


def total(tx: Connection, name: str) -> int:
    """Over all sources and days."""
    return int(_TOTAL.run(tx, name=name).scalar_one())


def by_source(database: Database, name: str) -> dict[str, int]:
    """Source -> the count over all days."""
    with database.read() as tx:
        return {row.source: int(row.n) for row in _BY_SOURCE.all(tx, name=name)}


_BY_SOURCE = Prepared(
    select(counters.c.source, func.sum(counters.c.n).label("n"))
    .where(counters.c.name == bindparam("name"))
    .group_by(counters.c.source)
)
_TOTAL = Prepared(select(func.coalesce(func.sum(counters.c.n), number(0))).where(counters.c.name == bindparam("name")))
