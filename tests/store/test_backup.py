"""Copies of the store: whole or not there, checked, put back without doubling anything."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from syncd.errors import StoreError
from syncd.store import backup, migrate
from syncd.store.files import make_private, owned, refuse_open_to_others
from syncd.store.schema import orders
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.world import World, submission


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/syncd.db", clock, lambda: ["crm"])
    opened.open()
    yield opened
    opened.close()


def arrive(world: World, who: str) -> None:
    world.receive(submission(who, name="Ada Beispiel", email=f"{who}@acme.com", message="What does it cost? " * 50))


def rows(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM inbox").fetchone()[0])


def test_a_copy_holds_what_was_committed_when_it_was_made_and_is_one_private_file(
    store: Store, world: World, tmp_path: Path
) -> None:
    arrive(world, "ada")
    with store.database.write() as tx:  # a daemon in the middle of its work
        tx.execute(text("DELETE FROM inbox"))
        backup.copy(store.database, tmp_path / "copies.db")

    assert rows(tmp_path / "copies.db") == 1
    assert stat.S_IMODE((tmp_path / "copies.db").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("copies*")) == ["copies.db"]


def test_a_name_that_is_taken_is_not_written_over(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("dear")

    with pytest.raises(StoreError, match="is there already"):
        backup.copy(store.database, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_text() == "dear"


def test_a_copy_of_a_damaged_store_is_no_copy(store: Store, world: World, tmp_path: Path) -> None:
    for number in range(40):
        arrive(world, f"ada{number}")
    file = tmp_path / "syncd.db"
    store.close()
    with file.open("r+b") as opened:
        opened.seek(4096 * 3)
        opened.write(os.urandom(4096 * 20))

    with pytest.raises(StoreError, match="damaged"):
        backup.copy(store.database, tmp_path / "copy.db")

    assert not list(tmp_path.glob("copy*"))


def test_only_the_newest_copies_are_kept_and_nothing_else_is_touched(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    made = []
    for _ in range(4):
        made.append(tmp_path / backup.name_for(store.database, "backup"))
        backup.copy(store.database, made[-1])
        clock.advance(hours=1)
    (tmp_path / "syncd-0001-20260101T000000Z.db").touch()

    assert backup.thin_out(store.database, tmp_path, 2) == made[:2]
    assert [path.exists() for path in made] == [False, False, True, True]
    assert (tmp_path / "syncd-0001-20260101T000000Z.db").exists()


def test_a_restored_copy_takes_the_place_of_the_store_which_is_set_aside(
    store: Store, world: World, tmp_path: Path
) -> None:
    arrive(world, "ada")
    backup.copy(store.database, tmp_path / "copy.db")
    arrive(world, "bob")

    aside = backup.restore(store.database, tmp_path / "copy.db", migrate.versions())

    assert aside is not None
    assert (rows(tmp_path / "syncd.db"), rows(aside), rows(tmp_path / "copy.db")) == (1, 2, 1)
    assert not (tmp_path / "syncd.db-wal").exists() or rows(tmp_path / "syncd.db") == 1


def test_a_damaged_store_is_replaced_and_kept_aside(store: Store, world: World, tmp_path: Path) -> None:
    arrive(world, "ada")
    backup.copy(store.database, tmp_path / "copy.db")
    store.close()
    (tmp_path / "syncd.db").write_bytes(b"not a database" * 1000)

    aside = backup.restore(store.database, tmp_path / "copy.db", migrate.versions())

    assert aside is not None
    assert aside.read_bytes().startswith(b"not a database")
    assert rows(tmp_path / "syncd.db") == 1


def test_a_store_that_a_daemon_works_on_is_not_replaced(store: Store, world: World, tmp_path: Path) -> None:
    arrive(world, "ada")
    backup.copy(store.database, tmp_path / "copy.db")

    with owned(tmp_path / "syncd.db"), pytest.raises(StoreError, match="another syncd daemon runs"):
        backup.restore(store.database, tmp_path / "copy.db", migrate.versions())

    assert not list(tmp_path.glob("*replaced*"))


@pytest.mark.parametrize(
    ("contents", "said"),
    [(b"", "no store of syncd"), (b"hello" * 1000, "damaged"), (None, "no such file")],
)
def test_what_is_no_copy_is_refused_and_the_store_stays(
    store: Store, world: World, tmp_path: Path, contents: bytes | None, said: str
) -> None:
    arrive(world, "ada")
    if contents is not None:
        (tmp_path / "copy.db").write_bytes(contents)

    with pytest.raises(StoreError, match=said):
        backup.restore(store.database, tmp_path / "copy.db", migrate.versions())

    assert rows(tmp_path / "syncd.db") == 1


def test_a_copy_of_a_newer_program_is_refused(store: Store, tmp_path: Path) -> None:
    backup.copy(store.database, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match=r"newer version \(9999\)"):
        backup.restore(store.database, tmp_path / "copy.db", migrate.versions())


def test_what_is_open_in_a_copy_is_looked_for_before_it_is_sent(store: Store, world: World, tmp_path: Path) -> None:
    arrive(world, "ada")
    world.plan()
    backup.copy(store.database, tmp_path / "copy.db")
    world.dispatch()
    (mark,) = world.crm.tasks

    backup.restore(store.database, tmp_path / "copy.db", migrate.versions())
    doubt = backup.doubt_open_orders(store.database)
    with store.database.read() as tx:
        doubted = tx.execute(select(orders.c.state, orders.c.doubt_at.is_not(None))).all()
    world.settle()

    assert (doubt.orders, doubt.submissions) == (3, 1)
    assert sorted(doubted) == [("blocked", True), ("blocked", True), ("unknown", True)]
    assert [(task.mark, task.sent_at is not None) for task in world.crm.tasks.values()] == [(mark, True)]


def test_a_file_that_everybody_may_read_stops_the_daemon(store: Store, tmp_path: Path) -> None:
    (tmp_path / "syncd.db").chmod(0o644)

    with pytest.raises(StoreError, match="chmod 600"):
        store.own()


def test_files_beside_the_store_count_as_well(tmp_path: Path) -> None:
    for name in ("syncd.db", "syncd.db-wal"):
        os.close(make_private(tmp_path / name))
    refuse_open_to_others(tmp_path / "syncd.db")
    (tmp_path / "syncd.db-wal").chmod(0o602)

    with pytest.raises(StoreError, match="db-wal is open"):
        refuse_open_to_others(tmp_path / "syncd.db")
