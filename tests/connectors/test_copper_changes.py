"""What people did in Copper, as its searches show it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.connector import LeadKeys, Ref, Signal, SignalKind
from syncd.testing.sink_under_test import done
from tests.connectors.copper_world import ANNA, World, copper_world
from tests.connectors.orders import again, note, task, written
from tests.connectors.test_copper_records import number


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with copper_world(tmp_path) as world:
        yield world


def start_of(world: World) -> str:
    world.advance(minutes=10)
    (page,) = world.sink.changes(None)
    world.advance(minutes=10)
    return page.cursor


def signals(world: World, since: str) -> list[Signal]:
    world.advance(minutes=1)
    return [signal for page in world.another_sink().changes(since) for signal in page.signals]


def kinds(told: list[Signal]) -> list[tuple[SignalKind, str, str]]:
    return [(one.kind, one.ref.id, one.value) for one in told]


def test_a_status_that_a_person_sets_is_told_with_what_it_means(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    world.fake.human_edits(world.fake.leads, number(ref), status_id=3)

    assert kinds(signals(world, since)) == [
        (SignalKind.STATUS_CHANGED, ref.id, "Unqualified"),
        (SignalKind.LOST, ref.id, "Unqualified"),
    ]


def test_our_own_write_makes_no_status_new(world: World) -> None:
    """An enquiry after months must not be answered by what a rep did to the one before."""
    ref = written(world.sink)
    world.fake.human_edits(world.fake.leads, number(ref), status_id=3)
    since = start_of(world)

    done(world.another_sink().upsert([again(ref, inquiries="2")]))
    assert signals(world, since) == []

    world.fake.human_edits(world.fake.leads, number(ref), status_id=2)
    assert (SignalKind.ANSWERED, ref.id, "Contacted") in kinds(signals(world, since))


def test_a_new_lead_has_not_changed(world: World) -> None:
    since = start_of(world)
    written(world.sink)

    assert signals(world, since) == []


def test_whose_a_record_is_is_told(world: World) -> None:
    anna = world.sink.owners()[ANNA]
    ref, other = written(world.sink), written(world.sink, number=2)
    person = world.fake.human_converts(number(other))
    since = start_of(world)
    world.fake.human_edits(world.fake.leads, number(ref), assignee_id=int(anna.id))
    world.fake.human_edits(world.fake.people, person, assignee_id=int(anna.id))

    told = signals(world, since)

    assert kinds(told) == [
        (SignalKind.OWNER_CHANGED, ref.id, anna.id),
        (SignalKind.OWNER_CHANGED, f"person/{person}", anna.id),
    ]
    assert [one.owner for one in told] == [anna, anna]


def test_a_conversion_is_told_and_where_the_lead_lives_on(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    person = world.fake.human_converts(number(ref))

    assert kinds(signals(world, since)) == [
        (SignalKind.QUALIFIED, ref.id, "converted"),
        (SignalKind.MERGED, ref.id, f"person/{person}"),
    ]


@pytest.mark.parametrize(("status", "kind"), [("Won", SignalKind.WON), ("Lost", SignalKind.LOST)])
def test_an_opportunity_that_was_closed_is_told_with_its_amount(world: World, status: str, kind: SignalKind) -> None:
    person = world.fake.human_converts(number(written(world.sink)))
    since = start_of(world)
    world.fake.human_closes(person, status, 75_000)
    world.fake.human_closes(person, "Open", 1)

    assert kinds(signals(world, since)) == [(kind, f"person/{person}", "75000")]


def test_our_task_is_told_when_done_and_one_of_a_person_is_an_answer(world: World) -> None:
    ref = written(world.sink)
    (made,) = done(world.sink.add_tasks([task(ref)]))
    since = start_of(world)
    theirs = world.fake.keep(world.fake.tasks, {"name": "Offer", "status": "Open", "details": None,
                                                "related_resource": {"id": number(ref), "type": "lead"}})  # fmt: skip
    world.fake.human_completes(number(made.ref))
    world.fake.human_completes(theirs["id"])

    assert kinds(signals(world, since)) == [
        (SignalKind.TASK_DONE, made.ref.id, ""), (SignalKind.ANSWERED, ref.id, ""),
    ]  # fmt: skip


def test_a_call_that_a_person_logged_is_an_answer_and_our_note_is_none(world: World) -> None:
    ref = written(world.sink)
    world.fake.human_logs({"id": number(ref), "type": "lead"}, "An old one")
    since = start_of(world)
    done(world.sink.add_notes([note(ref, at=world.clock.now())]))
    world.fake.human_logs({"id": number(ref), "type": "lead"}, "Called her")
    world.fake.human_logs({"id": 5, "type": "company"}, "Not about a lead")
    at = world.clock.now()

    (told,) = signals(world, since)

    assert (told.kind, told.ref, told.at) == (SignalKind.ANSWERED, Ref("record", ref.id), at)


def test_leads_that_are_not_ours_are_not_told(world: World) -> None:
    since = start_of(world)
    made = world.fake.keep_lead({"name": "Other"})
    world.fake.human_edits(world.fake.leads, made["id"], status_id=3)

    assert signals(world, since) == []


@pytest.mark.parametrize("seconds", [0, 1])
def test_changes_of_many_pages_are_told_once_each_and_the_cursor_goes_on(world: World, seconds: int) -> None:
    refs = [written(world.sink, number=each) for each in range(230)]
    since = start_of(world)
    for ref in refs:
        world.fake.human_edits(world.fake.leads, number(ref), status_id=3)
        world.advance(seconds=seconds)

    pages = list(world.sink.changes(since))

    lost = {one.ref.id for page in pages for one in page.signals if one.kind is SignalKind.LOST}
    assert lost == {ref.id for ref in refs}
    assert len(pages) <= 3
    world.advance(minutes=5)
    late = {one.ref.id for more in world.sink.changes(pages[-1].cursor) for one in more.signals}
    assert len(late) <= (63 if seconds else 230)  # of the last minute, again


def test_a_deleted_lead_is_not_told(world: World) -> None:
    ref = written(world.sink)
    since = start_of(world)
    world.fake.human_deletes(number(ref))

    assert signals(world, since) == []
    assert world.sink.find([LeadKeys("lead-1", ref=ref)]) == [None]
