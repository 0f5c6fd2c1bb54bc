"""Finding contacts: by ref, by address, by our own key; never by search."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.connector import LeadKeys, Ref, Retryable
from tests.connectors.hubspot_world import ANNA, World, hubspot_world, keys, record, refs


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, sink={"company": False}, search_lag=30) as world:
        yield world


def test_lone_lead_costs_one_call(world: World) -> None:
    world.fake.add_contact(email="p1@firm.example")
    world.sink.find([keys(1)])

    with world.counted() as calls:
        (known,) = world.sink.find([keys(1)])

    assert known is not None
    assert calls == {"contacts/batch/read": 1}


def test_hundred_leads_cost_one_call(world: World) -> None:
    world.sink.find([keys(0)])

    with world.counted() as calls:
        found = world.sink.find([keys(number) for number in range(100)])

    assert found == [None] * 100
    assert calls == {"contacts/batch/read": 1}


def test_owner_and_values_come_with_the_contact(world: World) -> None:
    anna = world.owner(ANNA)
    world.fake.add_contact(
        email="p1@firm.example",
        jobtitle="CFO",
        zip="00123",
        hubspot_owner_id=anna.id,
        lifecyclestage="customer",
    )

    (known,) = world.sink.find([keys(1)])

    assert known is not None
    assert known.owner == anna
    assert known.customer
    assert known.values == {"email": "p1@firm.example", "job_title": "CFO", "postal_code": "00123"}


def test_owner_who_left_is_known_as_gone(world: World) -> None:
    ben = world.fake.add_owner("gone@sales.example", "Gone Person")
    world.fake.add_contact(email="p1@firm.example", hubspot_owner_id=ben)
    world.fake.archive_owner(ben)
    world.advance(minutes=11)

    (known,) = world.sink.find([keys(1)])

    assert known is not None
    assert known.owner is not None
    assert (known.owner.email, known.owner.active) == ("gone@sales.example", False)


def test_owner_who_joined_a_minute_ago_is_known(world: World) -> None:
    world.sink.owners()
    carla = world.fake.add_owner("carla@sales.example", "Carla New")
    world.fake.add_contact(email="p1@firm.example", hubspot_owner_id=carla)
    world.advance(minutes=1)

    (known,) = world.sink.find([keys(1)])

    assert known is not None
    assert known.owner is not None
    assert known.owner.email == "carla@sales.example"


def test_ref_wins_over_the_address(world: World) -> None:
    world.fake.add_contact(email="p1@firm.example")
    mine = world.fake.add_contact(email="other@firm.example")

    (known,) = world.sink.find([keys(1, ref=Ref("contact", mine))])

    assert known is not None
    assert known.ref.id == mine


def test_deleted_ref_falls_back_to_the_address(world: World) -> None:
    gone = world.fake.add_contact(email="gone@firm.example")
    here = world.fake.add_contact(email="p1@firm.example")
    world.fake.human_deletes(gone)

    (known,) = world.sink.find([keys(1, ref=Ref("contact", gone))])

    assert known is not None
    assert known.ref.id == here


@pytest.mark.parametrize("neighbours", [0, 3])
def test_merged_ref_leads_to_the_survivor(world: World, neighbours: int) -> None:
    kept, merged = (world.fake.add_contact(email=f"{name}@firm.example") for name in ("kept", "merged"))
    survivor = world.fake.merge(kept, merged)
    others = [keys(number) for number in range(10, 10 + neighbours)]

    known = world.sink.find([LeadKeys("lead-1", ref=Ref("contact", merged)), *others])[0]

    assert known is not None
    assert known.ref.id == survivor


def test_second_address_of_a_contact_finds_it(world: World) -> None:
    kept = world.fake.add_contact(email="kept@firm.example")
    survivor = world.fake.merge(kept, world.fake.add_contact(email="Second@firm.example"))

    found = world.sink.find(
        [
            keys(1, emails=("second@FIRM.example",)),
            keys(2, emails=("new@firm.example", "kept@firm.example")),
            keys(3),
        ]
    )

    assert [known and known.ref.id for known in found] == [survivor, survivor, None]


def test_lead_without_address_is_found_by_our_key(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1, emails=())]))

    found = world.sink.find([keys(1, emails=()), keys(2, emails=())])

    assert [known and known.ref for known in found] == [ref, None]


def test_search_is_never_asked(world: World) -> None:
    refs(world.sink.upsert([record(1), record(2, emails=())]))

    with world.counted() as calls:
        found = world.sink.find([keys(1), keys(2, emails=())])

    assert None not in found
    assert calls == {"contacts/batch/read": 2}


def test_account_without_our_key_is_not_asked_for_it(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False) as world:
        assert world.sink.find([keys(1, emails=())]) == [None]


def test_mapped_property_is_read_and_a_disabled_one_is_not(world: World) -> None:
    sink = world.another_sink(map={"industry": "hs_language", "job_title": ""})
    world.fake.add_contact(email="p1@firm.example", hs_language="de", jobtitle="CFO")

    (known,) = sink.find([keys(1)])

    assert known is not None
    assert known.values == {"email": "p1@firm.example", "industry": "de"}


def test_list_of_owners_that_repeats_itself_is_not_read_for_ever(world: World) -> None:
    page = b'{"results":[],"paging":{"next":{"after":"7"}}}'
    world.fake.order_fault("answer", "GET", "/crm/owners/*", status=200, body=page, count=None)

    with world.counted() as calls, pytest.raises(Retryable, match="this one again"):
        world.another_sink().owners()

    assert sum(calls.values()) == 2
