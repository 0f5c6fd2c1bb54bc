"""Copies of an SQLite store: made while it is in use, checked before they count, put back whole.

PostgreSQL is copied with its own tools, pg_dump and pg_restore; `doubt_open_orders` is for both.
"""

import glob
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import case, func, select, update

from syncd.errors import StoreBusy, StoreError
from syncd.store.database import Database, moment_or_none
from syncd.store.files import ALONGSIDE, make_durable, make_private, owned
from syncd.store.schema import OPEN, inbox, one_of, orders, word


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a restored store cannot know of: calls made, and submissions taken in, after the copy."""

    orders: int  # to be looked for in their sinks before they are sent
    submissions: int  # of the store; what came later is not there
    newest: datetime | None  # when the last of them was received


def name_for(database: Database, label: str) -> str:
    """Such as syncd-backup-20261125T162000Z.db; names of one label sort by time."""
    file = file_of(database)
    return f"{file.stem}-{label}-{database.now():%Y%m%dT%H%M%SZ}{file.suffix}"


def thin_out(database: Database, folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest copies that `copy` has made under our names; which ones."""
    file = file_of(database)
    mine = sorted(folder.glob(f"{glob.escape(file.stem)}-backup-*Z{glob.escape(file.suffix)}"))
    old = mine[:-keep]
    for each in old:
        each.unlink()
    return old


def copy(database: Database, target: Path) -> None:
    """One consistent copy in one file, while daemons go on writing. It appears under its name when it is whole.

    Raises StoreError when the name is taken or the store is damaged, StoreBusy when it cannot be kept now.
    """
    if target.exists():
        raise StoreError(f"{target} is there already: name another file")
    _copy(file_of(database), target)


def restore(database: Database, source: Path, known: tuple[str, ...]) -> Path | None:
    """Put a copy in the place of the store; where the one that was there has been set aside.

    `known` are the versions of the schema that this program can work with. Nothing is touched when StoreError is
    raised: a daemon runs, the copy is damaged, or it is of a newer program.
    """
    target = file_of(database)
    with owned(target):
        version = version_of(source)
        if version not in known:
            raise StoreError(f"{source} is of a newer version ({version}) than this program: install the newer syncd")
        incoming = target.with_name(target.name + ".incoming")
        incoming.unlink(missing_ok=True)
        _copy(source, incoming)
        database.close()
        there = target.exists() and target.stat().st_size > 0
        aside = _set_aside(target, name_for(database, "replaced")) if there else None
        incoming.rename(target)
        make_durable(target)
    return aside


@contextmanager
def unused(database: Database) -> Iterator[None]:
    """Nobody else runs on an SQLite file meanwhile; of a PostgreSQL only a person can know."""
    if database.path is None:
        yield
    else:
        with owned(database.path):
            yield


def doubt_open_orders(database: Database) -> Doubt:
    """After a restore: whatever is open in the copy may have been sent since, so its mark is looked for first."""
    with database.write() as tx:
        open_or_held = orders.c.state.in_([word(state) for state in (*OPEN, "blocked")])
        doubted = tx.execute(
            update(orders)
            .where(open_or_held, orders.c.ref.is_(None))
            .values(
                state=case((one_of(orders.c.state, OPEN), "unknown"), else_=orders.c.state),
                doubt_at=func.coalesce(orders.c.doubt_at, orders.c.intent_at, orders.c.created_at),
                lease=None,
                due_at=database.now_us(),
            )
        ).rowcount
        count, newest = tx.execute(select(func.count(), func.max(inbox.c.received_at))).one()
    return Doubt(doubted, count, moment_or_none(newest))


def version_of(file: Path) -> str:
    """The version of the schema in a copy. Raises StoreError for what is no sound store of ours."""
    if not file.is_file():
        raise StoreError(f"{file}: there is no such file")
    with _told_of(file), closing(_connect(file)) as connection:
        _refuse_damage(connection, file)
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def file_of(database: Database) -> Path:
    """Raises StoreError for a store that is no file."""
    if database.path is None:
        raise StoreError("the store is a PostgreSQL: copy it with pg_dump and put it back with pg_restore")
    return database.path


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(make_private(part))
    try:
        with _told_of(source), closing(_connect(source)) as there, closing(_connect(part)) as here:
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file
            _refuse_damage(here, source)
        make_durable(part)
        part.rename(target)
        make_durable(target)
    finally:
        part.unlink(missing_ok=True)


def _set_aside(target: Path, name: str) -> Path:
    """The log before the database: a database without its log must never be taken for whole."""
    aside = target.with_name(name)
    for ending in reversed(ALONGSIDE):
        beside = target.with_name(target.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    return aside


def _connect(file: Path) -> sqlite3.Connection:
    """To a file that is there; none is made."""
    return sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=rw", uri=True, isolation_level=None, timeout=15)


def _refuse_damage(connection: sqlite3.Connection, file: Path) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"{file} is damaged: {found}")


@contextmanager
def _told_of(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise StoreError(f"{file} is no store of syncd") from error
        raise StoreBusy(f"{file} cannot be copied now: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{file} is damaged: {error}") from error
