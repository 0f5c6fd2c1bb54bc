"""One bad order among many, and answers that do not come."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.connector import (
    Ambiguous,
    Done,
    OwnerRef,
    RateLimited,
    Ref,
    Refusal,
    Unknown,
    Wait,
)
from tests.connectors.hubspot_world import (
    CONTACTS,
    World,
    hubspot_world,
    keys,
    record,
    refs,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, sink={"company": False}) as world:
        yield world


def test_bad_address_costs_its_neighbours_nothing(world: World) -> None:
    orders = [record(number) for number in range(100)]
    orders[37] = replace(orders[37], keys=keys(37, emails=("no address",)))

    with world.counted() as calls:
        outcomes = world.sink.upsert(orders)

    assert [at for at, outcome in enumerate(outcomes) if not isinstance(outcome, Done)] == [37]
    assert len(world.fake.contacts) == 99
    assert calls["contacts/batch/upsert"] == 3


def test_several_bad_orders_are_each_refused_with_the_name_of_the_field(world: World) -> None:
    orders = [record(number) for number in range(40)]
    stranger = OwnerRef("999999")
    for at in (3, 17, 18, 39):
        orders[at] = replace(orders[at], owner=stranger)

    outcomes = world.sink.upsert(orders)

    refused = {at: each for at, each in enumerate(outcomes) if isinstance(each, Refusal)}
    assert sorted(refused) == [3, 17, 18, 39]
    assert {each.fields for each in refused.values()} == {("hubspot_owner_id",)}
    assert "INVALID_OWNER_ID" in refused[3].reason
    assert len(world.fake.contacts) == 36


def test_all_bad_orders_are_all_refused(world: World) -> None:
    outcomes = world.sink.upsert([replace(record(n), owner=OwnerRef("999999")) for n in range(5)])

    assert all(isinstance(outcome, Refusal) for outcome in outcomes)


def test_second_order_for_one_address_waits_its_turn(world: World) -> None:
    outcomes = world.sink.upsert([record(1), replace(record(2), keys=keys(2, emails=("P1@firm.example",)))])

    assert isinstance(outcomes[0], Done)
    assert isinstance(outcomes[1], Wait)
    assert (outcomes[1].after, outcomes[1].failed) == (timedelta(0), False)


def test_two_addresses_of_one_contact_in_one_call_both_land_on_it(world: World) -> None:
    kept = world.fake.add_contact(email="p1@firm.example")
    survivor = world.fake.merge(kept, world.fake.add_contact(email="p2@firm.example"))

    found = refs(world.sink.upsert([record(1), record(2), record(3), record(4)]))

    assert [ref.id for ref in found[:2]] == [survivor, survivor]


# answers that do not come


def test_losing_the_only_answer_leaves_everything_in_doubt(world: World) -> None:
    world.fake.order_fault("commit_then_drop", path=f"{CONTACTS}/batch/upsert")

    with pytest.raises(Ambiguous):
        world.sink.upsert([record(1), record(2)])


@pytest.mark.parametrize("fault", ["half_body", "server_error", "hang"])
def test_every_way_of_losing_an_answer_is_a_doubt(world: World, fault: str) -> None:
    details = {"hang": {"seconds": 3.0}, "server_error": {"committed": True}}.get(fault, {})
    world.fake.order_fault(fault, path=f"{CONTACTS}/batch/upsert", **details)

    with pytest.raises(Ambiguous):
        world.sink.upsert([record(1)])


def test_losing_an_answer_halfway_tells_done_unknown_and_unsent_apart(world: World) -> None:
    orders = [record(number) for number in range(8)]
    orders[7] = replace(orders[7], owner=OwnerRef("999999"))
    world.fake.order_fault("commit_then_drop", path=f"{CONTACTS}/batch/upsert", nth=2)

    outcomes = world.sink.upsert(orders)

    assert [type(outcome) for outcome in outcomes] == [Unknown] * 7 + [Wait]
    assert isinstance(outcomes[7], Wait)
    assert not outcomes[7].failed


def test_losing_the_second_kind_of_write_keeps_the_first(world: World) -> None:
    contact = Ref("contact", world.fake.add_contact(email="known@firm.example"))
    world.fake.order_fault("commit_then_drop", path=f"{CONTACTS}/batch/upsert")

    known, by_email, by_key = world.sink.upsert([record(1, ref=contact), record(2), record(3, emails=())])

    assert isinstance(known, Done)
    assert isinstance(by_email, Unknown)
    assert by_key == Wait(by_key.reason, None, failed=False)  # type: ignore[union-attr]  # compared as a whole


def test_being_told_to_slow_down_halfway_keeps_what_is_done(world: World) -> None:
    contact = Ref("contact", world.fake.add_contact(email="known@firm.example"))
    world.fake.order_fault("too_many", path=f"{CONTACTS}/batch/upsert", retry_after=7)

    known, stranger = world.sink.upsert([record(1, ref=contact), record(2)])

    assert isinstance(known, Done)
    assert isinstance(stranger, Wait)
    assert (stranger.after, stranger.failed) == (timedelta(seconds=7), False)


def test_being_told_to_slow_down_at_once_is_raised(world: World) -> None:
    world.fake.order_fault("too_many", path=f"{CONTACTS}/batch/upsert")

    with pytest.raises(RateLimited):
        world.sink.upsert([record(1)])
