"""What people did in the CRM is told, and what we did ourselves is not; by each of the three APIs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from syncd.connector import LeadKeys, Ref, Signal, SignalKind
from tests.connectors.sugar_world import ANNA, BEN, DIALECTS, World, id_of, sugar_world
from tests.connectors.test_sugar_records import EVE, order, ref, task


@pytest.fixture(params=DIALECTS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with sugar_world(tmp_path, request.param) as world:
        yield world


class Reader:
    """Reads on from where it was."""

    def __init__(self, world: World) -> None:
        self.world = world
        (page,) = world.sink.changes(None)
        self.cursor = page.cursor
        world.advance(minutes=1)

    def news(self) -> list[Signal]:
        self.world.advance(seconds=10)
        pages = list(self.world.sink.changes(self.cursor))
        self.cursor = pages[-1].cursor if pages else self.cursor
        self.world.advance(minutes=1)
        return [signal for page in pages for signal in page.signals]


def kinds(signals: list[Signal]) -> set[SignalKind]:
    return {signal.kind for signal in signals}


def lead(world: World) -> Ref:
    return ref(world.sink.upsert([replace(order(), owner=world.owner(ANNA))]))


def test_what_we_write_ourselves_is_not_told(world: World) -> None:
    reader = Reader(world)
    ref(world.sink.add_tasks([task(lead(world))]))

    assert reader.news() == []


def test_status_owner_and_opt_out_are_told_with_what_they_mean(world: World) -> None:
    found, humans = lead(world), world.fake.humans
    reader = Reader(world)
    ben = world.owner(BEN)

    humans.edit(id_of(found), {"status": "Dead", "assigned_user_id": ben.id})
    news = reader.news()
    humans.opt_out(id_of(found))
    later = reader.news()

    assert {(signal.kind, signal.value) for signal in news} == {
        (SignalKind.OWNER_CHANGED, ben.id),
        (SignalKind.STATUS_CHANGED, "Dead"),
        (SignalKind.LOST, "Dead"),
    }
    assert {signal.ref for signal in news} == {found}
    assert kinds(later) == {SignalKind.OPTED_OUT}


def test_our_own_later_write_does_not_make_an_old_status_new(world: World) -> None:
    dead = world.fake.humans.add("Leads", {"last_name": "Neil", "status": "Dead"}, EVE)
    world.advance(minutes=1)
    reader = Reader(world)
    (known,) = world.sink.find([LeadKeys("lead-1", (EVE,))])
    assert known is not None

    found = ref(world.sink.upsert([replace(order(company="New Ltd"), known=known)]))

    assert id_of(found) == dead
    assert reader.news() == []


def test_conversion_qualifies_and_the_deal_is_won_with_its_amount(world: World) -> None:
    found, humans = lead(world), world.fake.humans
    reader = Reader(world)

    deal = humans.add("Opportunities", {"name": "Deal", "sales_stage": "Prospecting", "amount": "1200"})
    contact = humans.convert(id_of(found), opportunity=deal)
    converted = reader.news()
    humans.edit(deal, {"sales_stage": "Closed Won"})
    won = reader.news()

    assert SignalKind.QUALIFIED in kinds(converted)
    assert {(signal.kind, signal.ref.id, signal.value) for signal in won} == {
        (SignalKind.WON, found.id, "Closed Won, 1200"),
        (SignalKind.WON, f"Contacts/{contact}", "Closed Won, 1200"),
    }


def test_task_that_is_done_is_told_once(world: World) -> None:
    made = ref(world.sink.add_tasks([task(lead(world))]))
    reader = Reader(world)

    world.fake.humans.complete(made.id)

    assert [(signal.kind, signal.ref.object, signal.ref.id) for signal in reader.news()] == [
        (SignalKind.TASK_DONE, "task", made.id)
    ]
    assert reader.news() == []


def test_call_and_task_of_a_person_are_attempts_to_reach_the_lead(world: World) -> None:
    found, humans = lead(world), world.fake.humans
    reader = Reader(world)

    humans.hold_call(id_of(found))
    parent = {"parent_type": "Leads", "parent_id": id_of(found)}
    humans.add("Tasks", {"name": "Mail", "status": "Completed", **parent})

    assert {(signal.kind, signal.ref.id) for signal in reader.news()} == {(SignalKind.ANSWERED, found.id)}


def test_deleted_lead_is_told_where_deleted_ones_are_listed(world: World) -> None:
    found = lead(world)
    reader = Reader(world)

    world.fake.humans.delete(id_of(found))

    assert kinds(reader.news()) == ({SignalKind.GONE} if world.dialect == "sugarcrm" else set())


def test_changes_are_all_told_though_answers_are_cut_short(tmp_path: Path) -> None:
    with sugar_world(tmp_path, "sugarcrm", most_rows=30) as world:
        test_more_changes_than_one_page_holds_are_all_told(world)


def test_more_changes_than_one_page_holds_are_all_told(world: World) -> None:
    reader = Reader(world)
    humans = world.fake.humans
    made = [humans.add("Leads", {"last_name": f"N{n}", "status": "In Process"}) for n in range(230)]

    told = {signal.ref.id for signal in reader.news() if signal.kind is SignalKind.ANSWERED}

    assert told == {f"Leads/{each}" for each in made}
