"""Where a polling source or a read-back goes on. Moved in the transaction that keeps what it counts."""

from sqlalchemy import Connection, bindparam, insert, select, update

from syncd.store.database import Database
from syncd.store.prepared import Prepared
from syncd.store.schema import cursors


def read(database: Database, name: str) -> str | None:
    with database.read() as tx:
        return value(tx, name)


def value(tx: Connection, name: str) -> str | None:
    found: str | None = _VALUE.run(tx, name=name).scalar_one_or_none()
    return found


def move(tx: Connection, name: str, to: str, now_us: int) -> None:
    if not _MOVE.run(tx, what=name, to=to, now=now_us).rowcount:
        _BEGIN.run(tx, name=name, value=to, moved_at=now_us)


_VALUE = Prepared(select(cursors.c.value).where(cursors.c.name == bindparam("name")))
_MOVE = Prepared(
    update(cursors).where(cursors.c.name == bindparam("what")).values(value=bindparam("to"), moved_at=bindparam("now"))
)
_BEGIN = Prepared(insert(cursors))
