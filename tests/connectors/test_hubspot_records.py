"""Bringing contacts to the wanted state."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from syncd.connector import (
    Ambiguous,
    Done,
    Known,
    Ref,
    Refusal,
    Wait,
)
from tests.connectors.hubspot_world import (
    ANNA,
    BEN,
    START,
    World,
    hubspot_world,
    record,
    refs,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, sink={"company": False}) as world:
        yield world


def test_hundred_strangers_cost_one_call(world: World) -> None:
    world.sink.upsert([record(0)])

    with world.counted() as calls:
        outcomes = world.sink.upsert([record(number) for number in range(1, 101)])

    assert all(isinstance(outcome, Done) and outcome.created for outcome in outcomes)
    assert calls == {"contacts/batch/upsert": 1}


def test_contact_carries_fields_owner_and_our_key(world: World) -> None:
    fields = {
        "last_name": "Tor",
        "street": "Weg 1",
        "postal_code": "00123",
        "lead_source": "Fair",
        "consent": "yes",
    }

    (ref,) = refs(world.sink.upsert([record(1, fields=fields, owner=world.owner(ANNA))]))

    written = world.contact(ref)
    assert written["email"] == "p1@firm.example"
    assert (written["lastname"], written["address"], written["zip"]) == ("Tor", "Weg 1", "00123")
    assert (written["syncd_lead_source"], written["syncd_key"]) == ("Fair", "lead-1")
    assert written["hubspot_owner_id"] == world.owner(ANNA).id
    assert "yes" not in written.values()


def test_order_without_owner_leaves_the_owner_alone(world: World) -> None:
    ben = world.owner(BEN)
    contact = world.fake.add_contact(email="p1@firm.example", hubspot_owner_id=ben.id)

    refs(world.sink.upsert([record(1)]))

    assert world.contact(Ref("contact", contact))["hubspot_owner_id"] == ben.id


def test_touches_keep_their_types(world: World) -> None:
    fields = {"first_touch_at": "2026-03-01T08:00:00Z", "inquiries": "3", "first_channel": "email"}

    (ref,) = refs(world.sink.upsert([record(1, fields=fields)]))

    written = world.contact(ref)
    assert written["syncd_first_touch_at"] == "2026-03-01T08:00:00.000Z"
    assert (written["syncd_inquiries"], written["syncd_first_channel"]) == ("3", "email")


def test_field_without_a_property_is_left_out(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False, sink={"company": False}) as world:
        (ref,) = refs(world.sink.upsert([record(1, fields={"last_name": "Tor", "lead_source": "Fair"})]))

        assert world.contact(ref)["lastname"] == "Tor"


def test_empty_value_never_clears(world: World) -> None:
    contact = world.fake.add_contact(email="p1@firm.example", city="Bonn")

    refs(world.sink.upsert([record(1, fields={"city": ""})]))

    assert world.contact(Ref("contact", contact))["city"] == "Bonn"


def test_overlong_value_is_cut_visibly(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1, fields={"message": "x" * 70_000})]))

    message = world.contact(ref)["message"]
    assert len(message) == 65_536
    assert message.endswith("[...]")


def test_second_address_updates_its_contact_without_becoming_the_first(world: World) -> None:
    kept = world.fake.add_contact(email="kept@firm.example")
    survivor = world.fake.merge(kept, world.fake.add_contact(email="p1@firm.example"))

    (ref,) = refs(world.sink.upsert([record(1, fields={"city": "Bonn", "email": "p1@firm.example"})]))

    assert ref.id == survivor
    assert world.contact(ref)["email"] == "kept@firm.example"


# without an address


def test_lead_without_address_is_made_once_by_our_key(world: World) -> None:
    order = record(1, emails=())

    first, second = refs(world.sink.upsert([order])), refs(world.sink.upsert([order]))

    assert first == second
    assert len(world.fake.contacts) == 1


def test_lead_without_address_or_name_gets_a_placeholder(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1, emails=(), fields={"phone": "+4930555"})]))

    assert world.contact(ref)["lastname"] == "[not provided]"


def test_lead_without_address_is_parked_where_our_key_is_missing(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False, sink={"company": False}) as world:
        first, second = world.sink.upsert([record(1, emails=()), record(2)])

        assert isinstance(first, Refusal)
        assert "syncd_key" in first.reason
        assert isinstance(second, Done)


# contacts that we know


def test_known_contact_is_updated_by_its_id(world: World) -> None:
    contact = world.fake.add_contact(email="typed@firm.example")
    order = replace(record(1, fields={"city": "Bonn"}), known=Known(Ref("contact", contact)))

    (outcome,) = world.sink.upsert([order])

    assert isinstance(outcome, Done)
    assert (outcome.ref.id, outcome.created) == (contact, False)
    assert world.contact(outcome.ref)["city"] == "Bonn"
    assert world.contact(outcome.ref)["email"] == "typed@firm.example"


def test_merged_contact_answers_with_its_new_id(world: World) -> None:
    kept, merged = (world.fake.add_contact(email=f"{name}@firm.example") for name in ("kept", "merged"))
    survivor = world.fake.merge(kept, merged)

    found = refs(world.sink.upsert([record(1, ref=Ref("contact", merged)), record(2)]))

    assert found[0].id == survivor


def test_two_refs_that_were_merged_are_one_contact_for_both(world: World) -> None:
    kept, merged = (world.fake.add_contact(email=f"{name}@firm.example") for name in ("kept", "merged"))
    survivor = world.fake.merge(kept, merged)

    orders = [record(n, ref=Ref("contact", each), fields={"city": "Bonn"}) for n, each in enumerate((kept, merged))]

    assert [ref.id for ref in refs(world.sink.upsert([*orders, record(9)]))][:2] == [survivor] * 2


def test_deleted_contact_is_made_again_by_its_address(world: World) -> None:
    (old,) = refs(world.sink.upsert([record(1)]))
    world.fake.human_deletes(old.id)

    known, new = world.sink.upsert([record(2), record(1, ref=old)])

    assert isinstance(known, Done)
    assert isinstance(new, Done)
    assert new.created
    assert world.contact(new.ref)["email"] == "p1@firm.example"


def test_contact_deleted_since_the_look_up_is_looked_up_again_before_it_is_made_again(world: World) -> None:
    (old,) = refs(world.sink.upsert([record(1)]))
    (known,) = world.sink.find([record(1).keys])
    world.fake.human_deletes(old.id)

    (outcome,) = world.sink.upsert([replace(record(1, ref=old, fields={"city": "Bonn"}), known=known)])

    assert outcome == Wait("hubspot: the contact was deleted since it was looked up")
    assert world.sink.find([record(1).keys]) == [None]


def test_address_of_another_contact_is_left_out_and_the_rest_written(world: World) -> None:
    mine = world.fake.add_contact(email="mine@firm.example")
    world.fake.add_contact(email="taken@firm.example")
    order = record(1, ref=Ref("contact", mine), fields={"email": "taken@firm.example", "city": "Bonn"})

    (ref,) = refs(world.sink.upsert([order]))

    assert ref.id == mine
    written = world.contact(ref)
    assert (written["email"], written["city"], written["syncd_key"]) == (
        "mine@firm.example",
        "Bonn",
        "lead-1",
    )


def test_contact_with_nothing_left_to_write_is_done(world: World) -> None:
    mine = world.fake.add_contact(email="mine@firm.example")
    world.fake.add_contact(email="taken@firm.example", syncd_key="lead-1")
    order = record(1, ref=Ref("contact", mine), fields={"email": "taken@firm.example"})

    assert [ref.id for ref in refs(world.sink.upsert([order]))] == [mine]


@pytest.mark.parametrize("neighbours", [0, 4])
def test_key_of_the_lead_on_another_contact_leads_there(world: World, neighbours: int) -> None:
    mine = world.fake.add_contact(email="before@firm.example", syncd_key="lead-1")
    others = [record(number) for number in range(10, 10 + neighbours)]

    found = refs(world.sink.upsert([*others, record(1, fields={"city": "Bonn"})]))

    assert found[-1].id == mine
    assert world.contact(found[-1])["city"] == "Bonn"
    assert len(world.fake.contacts) == 1 + neighbours


# what only new contacts get


def test_new_contact_gets_status_and_fixed_values(world: World) -> None:
    sink = world.another_sink(company=False, lead_status="NEW", fixed={"hs_language": "de"})

    (ref,) = refs(sink.upsert([record(1)]))

    assert world.contact(ref)["hs_lead_status"] == "NEW"
    assert world.contact(ref)["hs_language"] == "de"


def test_known_contact_keeps_its_status(world: World) -> None:
    sink = world.another_sink(company=False, lead_status="NEW")
    contact = Ref("contact", world.fake.add_contact(email="p1@firm.example", hs_lead_status="CONNECTED"))

    refs(sink.upsert([record(1, ref=contact)]))

    assert world.contact(contact)["hs_lead_status"] == "CONNECTED"


def test_replay_of_a_lost_first_try_keeps_what_a_person_did_since(world: World) -> None:
    sink = world.another_sink(company=False, lead_status="NEW")
    world.fake.order_fault("commit_then_drop", path="*/batch/upsert")
    with pytest.raises(Ambiguous):
        sink.upsert([record(1)])
    (contact,) = world.fake.contacts
    world.fake.human_edits(contact["id"], hs_lead_status="CONNECTED")

    (outcome,) = sink.upsert([replace(record(1), sent_at=START)])

    assert isinstance(outcome, Done)
    assert not outcome.created
    assert world.contact(outcome.ref)["hs_lead_status"] == "CONNECTED"


def test_replay_of_a_first_try_that_never_arrived_makes_the_contact(world: World) -> None:
    world.fake.order_fault("drop_before_commit", path="*/batch/upsert")
    with pytest.raises(Ambiguous):
        world.sink.upsert([record(1)])

    (outcome,) = world.sink.upsert([replace(record(1), sent_at=START)])

    assert isinstance(outcome, Done)
    assert outcome.created


def test_an_owner_who_has_left_since_the_list_was_read_is_named_as_the_cause_and_the_list_read_anew(
    world: World,
) -> None:
    anna = world.owner(ANNA)
    world.fake.archive_owner(anna.id)

    (refused, made) = world.sink.upsert([record(1, owner=anna), record(2, owner=world.owner(BEN))])

    assert isinstance(refused, Refusal)
    assert refused.owner
    assert isinstance(made, Done)
    assert not world.owner(ANNA).active
