"""Contacts of the team: one for each address, with its name, whatever Streak lets be said when it is made."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.connector import Done, Refusal
from syncd.testing.sink_under_test import done
from tests.connectors.orders import record, written
from tests.connectors.streak_world import World, streak_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with streak_world(tmp_path) as world:
        yield world


def test_where_a_contact_is_found_or_made_by_its_address_alone_it_is_named_afterwards(world: World) -> None:
    world.fake.finds_by_address_alone = True
    for number in (1, 2):
        done(world.sink.upsert([record(number)]))

    with world.counted() as calls:
        done(world.sink.upsert([record(3)]))

    assert [one["givenName"] for one in world.fake.contacts.values()] == ["Ada"] * 3
    assert calls["POST /api/v2/teams/{key}/contacts/"] == calls["POST /api/v2/contacts/{key}"] == 1


def test_a_contact_that_is_there_without_a_name_gets_one_and_no_other_is_made(world: World) -> None:
    world.fake.keep_contact({"emailAddresses": ["ADA1@firm.example"]})

    written(world.sink)

    (contact,) = world.fake.contacts.values()
    assert (contact["givenName"], contact["familyName"]) == ("Ada", "Beispiel")


def test_a_contact_that_streak_refuses_parks_the_lead_and_leaves_the_next_ones_named_at_once(world: World) -> None:
    bad, fine = record(fields={"email": "no address", "first_name": "Ada"}), record(2)

    with world.counted() as calls:
        (of_bad, of_fine) = world.sink.upsert([bad, fine])

    assert isinstance(of_bad, Refusal)
    assert isinstance(of_fine, Done)
    assert "POST /api/v2/contacts/{key}" not in calls


def test_without_contacts_a_call_fewer_is_made(tmp_path: Path) -> None:
    with streak_world(tmp_path, sink={"contacts": False}) as world:
        written(world.sink)

        assert world.fake.contacts == {}
        assert "contacts" not in next(iter(world.fake.boxes.values()))
