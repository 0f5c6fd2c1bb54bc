"""Connections, transactions, and what becomes of trouble with the disk or the server."""

import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from syncd.errors import StoreBusy, StoreError
from syncd.store import counters
from syncd.store.database import Database, in_parts, micros, moment, read_url
from syncd.store.schema import cursors
from syncd.store.store import Store
from syncd.testing.clock import START, FakeClock
from tests.together import together
from tests.world import submission


def test_times_survive_the_way_through_whole_microseconds() -> None:
    at = START.replace(microsecond=123_456)

    assert moment(micros(at)) == at


@pytest.mark.parametrize("url", ["mysql://root@host/syncd", "sqlite://", "sqlite:///:memory:"])
def test_only_a_sqlite_file_or_postgresql_can_be_a_store(url: str) -> None:
    with pytest.raises(StoreError, match=r"store\.url"):
        read_url(url)


def test_sqlite_is_durable_before_a_commit_returns_and_its_file_is_ours_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/data/syncd.db", FakeClock())

    with store.database.read() as tx:
        settings = {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
        keys = tx.exec_driver_sql("PRAGMA foreign_keys").scalar()
    store.close()

    assert (settings, keys) == ({"journal_mode": "wal", "synchronous": 2}, 1)
    assert (tmp_path / "data" / "syncd.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_postgresql_ends_transactions_that_somebody_left_open(migrated_postgres: str) -> None:
    store = Store(migrated_postgres, FakeClock())

    with store.database.read() as tx:
        shown = [
            tx.execute(text(f"SHOW {name}")).scalar() for name in ("idle_in_transaction_session_timeout", "timezone")
        ]
    store.close()

    assert shown == ["20s", "UTC"]


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.database.write() as tx:
            tx.execute(insert(cursors).values(name="a", value="1", moved_at=0))
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    with store.database.read() as tx:
        assert tx.execute(select(func.count()).select_from(cursors)).scalar_one() == 0


def test_what_threads_write_at_once_is_all_there(store: Store) -> None:
    def count() -> None:
        for _ in range(10):
            with store.database.write() as tx:
                counters.add(tx, store.database, "received", {"a": 1, "b": 2})

    together(*[count] * 4)

    with store.database.read() as tx:
        assert counters.total(tx, "received") == 120


def test_a_snapshot_does_not_see_what_is_committed_after_it_began(store: Store, other: Store) -> None:
    with store.database.snapshot() as tx:
        before = tx.execute(select(func.count()).select_from(cursors)).scalar_one()
        other.inbox.probe()
        after = tx.execute(select(func.count()).select_from(cursors)).scalar_one()

    with store.database.read() as tx:
        assert (before, after, tx.execute(select(func.count()).select_from(cursors)).scalar_one()) == (0, 0, 1)


def test_an_error_of_a_statement_does_not_repeat_the_values(store: Store) -> None:
    row = {"name": "eva@acme.com", "value": "Eva Beispiel", "moved_at": 0}

    with pytest.raises(IntegrityError) as caught, store.database.write() as tx:
        tx.execute(insert(cursors), [row, row])

    assert "Beispiel" not in str(caught.value)


def test_daemons_take_turns_over_a_name_and_not_over_others(store: Store, other: Store) -> None:
    done, asked = threading.Event(), threading.Event()

    def second() -> None:
        with other.database.write() as tx:
            asked.set()
            other.database.take_turns(tx, ["b", "shared"])
        done.set()

    with store.database.write() as tx:
        store.database.take_turns(tx, ["shared", "a", "shared"])
        thread = threading.Thread(target=second)
        thread.start()
        waited = not done.wait(0.2)
    thread.join(20)

    assert waited
    assert done.is_set()


def test_long_lists_are_cut_into_parts() -> None:
    assert [len(part) for part in in_parts(range(1200))] == [500, 500, 200]


class TestFullDisk:
    """A disk without room: SQLite's limit on pages stands for it."""

    def test_it_makes_the_store_busy_and_loses_nothing_that_was_accepted(self, tmp_path: Path) -> None:
        store = Store(f"sqlite:///{tmp_path}/syncd.db", FakeClock())
        store.open()
        kept = self._fill(store)

        with pytest.raises(StoreBusy, match="disk is full"):
            store.inbox.accept([submission("one more", message="x" * 20_000)])
        self._limit(store, 1_000_000)
        store.inbox.accept([submission("one more", message="x" * 20_000)])

        assert store.inbox.waiting()[0] == kept + 1
        store.close()

    def _fill(self, store: Store) -> int:
        with store.database.read() as tx:
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        self._limit(store, pages + 40)
        for number in range(100):
            try:
                store.inbox.accept([submission(str(number), message="x" * 20_000)])
            except StoreBusy:
                return number
        raise AssertionError("the disk is never full")

    def _limit(self, store: Store, pages: int) -> None:
        with store.database.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_a_file_held_by_another_program_is_busy_and_not_broken(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/syncd.db", FakeClock())
    store.open()
    with store.database.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    stranger = sqlite3.connect(tmp_path / "syncd.db", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreBusy, match="locked"):
        store.inbox.probe()
    stranger.close()
    store.inbox.probe()

    store.close()


def test_a_file_that_is_no_database_is_named_damaged_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "syncd.db").write_bytes(b"this is no database at all" * 400)
    store = Store(f"sqlite:///{tmp_path}/syncd.db", FakeClock())

    with pytest.raises(StoreError, match=r"damaged.*restore the newest backup"):
        store.open()

    store.close()


def test_a_server_that_ends_our_connection_makes_the_store_busy_until_it_is_back(migrated_postgres: str) -> None:
    store = Store(migrated_postgres, FakeClock())

    def lose_the_connection() -> None:
        with store.database.write() as tx:
            ours = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with psycopg.connect(migrated_postgres) as stranger:
                stranger.execute("SELECT pg_terminate_backend(%s)", [ours])
            tx.execute(text("SELECT 1"))

    with pytest.raises(StoreBusy):
        lose_the_connection()
    store.inbox.probe()

    store.close()


def test_a_server_that_is_not_there_makes_the_store_busy() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none", FakeClock())

    with pytest.raises(StoreBusy, match="cannot be used now"), database.read():
        pass

    database.close()


def test_daemons_go_by_the_clock_of_the_database(migrated_postgres: str, clock: FakeClock) -> None:
    database = Database(migrated_postgres, clock)

    ahead = database.compare_clocks()

    assert database.now() == clock.now() + ahead
    database.close()
