"""Where a polling source or a read-back goes on. Moved in the transaction that keeps what it counts."""

from sqlalchemy import Connection, insert, select, update

from syncd.store.database import Database
from syncd.store.schema import cursors


def read(database: Database, name: str) -> str | None:
    with database.read() as tx:
        return value(tx, name)


def value(tx: Connection, name: str) -> str | None:
    return tx.execute(select(cursors.c.value).where(cursors.c.name == name)).scalar_one_or_none()


def move(tx: Connection, name: str, to: str, now_us: int) -> None:
    changed = tx.execute(update(cursors).where(cursors.c.name == name).values(value=to, moved_at=now_us)).rowcount
    if not changed:
        tx.execute(insert(cursors).values(name=name, value=to, moved_at=now_us))
