"""The table of addresses of SuiteCRM: of strangers it says in one call what leads and contacts would say in two."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import LeadKeys
from tests.connectors.orders import done, note, record, task, written
from tests.connectors.sugar_world import ANNA, World, sugar_world

ADA = "ada1@firm.example"
TABLE, LEADS, CONTACTS = (f"GET /Api/V8/module/{name}" for name in ("EmailAddresses", "Leads", "Contacts"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with sugar_world(tmp_path, "v8") as world:
        in_use(world)
        yield world


def in_use(world: World) -> None:
    """What is read once in a while has been read."""
    world.sink.find([record(8).keys])
    (outcome,) = done(world.sink.upsert([record(8, owner=world.owner(ANNA))]))
    done(world.sink.add_tasks([task(outcome.ref, mark="task-8")]))


def test_a_lone_lead_costs_these_calls(world: World) -> None:
    with world.counted() as calls:
        assert world.sink.find([record().keys]) == [None]
        ref = written(world.sink, owner=world.owner(ANNA))
        done(world.sink.add_tasks([task(ref)]))
        done(world.sink.add_notes([note(ref)]))

    assert calls == {TABLE: 1, "POST /Api/V8/module": 3}


def test_somebody_whose_address_is_there_is_found_among_contacts_first(world: World) -> None:
    world.fake.humans.add("Leads", {"last_name": "Beispiel"}, ADA.upper())
    contact = world.fake.humans.add("Contacts", {"last_name": "Beispiel"}, ADA.title())

    with world.counted() as calls:
        (known,) = world.sink.find([record().keys])

    assert known is not None
    assert known.ref.id == f"Contacts/{contact}"
    assert calls == {TABLE: 1, LEADS: 1, CONTACTS: 1}


def test_an_address_that_only_a_user_or_a_deleted_lead_has_is_that_of_a_stranger(world: World) -> None:
    world.fake.humans.delete(world.fake.humans.add("Leads", {"last_name": "Beispiel"}, ADA))

    assert world.sink.find([record().keys, LeadKeys("lead-9", (ANNA,))]) == [None, None]


@pytest.mark.parametrize("how", ["refused", "hidden"])
def test_where_the_table_cannot_be_believed_leads_and_contacts_are_asked_themselves(tmp_path: Path, how: Any) -> None:
    with sugar_world(tmp_path, "v8", hides_addresses=how == "hidden") as world:
        if how == "refused":
            world.fake.account.forbidden.add("EmailAddresses")
        in_use(world)
        contact = world.fake.humans.add("Contacts", {"last_name": "Beispiel"}, ADA)

        with world.counted() as calls:
            (known,) = world.sink.find([record().keys])

        assert known is not None
        assert known.ref.id == f"Contacts/{contact}"
        assert calls == {LEADS: 1, CONTACTS: 1}


def test_a_table_that_is_refused_later_is_not_asked_again(world: World) -> None:
    world.fake.account.forbidden.add("EmailAddresses")
    contact = world.fake.humans.add("Contacts", {"last_name": "Beispiel"}, ADA)

    found = [world.sink.find([record().keys]) for _ in range(2)]
    with world.counted() as calls:
        world.sink.find([record(3).keys])

    assert [known.ref.id for (known,) in found if known] == [f"Contacts/{contact}"] * 2
    assert calls == {LEADS: 1, CONTACTS: 1}
