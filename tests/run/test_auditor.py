"""The promises are counted now and then; a broken one is told once, and stands in the metrics."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from syncd.run.auditor import EVERY, FIRST, Auditor
from syncd.run.gauges import Gauges
from syncd.run.health import Health
from syncd.run.metrics import Metrics
from syncd.store.schema import interactions, leads
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.run.test_health import Part
from tests.world import World, submission

Read = Callable[[], dict[str, float]]


@pytest.fixture
def auditor(store: Store) -> Auditor:
    return Auditor(store.database)


@pytest.fixture
def read(store: Store, auditor: Auditor) -> Read:
    """The samples of a scrape: "name{value,...}" -> value; labels in the order of their names."""
    metrics, intake = Metrics(), Part()
    health = Health(store, intake, list)  # type: ignore[arg-type]
    gauges = Gauges(store, health, auditor, lambda: ["crm"])
    metrics.watch(gauges.of_daemon)
    metrics.watch(gauges.of_store)

    def scrape() -> dict[str, float]:
        families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
        return {
            "{}{{{}}}".format(sample.name, ",".join(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }

    return scrape


def test_a_daemon_that_has_just_started_works_first_and_counts_later(auditor: Auditor) -> None:
    assert auditor.turn() == FIRST
    assert auditor.last is None

    assert auditor.turn() >= EVERY
    assert auditor.last is not None


def test_promises_that_hold_are_told_as_zero(auditor: Auditor, world: World, read: Read) -> None:
    world.receive(submission())
    world.settle()
    auditor.audit()

    told = read()

    broken = {name: value for name, value in told.items() if name.startswith("syncd_promise_broken")}
    assert broken == {
        "syncd_promise_broken{nothing lost}": 0,
        "syncd_promise_broken{nothing doubled}": 0,
        "syncd_promise_broken{nobody forgotten}": 0,
        "syncd_promise_broken{nothing unexplained}": 0,
    }
    assert told["syncd_submissions_received{}"] == told["syncd_submissions{in the CRM}"] == 1


def test_a_broken_promise_is_told_with_its_rows_once(auditor: Auditor, world: World, read: Read) -> None:
    world.receive(submission())
    world.settle()
    with world.store.database.write() as tx:
        tx.execute(delete(interactions))
        tx.execute(update(leads).values(owner=""))

    with capture_logs() as said:
        auditor.audit()
        auditor.audit()

    assert [(line["event"], line["promise"]) for line in said] == [
        ("promise broken", "nothing lost"),
        ("promise broken", "nobody forgotten"),
    ]
    assert read()["syncd_promise_broken{nothing lost}"] == 1
    assert read()["syncd_promise_broken{nobody forgotten}"] == 1


def test_a_lost_row_breaks_the_balance(auditor: Auditor, world: World, read: Read) -> None:
    world.receive(submission())
    with world.store.database.write() as tx:
        tx.exec_driver_sql("DELETE FROM inbox")

    assert auditor.audit().proof.balanced is False
    assert read()["syncd_promise_broken{nothing lost}"] == 1


def test_what_waits_is_told_with_its_age(world: World, clock: FakeClock, read: Read) -> None:
    world.receive(submission("1"))
    world.plan()
    world.receive(submission("2", email="bob@acme.org"))
    clock.advance(minutes=10)

    told = read()

    assert (told["syncd_waiting_submissions{}"], told["syncd_oldest_submission_seconds{}"]) == (1, 600)
    assert told["syncd_open_orders{record,crm,waiting}"] == 1
    assert told["syncd_oldest_order_seconds{record,crm,waiting}"] == 600
    assert told["syncd_ready{}"] == 1


def test_a_paused_sink_is_told_with_its_kind_whichever_daemon_paused_it(store: Store, read: Read) -> None:
    assert read()["syncd_sink_paused{login,crm}"] == 0
    store.sinks.pause("crm", "login", "token revoked", timedelta(minutes=1))

    told = read()

    assert told["syncd_sink_paused{login,crm}"] == 1
    assert told["syncd_sink_paused{outage,crm}"] == told["syncd_sink_paused{rate,crm}"] == 0


def test_overdue_and_parked_are_counted(world: World, clock: FakeClock, read: Read) -> None:
    world.receive(submission("1"), submission("2", message="nobody can be reached"))
    world.settle()
    clock.advance(days=2)

    told = read()

    assert (told["syncd_overdue_leads{}"], told["syncd_parked{}"]) == (1, 1)


def test_the_disk_is_told_of_a_file_and_not_of_a_server(store: Store, read: Read) -> None:
    told = read()

    assert ("syncd_disk_free_bytes{}" in told) == (store.database.path is not None)
    assert told.get("syncd_store_bytes{}", 1) > 0
