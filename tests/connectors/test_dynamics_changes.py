"""What people do in Dynamics 365 comes back, and our own echo does not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import Ref, Signal, SignalKind
from tests.connectors.dynamics_world import BEN, World, dynamics_world, record, refs, task


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with dynamics_world(tmp_path) as world:
        yield world


@pytest.fixture
def lead(world: World) -> Ref:
    (ref,) = refs(world.sink.upsert([record(1)]))
    world.advance(minutes=5)
    return ref


def begun(world: World, sink: Any = None) -> str:
    (page,) = (sink or world.sink).changes(None)
    world.advance(minutes=5)
    return page.cursor


def heard(world: World, cursor: str, sink: Any = None) -> list[Signal]:
    return [signal for page in (sink or world.sink).changes(cursor) for signal in page.signals]


def test_our_own_writes_say_nothing_and_all_is_asked_by_one_call(world: World) -> None:
    cursor = begun(world)
    (ref,) = refs(world.sink.upsert([record(1)]))
    refs(world.sink.upsert([record(1, ref=ref, fields={"company": "Moved"})]))
    before = world.batches()

    assert heard(world, cursor) == []
    assert world.batches() - before == 1


def test_status_that_a_person_sets_tells_when_and_what_it_means(world: World, lead: Ref) -> None:
    cursor = begun(world)
    world.fake.humans.edit(world.id_of(lead), {"statuscode": 2})
    at = world.fake.now()

    assert heard(world, cursor) == [
        Signal(SignalKind.STATUS_CHANGED, lead, at, "Contacted"),
        Signal(SignalKind.ANSWERED, lead, at, "Contacted"),
    ]
    assert heard(world, cursor) == []  # it is no news twice


def test_status_that_was_not_seen_before_cannot_pass_for_an_answer(world: World, lead: Ref) -> None:
    world.fake.humans.edit(world.id_of(lead), {"statuscode": 2})
    world.advance(days=300)
    restarted = world.another_sink()
    cursor = begun(world, restarted)
    world.fake.humans.edit(world.id_of(lead), {"jobtitle": "Chief"})

    kinds = [signal.kind for signal in heard(world, cursor, restarted)]

    assert SignalKind.ANSWERED not in kinds
    assert SignalKind.STATUS_CHANGED in kinds


def test_new_owner_and_opt_out_come_back(world: World, lead: Ref) -> None:
    cursor, ben = begun(world), world.owner(BEN)
    world.fake.humans.give(world.id_of(lead), ben.id)
    world.fake.humans.edit(world.id_of(lead), {"donotemail": True})

    signals = heard(world, cursor)

    assert [(signal.kind, signal.value, signal.owner) for signal in signals] == [
        (SignalKind.OWNER_CHANGED, ben.id, ben),
        (SignalKind.OPTED_OUT, "", None),
    ]


def test_page_that_was_not_taken_is_told_again(world: World, lead: Ref) -> None:
    cursor = begun(world)
    world.fake.humans.edit(world.id_of(lead), {"statecode": 2, "statuscode": 5})
    pages = world.sink.changes(cursor)
    next(pages)
    pages.close()

    told = [(signal.kind, signal.value) for signal in heard(world, cursor)]

    assert told == [(SignalKind.STATUS_CHANGED, "Cannot Contact"), (SignalKind.LOST, "Cannot Contact")]


def test_qualified_lead_goes_on_as_its_contact(world: World, lead: Ref) -> None:
    cursor = begun(world)
    contact = world.fake.humans.qualify(world.id_of(lead))

    told = [(signal.kind, signal.value) for signal in heard(world, cursor) if signal.ref == lead]

    assert told == [
        (SignalKind.STATUS_CHANGED, "Qualified"),
        (SignalKind.QUALIFIED, "Qualified"),
        (SignalKind.MERGED, f"contacts/{contact}"),
    ]


def test_merged_lead_says_where_it_lives_on(world: World, lead: Ref) -> None:
    (other,) = refs(world.sink.upsert([record(2)]))
    cursor = begun(world)
    world.fake.humans.merge(world.id_of(other), world.id_of(lead))

    assert heard(world, cursor) == [Signal(SignalKind.MERGED, lead, world.fake.now(), other.id)]


def test_done_task_of_ours_is_told_and_one_of_a_person_is_an_answer(world: World, lead: Ref) -> None:
    (mine,) = refs(world.sink.add_tasks([task(1, lead)]))
    cursor = begun(world)
    world.fake.humans.complete(mine.id)
    world.fake.humans.log("task", world.id_of(lead))
    world.fake.humans.log("task", world.fake.humans.add("lead", {"lastname": "No enquiry of ours"}))

    kinds = [(signal.kind, signal.ref.id) for signal in heard(world, cursor)]

    assert kinds == [(SignalKind.TASK_DONE, mine.id), (SignalKind.ANSWERED, lead.id)]


@pytest.mark.parametrize(
    ("kind", "values", "answers"),
    [
        ("phonecall", {}, True),
        ("phonecall", {"statecode": 0}, False),
        ("email", {}, True),
        ("email", {"directioncode": False}, False),
        ("appointment", {"statecode": 3}, True),
        ("appointment", {"statecode": 2}, False),
    ],
)
def test_first_call_mail_or_meeting_of_a_person_is_an_answer(
    world: World, lead: Ref, kind: str, values: dict[str, Any], answers: bool
) -> None:
    cursor = begun(world)
    world.fake.humans.log(kind, world.id_of(lead), **values)

    kinds = [signal.kind for signal in heard(world, cursor)]

    assert kinds == ([SignalKind.ANSWERED] if answers else [])


def test_deal_that_is_won_is_told_with_its_amount_for_the_lead_and_its_contact(world: World, lead: Ref) -> None:
    contact = world.fake.humans.qualify(world.id_of(lead))
    cursor = begun(world)
    parties = {"originatingleadid": ("lead", world.id_of(lead)), "parentcontactid": ("contact", contact)}
    deal = {"name": "D", "statecode": 1, "statuscode": 3, "actualvalue": 1200.5, **parties}
    world.fake.humans.add("opportunity", deal)
    world.fake.humans.add("opportunity", {"name": "Of somebody else", "statecode": 2, "statuscode": 4})
    world.fake.humans.log("phonecall", contact)

    told = [(signal.kind, signal.ref.id, signal.value) for signal in heard(world, cursor)]

    assert told[-2:] == [
        (SignalKind.WON, lead.id, "Won, 1200.5"),
        (SignalKind.WON, f"contacts/{contact}", "Won, 1200.5"),
    ]
    assert (SignalKind.ANSWERED, f"contacts/{contact}", "") in told


def test_environment_that_hides_a_table_tells_nothing_of_it(world: World, lead: Ref) -> None:
    cursor = begun(world)
    world.fake.org.hidden |= {"opportunity", "email"}
    world.fake.humans.edit(world.id_of(lead), {"statuscode": 2})

    assert len(heard(world, cursor)) == 2


def test_more_changes_than_a_page_holds_are_all_read(tmp_path: Path) -> None:
    with dynamics_world(tmp_path, page_size=20) as world:
        leads = [
            world.fake.humans.add("lead", {"lastname": "B", "syncd_key": f"lead-{number}"}) for number in range(45)
        ]
        cursor = begun(world)
        for each in leads:
            world.fake.humans.edit(each, {"statuscode": 4, "statecode": 2})

        told = {signal.ref.id for signal in heard(world, cursor) if signal.kind is SignalKind.LOST}

        assert told == {f"leads/{each}" for each in leads}


def test_change_that_shows_late_is_read_by_the_overlap(world: World, lead: Ref) -> None:
    cursor = begun(world)
    (second,) = refs(world.sink.upsert([record(2)]))
    world.fake.humans.edit(world.id_of(second), {"statuscode": 2})
    (*_, last) = world.sink.changes(cursor)
    world.fake.humans.edit(world.id_of(lead), {"statuscode": 2})
    world.fake.org.rows["lead"][world.id_of(lead)].values["modifiedon"] -= timedelta(minutes=1)

    told = {signal.ref for signal in heard(world, last.cursor)}

    assert lead in told


def test_deleted_lead_is_told_once_and_what_is_not_tracked_is_not(tmp_path: Path) -> None:
    for tracked in (True, False):
        with dynamics_world(tmp_path, tracked=tracked, page_size=3) as world:
            leads = refs(world.sink.upsert([record(number) for number in range(5)]))
            cursor = begun(world)
            world.fake.humans.delete(world.id_of(leads[0]))

            pages = list(world.sink.changes(cursor))
            told = [(signal.kind, signal.ref) for page in pages for signal in page.signals]

            assert told == ([(SignalKind.GONE, leads[0])] if tracked else [])
            assert not tracked or heard(world, pages[-1].cursor) == []


def test_tracking_that_is_too_old_begins_anew(world: World, lead: Ref) -> None:
    cursor = begun(world).replace("$deltatoken=", "$deltatoken=x&$filter=")

    (*_, last) = world.sink.changes(cursor)
    cursor = list(world.sink.changes(last.cursor))[-1].cursor
    world.fake.humans.delete(world.id_of(lead))

    assert [signal.kind for signal in heard(world, cursor)] == [SignalKind.GONE]
