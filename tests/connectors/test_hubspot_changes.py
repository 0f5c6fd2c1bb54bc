"""What people did with our records, told once it can be seen and as often as asked."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.connector import Ref, Signal, SignalKind
from tests.connectors.hubspot_world import ANNA, BEN, START, World, hubspot_world, record, refs, task


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, sink={"company": False}, search_lag=20) as world:
        yield world


def start(world: World) -> str:
    (page,) = world.sink.changes(None)
    return page.cursor


def signals(world: World, cursor: str) -> list[Signal]:
    """After the lag of the search."""
    world.advance(seconds=20)
    return [signal for page in world.sink.changes(cursor) for signal in page.signals]


def kinds(found: list[Signal]) -> set[SignalKind]:
    return {signal.kind for signal in found}


def contact(world: World, number: int = 1) -> Ref:
    return refs(world.sink.upsert([record(number, owner=world.owner(ANNA))]))[0]


def test_beginning_says_nothing_and_remembers_the_moment(world: World) -> None:
    contact(world)
    world.advance(minutes=5)

    (page,) = world.sink.changes(None)

    assert page.signals == ()
    assert json.loads(page.cursor) == dict.fromkeys(
        ("contacts", "tasks", "history"), int(world.clock.at.timestamp() * 1000)
    )


def test_quiet_account_says_nothing(world: World) -> None:
    contact(world)
    world.advance(minutes=5)

    assert signals(world, start(world)) == []


def test_new_owner_is_told_with_the_moment(world: World) -> None:
    ref = contact(world)
    world.advance(minutes=5)
    cursor = start(world)
    world.advance(minutes=1)
    world.fake.human_edits(ref.id, hubspot_owner_id=world.owner(BEN).id)
    edited = world.clock.at

    found = signals(world, cursor)

    assert found == [Signal(SignalKind.OWNER_CHANGED, ref, edited, world.owner(BEN).id, world.owner(BEN))]


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("OPEN", {SignalKind.STATUS_CHANGED}),
        ("CONNECTED", {SignalKind.STATUS_CHANGED, SignalKind.ANSWERED}),
        ("UNQUALIFIED", {SignalKind.STATUS_CHANGED, SignalKind.LOST}),
    ],
)
def test_lead_status_is_told_and_what_it_means(world: World, status: str, meant: set[SignalKind]) -> None:
    ref = contact(world)
    world.advance(minutes=5)
    cursor = start(world)
    world.fake.human_edits(ref.id, hs_lead_status=status)

    found = signals(world, cursor)

    assert kinds(found) == meant
    assert {signal.value for signal in found} == {status}


@pytest.mark.parametrize(
    ("stage", "kind"), [("salesqualifiedlead", SignalKind.QUALIFIED), ("customer", SignalKind.WON)]
)
def test_lifecycle_stage_is_told_by_its_meaning(world: World, stage: str, kind: SignalKind) -> None:
    ref = contact(world)
    world.advance(minutes=5)
    cursor = start(world)
    world.fake.human_edits(ref.id, lifecyclestage=stage)

    assert kinds(signals(world, cursor)) == {kind}


def test_stages_mean_what_the_options_say(world: World) -> None:
    world.sink = world.another_sink(company=False, stages={"other": "lost"})
    ref = contact(world)
    world.advance(minutes=5)
    cursor = start(world)
    world.fake.human_edits(ref.id, lifecyclestage="other")

    assert kinds(signals(world, cursor)) == {SignalKind.LOST}


def test_our_own_write_does_not_make_an_old_status_new(world: World) -> None:
    world.fake.add_contact(email="p1@firm.example", hs_lead_status="CONNECTED", lifecyclestage="customer")
    world.advance(days=300)
    cursor = start(world)
    contact(world)

    assert kinds(signals(world, cursor)) == {SignalKind.OWNER_CHANGED}


def test_logged_call_is_an_answer(world: World) -> None:
    ref = contact(world)
    world.advance(minutes=5)
    cursor = start(world)
    world.advance(minutes=1)
    called = world.clock.at
    world.fake.human_logs_activity(ref.id)

    assert signals(world, cursor) == [Signal(SignalKind.ANSWERED, ref, called)]


def test_first_and_latest_contact_are_both_told(world: World) -> None:
    ref = contact(world)
    world.fake.human_logs_activity(ref.id)
    world.advance(days=30)
    cursor = start(world)
    world.fake.human_logs_activity(ref.id, "email")
    latest = world.clock.at

    assert [signal.at for signal in signals(world, cursor)] == [START, latest]


def test_task_that_somebody_finished_is_told(world: World) -> None:
    ref = contact(world)
    ours, other = refs(world.sink.add_tasks([task(1, ref), task(2, ref)]))
    world.advance(minutes=5)
    cursor = start(world)
    world.fake.human_completes(ours.id)
    world.fake.human_edits(other.id, hs_task_status="IN_PROGRESS")
    finished = world.clock.at

    found = [signal for signal in signals(world, cursor) if signal.kind is SignalKind.TASK_DONE]

    assert found == [Signal(SignalKind.TASK_DONE, ours, finished)]


def test_merged_contact_is_told_with_its_new_id(world: World) -> None:
    kept, gone = contact(world, 1), contact(world, 2)
    world.advance(minutes=5)
    cursor = start(world)
    survivor = world.fake.merge(kept.id, gone.id)

    found = [signal for signal in signals(world, cursor) if signal.kind is SignalKind.MERGED]

    assert {(signal.ref.id, signal.value) for signal in found} == {(kept.id, survivor), (gone.id, survivor)}


def test_records_of_other_people_are_not_told(world: World) -> None:
    cursor = start(world)
    stranger = world.fake.add_contact(email="stranger@firm.example")
    world.fake.human_edits(stranger, hs_lead_status="CONNECTED")

    assert signals(world, cursor) == []


def test_change_that_the_search_showed_late_is_not_missed(world: World) -> None:
    early, late = contact(world, 1), contact(world, 2)
    world.advance(minutes=5)
    cursor = start(world)
    world.fake.human_edits(early.id, hs_lead_status="OPEN")
    world.advance(seconds=15)
    world.fake.human_edits(late.id, hs_lead_status="OPEN")
    world.advance(seconds=10)

    first = list(world.sink.changes(cursor))
    world.advance(seconds=10)
    second = list(world.sink.changes(first[-1].cursor))

    assert {signal.ref for signal in first[-1].signals} == {early}
    assert late in {signal.ref for page in second for signal in page.signals}


def test_same_changes_are_told_again_from_the_same_cursor(world: World) -> None:
    ref = contact(world)
    world.advance(minutes=5)
    cursor = start(world)
    world.fake.human_edits(ref.id, hs_lead_status="OPEN")

    assert signals(world, cursor) == signals(world, cursor) != []


def test_many_changes_come_in_pages_that_each_move_the_cursor(world: World) -> None:
    found = refs(world.sink.upsert([record(number) for number in range(100)]))
    found += refs(world.sink.upsert([record(number) for number in range(100, 200)]))
    found += refs(world.sink.upsert([record(number) for number in range(200, 260)]))
    world.advance(minutes=5)
    cursor = start(world)
    for ref in found:
        world.advance(milliseconds=5)
        world.fake.human_edits(ref.id, hs_lead_status="OPEN")
    world.advance(seconds=20)

    pages = list(world.sink.changes(cursor))

    assert {signal.ref for page in pages for signal in page.signals} == set(found)
    assert len({page.cursor for page in pages}) == len(pages) == 2


def test_change_of_a_contact_that_changed_again_survives_a_stop_between_the_pages(world: World) -> None:
    found = [ref for lot in (0, 100, 200) for ref in refs(world.sink.upsert([record(lot + n) for n in range(100)]))]
    world.advance(minutes=5)
    cursor = start(world)
    world.fake.human_edits(found[0].id, hubspot_owner_id=world.owner(BEN).id)
    world.advance(hours=1)
    for ref in (*found[1:], found[0]):
        world.advance(milliseconds=5)
        world.fake.human_edits(ref.id, city="Bonn")
    world.advance(seconds=20)

    before_the_stop = next(iter(world.sink.changes(cursor)))
    after = [signal for page in world.sink.changes(before_the_stop.cursor) for signal in page.signals]

    assert found[0] in {signal.ref for signal in after if signal.kind is SignalKind.OWNER_CHANGED}


def test_more_changes_in_one_moment_than_a_page_holds_are_all_told(world: World) -> None:
    cursor = start(world)
    for lot in range(5):
        refs(world.sink.upsert([record(n, owner=world.owner(ANNA)) for n in range(lot * 100, lot * 100 + 100)]))

    assert len({signal.ref for signal in signals(world, cursor)}) == 500


def test_account_that_was_not_prepared_has_nothing_of_ours(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False) as world:
        (page,) = world.sink.changes(None)

        assert list(world.sink.changes(page.cursor)) == []


def test_reading_a_page_of_changes_costs_few_calls(world: World) -> None:
    cursor = start(world)
    refs(world.sink.upsert([record(number) for number in range(100)]))
    world.advance(seconds=20)
    list(world.sink.changes(cursor))

    with world.counted() as calls:
        list(world.sink.changes(cursor))

    assert calls == {"contacts/search": 1, "contacts/batch/read": 2, "tasks/search": 1}


def test_lag_can_be_set(world: World) -> None:
    ref = contact(world)
    world.advance(minutes=5)
    world.fake.human_edits(ref.id, hs_lead_status="OPEN")
    world.advance(minutes=2)
    cursor = start(world)

    patient = world.another_sink(search_lag=timedelta(minutes=3).total_seconds())

    assert [signal.ref for page in patient.changes(cursor) for signal in page.signals] == [ref]
