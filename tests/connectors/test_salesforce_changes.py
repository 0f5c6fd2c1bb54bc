"""What people did with our leads, contacts and tasks, told once it is there and as often as asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.connector import Ref, Retryable, Signal, SignalKind
from tests.connectors.hubspot_world import note, record, refs, task
from tests.connectors.salesforce_world import ANNA, BEN, World, salesforce_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with salesforce_world(tmp_path) as world:
        yield world


def start(world: World) -> str:
    """Long after whatever was done so far."""
    world.advance(minutes=10)
    (page,) = world.sink.changes(None)
    world.advance(minutes=1)
    return page.cursor


def signals(world: World, cursor: str) -> list[Signal]:
    world.advance(minutes=1)
    return [signal for page in world.sink.changes(cursor) for signal in page.signals]


def kinds(found: list[Signal]) -> set[SignalKind]:
    return {signal.kind for signal in found}


def person(world: World, number: int = 1) -> Ref:
    return refs(world.sink.upsert([record(number, owner=world.owner(ANNA))]))[0]


def test_quiet_organisation_says_nothing(world: World) -> None:
    ref = person(world)
    refs([*world.sink.add_tasks([task(1, ref)]), *world.sink.add_notes([note(1, ref)])])

    assert signals(world, start(world)) == []


def test_our_own_work_is_no_news(world: World) -> None:
    cursor = start(world)
    ref = person(world)
    refs([*world.sink.add_tasks([task(1, ref)]), *world.sink.add_notes([note(1, ref)])])

    assert signals(world, cursor) == []


@pytest.mark.parametrize("history", [True, False])
def test_new_owner_is_told_with_the_moment(tmp_path: Path, history: bool) -> None:
    with salesforce_world(tmp_path, history=history) as world:
        ref, ben = person(world), world.owner(BEN)
        cursor = start(world)
        world.fake.people.edit(ref.id, {"OwnerId": ben.id})
        edited = world.clock.at

        found = [signal for signal in signals(world, cursor) if signal.kind is SignalKind.OWNER_CHANGED]

        assert found == [Signal(SignalKind.OWNER_CHANGED, ref, edited, ben.id, ben)]


def test_owner_who_changed_before_our_last_write_is_told_where_no_history_is_kept(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, history=False) as world:
        ref, ben = person(world), world.owner(BEN)
        cursor = start(world)
        world.fake.people.edit(ref.id, {"OwnerId": ben.id})
        world.sink.upsert([record(1, ref=ref, fields={"job_title": "CTO"})])

        assert [signal.value for signal in signals(world, cursor)] == [ben.id]


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("Open - Not Contacted", set[SignalKind]()),
        ("Working - Contacted", {SignalKind.STATUS_CHANGED, SignalKind.ANSWERED}),
        ("Closed - Not Converted", {SignalKind.STATUS_CHANGED, SignalKind.LOST}),
    ],
)
def test_status_is_told_and_what_it_means(world: World, status: str, meant: set[SignalKind]) -> None:
    ref = person(world)
    cursor = start(world)
    world.fake.people.edit(ref.id, {"Status": status})

    found = signals(world, cursor)

    assert kinds(found) - {SignalKind.OWNER_CHANGED} == (meant or {SignalKind.STATUS_CHANGED})
    assert {signal.value for signal in found if signal.kind in meant} <= {status}


def test_status_of_long_ago_is_no_answer_to_the_question_of_today(tmp_path: Path) -> None:
    """Without a history an edit of another field tells the same status again: nobody knows since when."""
    with salesforce_world(tmp_path, history=False) as world:
        ref = person(world)
        world.fake.people.edit(ref.id, {"Status": "Working - Contacted"})
        cursor = start(world)
        world.fake.people.edit(ref.id, {"Title": "CTO"})

        assert SignalKind.ANSWERED not in kinds(signals(world, cursor))


def test_conversion_is_told_and_the_contact_is_followed(world: World) -> None:
    ref = person(world)
    cursor = start(world)
    contact = world.fake.people.convert(ref.id)

    found = signals(world, cursor)

    assert [s.value for s in found if s.kind is SignalKind.QUALIFIED and s.ref == ref] == ["converted"]
    assert [s.value for s in found if s.kind is SignalKind.MERGED] == [contact]


@pytest.mark.parametrize("activity", ["call", "email", "meeting"])
@pytest.mark.parametrize("maps_keys", [True, False])
@pytest.mark.parametrize("converted", [True, False])
def test_what_a_person_did_first_is_an_answer(tmp_path: Path, activity: str, maps_keys: bool, converted: bool) -> None:
    with salesforce_world(tmp_path, maps_keys=maps_keys) as world:
        ref = person(world)
        where = world.fake.people.convert(ref.id) if converted else ref.id
        cursor = start(world)
        world.fake.people.log_activity(where, activity)  # type: ignore[arg-type]  # one of those
        done = world.clock.at

        found = [s for s in signals(world, cursor) if s.kind is SignalKind.ANSWERED]

        assert [(signal.ref.id, signal.at) for signal in found] == [(where, done)]


def test_plan_and_activity_with_a_stranger_are_no_answers(world: World) -> None:
    ref = person(world)
    stranger = world.fake.people.add("Contact", {"LastName": "Stranger"})
    cursor = start(world)
    world.fake.people.log_activity(ref.id, "plan")
    world.fake.people.log_activity(stranger, "call")

    assert SignalKind.ANSWERED not in kinds(signals(world, cursor))


def test_task_that_was_done_is_told(world: World) -> None:
    (ref,) = refs(world.sink.add_tasks([task(1, person(world))]))
    cursor = start(world)
    world.fake.people.complete(ref.id)
    done = world.clock.at

    assert Signal(SignalKind.TASK_DONE, ref, done) in signals(world, cursor)


@pytest.mark.parametrize(
    ("won", "kind", "value"), [(True, "won", "Closed Won, 12500"), (False, "lost", "Closed Lost, 12500")]
)
@pytest.mark.parametrize("maps_keys", [True, False])
def test_closed_opportunity_is_told_with_its_amount(
    tmp_path: Path, won: bool, kind: str, value: str, maps_keys: bool
) -> None:
    with salesforce_world(tmp_path, maps_keys=maps_keys) as world:
        contact = world.fake.people.convert(person(world).id)
        (deal,) = world.fake.records("Opportunity")
        cursor = start(world)
        world.fake.people.close(deal["Id"], won=won, amount=12_500.0)

        found = [s for s in signals(world, cursor) if s.kind.value == kind]

        assert [(signal.ref.id, signal.value) for signal in found] == [(contact, value)]


def test_opportunity_of_strangers_is_nobodys(world: World) -> None:
    other = world.fake.people.add("Lead", {"LastName": "Stranger", "Company": "Else"})
    world.fake.people.convert(other)
    cursor = start(world)
    world.fake.people.close(world.fake.records("Opportunity")[0]["Id"], won=True)

    assert signals(world, cursor) == []


def test_opt_out_is_told(world: World) -> None:
    ref = person(world)
    cursor = start(world)
    world.fake.people.edit(ref.id, {"HasOptedOutOfEmail": True})

    assert [s.ref for s in signals(world, cursor) if s.kind is SignalKind.OPTED_OUT] == [ref]


def test_merge_and_deletion_are_told(world: World) -> None:
    merged, deleted = person(world, 1), person(world, 2)
    winner = world.fake.people.add("Lead", {"LastName": "Typed", "Company": "In"})
    cursor = start(world)
    world.fake.people.merge(winner, merged.id)
    world.fake.people.delete(deleted.id)
    at = world.clock.at

    assert signals(world, cursor) == [
        Signal(SignalKind.MERGED, merged, at, winner),
        Signal(SignalKind.GONE, deleted, at),
    ]


def test_pages_are_read_to_their_end_and_every_cursor_goes_on_from_there(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, page_size=2) as world:
        people = [person(world, number) for number in range(5)]
        cursor = start(world)
        for ref in people:
            world.advance(minutes=5)
            world.fake.people.edit(ref.id, {"Status": "Closed - Not Converted"})
        world.advance(minutes=1)

        pages = list(world.sink.changes(cursor))
        middle = [
            s.ref for page in world.sink.changes(pages[1].cursor) for s in page.signals if s.kind is SignalKind.LOST
        ]

        assert [s.ref for page in pages for s in page.signals if s.kind is SignalKind.LOST] == people
        assert middle == people[3:]


def test_late_commit_is_not_stepped_over(world: World) -> None:
    """A transaction that takes a minute shows with the stamp of its beginning."""
    ref = person(world)
    cursor = start(world)
    began = world.fake.org.at()
    world.advance(minutes=1)
    (*_, page) = [*world.sink.changes(cursor)] or [None]
    world.fake.people.edit(ref.id, {"Status": "Closed - Not Converted"})
    world.fake.org.record(ref.id).values["SystemModstamp"] = began

    assert SignalKind.LOST in kinds(signals(world, page.cursor if page else cursor))


def test_organisation_that_shows_no_opportunities_is_read_all_the_same(world: World) -> None:
    ref = person(world)
    cursor = start(world)
    del world.fake.org.tables["Opportunity"], world.fake.org.tables["LeadHistory"]
    world.fake.people.log_activity(ref.id, "call")

    assert kinds(signals(world, cursor)) == {SignalKind.ANSWERED}


def test_change_of_status_is_told_though_the_lead_changed_again_and_the_reading_was_ended(tmp_path: Path) -> None:
    """The lead comes on a later page than its change of status was made on."""
    with salesforce_world(tmp_path, page_size=1) as world:
        first, second = person(world, 1), person(world, 2)
        cursor = start(world)
        world.fake.people.edit(first.id, {"Status": "Working - Contacted"})
        worked = world.clock.at
        for number, ref in ((1, second), (2, first)):
            world.advance(hours=number)
            world.fake.people.edit(ref.id, {"Title": "CTO"})
        world.advance(minutes=1)

        page = next(iter(world.sink.changes(cursor)))
        found = [s for rest in world.sink.changes(page.cursor) for s in rest.signals if s.kind is SignalKind.ANSWERED]

        assert [signal.ref for signal in page.signals if signal.kind is SignalKind.STATUS_CHANGED] == [second]
        assert [(signal.ref, signal.at) for signal in found] == [(first, worked)]


def test_quiet_minute_costs_one_call(world: World) -> None:
    person(world)
    cursor = start(world)
    list(world.sink.changes(cursor))

    with world.counted() as made:
        list(world.sink.changes(cursor))

    assert made == {"POST /composite": 1}


def test_field_that_vanished_is_read_without_next_time(world: World) -> None:
    ref = person(world)
    cursor = start(world)
    list(world.sink.changes(cursor))
    del world.fake.org.tables["Lead"].fields["HasOptedOutOfEmail"]
    world.fake.people.edit(ref.id, {"Status": "Closed - Not Converted"})

    with pytest.raises(Retryable, match="INVALID_FIELD"):
        list(world.sink.changes(cursor))

    assert SignalKind.LOST in kinds(signals(world, cursor))
