"""The local book stumbles at any of its calls: each lead stands in it once, and the book goes on working."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sinks.local import Local, LocalOptions
from syncd.connector import HttpClient, Tools
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.battery.faulty_driver import Driver, Fault, Stumble, factory
from tests.battery.parts import Workshop, workshop
from tests.battery.stumbles import ADA, BEN
from tests.world import World, submission


@pytest.fixture(scope="module")
def made() -> Iterator[Workshop]:
    with workshop() as made:
        yield made


def book_of(made: Workshop, path: Path, fault: Fault) -> tuple[int, int, int]:
    """So many contacts, tasks and notes for two people, one of whom asks twice."""
    made.empty()
    world = World(made.store, made.clock)
    sink, driver = local(path, made.clock), Driver()
    sink.book._connection.close()
    sink.book._connection = connection = sqlite3.connect(
        path, check_same_thread=False, isolation_level=None, factory=factory(driver)
    )
    connection.row_factory = sqlite3.Row
    world.line.sink = sink
    driver.fault = fault
    world.receive(
        submission("1", **ADA), submission("2", **BEN), submission("3", **{**ADA, "message": "And tomorrow?"})
    )
    for _ in range(12):
        world.plan()
        world.dispatch()
        world.clock.advance(seconds=60)
    driver.fault = Fault()
    counts = [len(sink.book.rows(f"SELECT id FROM {table}")) for table in ("contacts", "tasks", "notes")]  # noqa: S608
    assert settled(made.store), fault
    sink.close()
    path.unlink()
    return counts[0], counts[1], counts[2]


def local(path: Path, clock: FakeClock) -> Local:
    return Local(LocalOptions(file=str(path)), Tools("crm", clock, HttpClient(), path.parent))


def settled(store: Store) -> bool:
    return store.reports.queue() == [] and store.reports.count_parked() == 0


@pytest.mark.parametrize("kind", Stumble)
def test_whatever_call_of_the_book_fails_each_lead_stands_in_it_once(
    made: Workshop, tmp_path: Path, kind: Stumble
) -> None:
    without = Fault()
    assert book_of(made, tmp_path / "book.db", without) == (2, 2, 3)
    assert without.calls > 30

    for first in range(1 + list(Stumble).index(kind), without.calls + 1, 5):
        assert book_of(made, tmp_path / "book.db", Fault(first, 1, kind)) == (2, 2, 3), f"call {first}"


def test_a_commit_that_fails_leaves_no_transaction_behind(made: Workshop, tmp_path: Path) -> None:
    commit = next(n for n in range(1, 60) if _fails_at(made, tmp_path, n) == "COMMIT")

    assert book_of(made, tmp_path / "book.db", Fault(commit, 1, Stumble.BUSY)) == (2, 2, 3)


def _fails_at(made: Workshop, tmp_path: Path, number: int) -> str:
    fault = Fault(number, 1, Stumble.LOST)
    book_of(made, tmp_path / "book.db", fault)
    return fault.failed[0]
