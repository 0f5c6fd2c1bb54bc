"""What people do in Zoho comes back, when it happened, and our own echo does not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import Ref, Signal, SignalKind
from tests.connectors.zoho_world import BEN, START, World, keys, record, refs, task, zoho_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with zoho_world(tmp_path, sink={"read_lag": 0}) as world:
        yield world


@pytest.fixture
def lead(world: World) -> Ref:
    (ref,) = refs(world.sink.upsert([record(1)]))
    world.advance(minutes=1)
    return ref


def begun(world: World) -> str:
    (page,) = world.sink.changes(None)
    world.advance(minutes=1)
    return page.cursor


def heard(world: World, cursor: str, sink: Any = None) -> list[Signal]:
    return [signal for page in (sink or world.sink).changes(cursor) for signal in page.signals]


def test_our_own_writes_say_nothing_and_cost_no_timeline(world: World) -> None:
    cursor = begun(world)
    (ref,) = refs(world.sink.upsert([record(1)]))

    first = heard(world, cursor)
    world.advance(minutes=1)
    refs(world.sink.upsert([record(1, ref=ref, fields={"company": "Moved"})]))
    with world.counted() as calls:
        second = heard(world, cursor)

    assert (first, second) == ([], [])
    assert calls["GET /Leads/{id}/__timeline"] == 0


def test_status_that_a_person_sets_tells_when_and_what_it_means(world: World, lead: Ref) -> None:
    cursor = begun(world)
    world.fake.humans.edit(world.id_of(lead), {"Lead_Status": "Contacted"})
    at = world.fake.now()
    world.advance(minutes=5)
    refs(world.sink.upsert([record(1, ref=lead, fields={"company": "Moved"})]))  # later, and not what happened

    signals = heard(world, cursor)

    assert signals == [
        Signal(SignalKind.STATUS_CHANGED, lead, at, "Contacted"),
        Signal(SignalKind.ANSWERED, lead, at, "Contacted"),
    ]


def test_status_of_last_year_is_no_news_when_we_write_today(world: World, lead: Ref) -> None:
    world.fake.humans.edit(world.id_of(lead), {"Lead_Status": "Contacted"})
    world.advance(days=30)
    cursor = begun(world)
    refs(world.sink.upsert([record(1, ref=lead, fields={"company": "Moved"})]))

    assert heard(world, cursor) == []


def test_new_owner_and_opt_out_come_back(world: World, lead: Ref) -> None:
    cursor, ben = begun(world), world.owner(BEN)
    world.fake.humans.edit(world.id_of(lead), {"Owner": {"id": ben.id}, "Email_Opt_Out": True})

    signals = heard(world, cursor)

    assert [(signal.kind, signal.value, signal.owner) for signal in signals] == [
        (SignalKind.OWNER_CHANGED, ben.id, ben),
        (SignalKind.OPTED_OUT, "", None),
    ]


def test_page_that_was_not_taken_is_told_again(world: World, lead: Ref) -> None:
    cursor = begun(world)
    world.fake.humans.edit(world.id_of(lead), {"Lead_Status": "Lost Lead"})
    pages = world.sink.changes(cursor)
    next(pages)
    pages.close()

    assert [signal.kind for signal in heard(world, cursor)] == [SignalKind.STATUS_CHANGED, SignalKind.LOST]


def test_conversion_qualifies_and_the_lead_goes_on_as_its_contact(world: World, lead: Ref) -> None:
    cursor = begun(world)
    contact = world.fake.humans.convert(world.id_of(lead))

    signals = [each for each in heard(world, cursor) if each.ref == lead]

    assert [(signal.kind, signal.value) for signal in signals] == [
        (SignalKind.QUALIFIED, "converted"),
        (SignalKind.MERGED, f"Contacts/{contact}"),
    ]


@pytest.mark.parametrize("kind", ["unique", "none"])
def test_completed_task_comes_back_whether_it_has_a_mark_field_or_not(tmp_path: Path, kind: str) -> None:
    with zoho_world(tmp_path, task_fields=kind, sink={"read_lag": 0}) as world:
        (lead,) = refs(world.sink.upsert([record(1)]))
        (mine,) = refs(world.sink.add_tasks([task(1, lead)]))
        theirs = world.fake.humans.add("Tasks", {"Subject": "Of their own"})
        cursor = begun(world)
        world.fake.humans.complete(mine.id)
        world.fake.humans.complete(theirs)

        signals = heard(world, cursor)

        assert signals == [Signal(SignalKind.TASK_DONE, Ref("task", mine.id), world.fake.now())]


def test_call_that_a_person_logs_is_an_answer(world: World, lead: Ref) -> None:
    cursor = begun(world)
    world.fake.humans.log_call(world.id_of(lead))

    assert heard(world, cursor) == [Signal(SignalKind.ANSWERED, lead, world.fake.now())]


def test_deal_of_a_contact_is_won(world: World) -> None:
    contact = world.fake.humans.add("Contacts", {"Last_Name": "B", "Email": "p1@firm.example"})
    cursor = begun(world)
    world.fake.humans.add("Deals", {"Deal_Name": "D", "Stage": "Closed Won", "Contact_Name": {"id": contact}})
    world.fake.humans.add("Deals", {"Deal_Name": "E", "Stage": "Qualification", "Contact_Name": {"id": contact}})

    (signal,) = heard(world, cursor)

    assert (signal.kind, signal.ref.id, signal.value) == (SignalKind.WON, f"Contacts/{contact}", "Closed Won")


def test_account_that_hides_a_module_tells_nothing_of_it(world: World, lead: Ref) -> None:
    cursor = begun(world)
    del world.fake.account.modules["Calls"], world.fake.account.modules["Deals"]
    world.fake.humans.edit(world.id_of(lead), {"Lead_Status": "Contacted"})

    assert len(heard(world, cursor)) == 2


def test_more_records_of_one_second_than_a_page_holds_are_all_read(world: World) -> None:
    cursor = begun(world)
    leads = [
        world.fake.humans.add("Leads", {"Last_Name": "B", "Company": "C", "Syncd_Key": f"lead-{number}"})
        for number in range(450)
    ]
    for lead in leads:
        world.fake.humans.edit(lead, {"Lead_Status": "Contacted"})

    told = {signal.ref.id for signal in heard(world, cursor)}

    assert told == {f"Leads/{lead}" for lead in leads}


def test_after_a_restart_only_what_changed_since_is_told(world: World, lead: Ref) -> None:
    world.fake.humans.edit(world.id_of(lead), {"Lead_Status": "Contacted"})
    world.advance(minutes=1)
    cursor = begun(world)
    world.fake.humans.edit(world.id_of(lead), {"Lead_Status": "Pre-Qualified"})

    signals = heard(world, cursor, world.another_sink(read_lag=0))

    assert [signal.value for signal in signals] == ["Pre-Qualified", "Pre-Qualified"]
    assert world.sink.find([keys(1)])[0] is not None
    assert signals[0].at > START


def test_record_of_ours_that_a_person_deleted_is_told_within_a_quarter_of_an_hour(world: World, lead: Ref) -> None:
    cursor = begun(world)
    theirs = world.fake.humans.add("Leads", {"Last_Name": "Typed", "Company": "In"})
    world.fake.humans.delete(world.id_of(lead))
    world.fake.humans.delete(theirs)

    at_once = [page for page in world.sink.changes(cursor) if page.signals]
    world.advance(minutes=15)
    (page,) = [page for page in world.sink.changes(cursor) if page.signals]

    assert at_once == []
    assert [(signal.kind, signal.ref) for signal in page.signals] == [(SignalKind.GONE, lead)]
    assert page.signals[0].at == world.clock.now() - timedelta(minutes=15)
    world.advance(minutes=15)
    assert heard(world, page.cursor) == []


def test_account_that_does_not_tell_what_was_deleted_is_read_all_the_same(world: World, lead: Ref) -> None:
    cursor = begun(world)
    world.fake.humans.edit(world.id_of(lead), {"Lead_Status": "Contacted"})
    world.advance(minutes=20)
    world.fake.order_fault("answer", "GET", "/crm/v8/Leads/deleted", status=400, body=b'{"code":"INVALID_MODULE"}')

    kinds = {signal.kind for signal in heard(world, cursor)}

    assert SignalKind.ANSWERED in kinds
