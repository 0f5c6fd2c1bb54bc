"""The watchman: a disk that fills up, a clock that jumps, a file that is damaged."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from syncd.errors import StoreError
from syncd.run.health import Health
from syncd.run.watchman import FILE, Inspector, Watchman
from syncd.store.schema import inbox, orders
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.run.test_health import Part
from tests.world import World, submission


class Disk:
    """A room that says what the test wants."""

    def __init__(self) -> None:
        self.reason, self.tended = "", 0

    def short(self) -> str:
        return self.reason

    def tend(self) -> None:
        self.tended += 1


@pytest.fixture
def intake() -> Part:
    return Part()


@pytest.fixture
def health(store: Store, intake: Part) -> Health:
    return Health(store, intake, list)  # type: ignore[arg-type]


def test_while_the_disk_is_short_the_intake_is_closed_and_readiness_red(
    store: Store, clock: FakeClock, health: Health, intake: Part
) -> None:
    watchman, disk = Watchman(store, health, clock), Disk()
    watchman.room = disk  # type: ignore[assignment]

    disk.reason = "the disk is almost full"
    watchman.turn()
    during = health.report()
    disk.reason = ""
    watchman.turn()

    assert (during["ready"], during["intake"]) == (False, "the disk is almost full")
    assert (health.report()["ready"], intake.closed_for, disk.tended) == (True, "", 2)


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=366)])
def test_what_a_clock_that_was_ahead_has_put_off_is_due_once_it_is_right(
    world: World, clock: FakeClock, health: Health, ahead: timedelta
) -> None:
    watchman = Watchman(world.store, health, _Wall(clock, ahead))
    watchman.clock.ahead = ahead  # type: ignore[attr-defined]
    clock.advance(seconds=ahead.total_seconds())
    world.receive(submission("1"))
    world.plan()
    world.receive(submission("2", email="b@firm.com", name="B C", message="What does it cost?"))
    world.store.sinks.pause("crm", "rate", "slow down", timedelta(minutes=1))
    clock.advance(seconds=-ahead.total_seconds())

    watchman.clock.ahead = timedelta(0)  # type: ignore[attr-defined]
    watchman.turn()
    clock.advance(minutes=5)
    world.settle()

    assert len(world.crm.tasks) == 2


def test_an_order_in_doubt_keeps_the_time_that_the_index_of_the_crm_needs(
    world: World, clock: FakeClock, health: Health
) -> None:
    world.receive(submission("1"))
    world.plan()
    with world.store.database.write() as tx:
        tx.execute(update(orders).values(state="unknown", due_at=orders.c.due_at + 10**15))
    watchman = Watchman(world.store, health, _Wall(clock, timedelta(0)))

    watchman.clock.ahead = timedelta(hours=-2)  # type: ignore[attr-defined]
    watchman.turn()

    with world.store.database.read() as tx:
        due = set(tx.execute(select(orders.c.due_at)).scalars())
    assert due == {world.store.database.now_us() + 600 * 10**6}


def test_a_clock_that_only_drifts_moves_nothing(world: World, clock: FakeClock, health: Health) -> None:
    world.receive(submission("1"))
    token, _ = world.store.inbox.claim(10)
    watchman = Watchman(world.store, health, _Wall(clock, timedelta(0)))

    watchman.clock.ahead = timedelta(seconds=-59)  # type: ignore[attr-defined]
    watchman.turn()

    with world.store.database.read() as tx:
        assert tx.execute(select(inbox.c.lease)).scalar_one() == token


class _Wall:
    """A wall clock that is ahead by what the test says; the monotonic one is always right."""

    def __init__(self, clock: FakeClock, ahead: timedelta) -> None:
        self.clock, self.ahead = clock, ahead

    def now(self):
        return self.clock.started + self.ahead

    def monotonic(self) -> float:
        return 0.0


class TestInspector:
    @pytest.fixture
    def found(self, store: Store, health: Health) -> tuple[Inspector, Health]:
        if store.database.path is None:
            pytest.skip("does not apply: PostgreSQL looks after its own files")
        return Inspector(store, health, FakeClock()), health

    def test_a_sound_file_is_looked_through_once_a_day(self, found: tuple[Inspector, Health]) -> None:
        inspector, health = found
        inspector.start(5)

        inspector.turn()

        assert health.notes == {}

    def test_a_damaged_file_is_refused_at_the_start_with_what_to_do(
        self, found: tuple[Inspector, Health], store: Store
    ) -> None:
        inspector, _ = found
        damage(store)

        with pytest.raises(StoreError, match=r"damaged.*backup"):
            inspector.start(5)

    def test_a_file_that_is_damaged_later_is_told_and_stays_told(
        self, found: tuple[Inspector, Health], store: Store
    ) -> None:
        inspector, health = found
        damage(store)

        inspector.turn()

        assert "damaged" in health.notes[FILE]


def damage(store: Store) -> None:
    """Eight bytes in the root page of an index."""
    path = store.database.path
    assert path
    with store.database.connect() as tx:
        tx.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = tx.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'ix_orders_due'").scalar_one()
        size = tx.exec_driver_sql("PRAGMA page_size").scalar_one()
    store.database.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(8))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="does not apply: glibc's own way to give memory back")
def test_memory_that_lies_free_between_what_is_in_use_goes_back_to_the_machine_each_minute(
    store: Store, clock: FakeClock, health: Health
) -> None:
    watchman = Watchman(store, health, clock)
    blocks = [bytes(2000) for _ in range(40_000)]
    kept = blocks[::1000]  # the last one is among the highest: nothing below it is given back by itself
    kept.append(blocks[-1])
    del blocks
    before = resident()

    watchman.turn()
    soon = resident()
    clock.advance(seconds=61)
    watchman.turn()

    assert soon > before - 20
    assert resident() < before - 40
    assert kept


def resident() -> float:
    """MiB of this process that no file stands behind."""
    told = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(told.split("RssAnon:")[1].split()[0]) / 1024
