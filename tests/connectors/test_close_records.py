"""Leads and what hangs on them: once each, with everything, and nothing of a rep's is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import LeadKeys, OwnerRef, Ref, Refusal
from syncd.testing.sink_under_test import done
from tests.connectors.close_world import ANNA, World, close_world
from tests.connectors.orders import again, in_full, note, planned, record, settled, task, written


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with close_world(tmp_path) as world:
        yield world


def only_contact(world: World) -> dict[str, Any]:
    (contact,) = world.fake.contacts.values()
    return contact


def test_a_stranger_becomes_a_lead_with_a_contact_and_all_that_is_known(tmp_path: Path) -> None:
    with close_world(tmp_path, sink={"status": "stat_bad"}) as world:
        ref = written(world.sink, owner=world.sink.owners()[ANNA])

        (lead,) = world.fake.leads.values()
        contact = only_contact(world)
        assert ref == Ref("lead", lead["id"], f"https://app.close.com/lead/{lead['id']}/")
        assert (lead["name"], lead["status_id"]) == ("Firm Ltd", "stat_bad")
        assert lead[world.fake.code("syncd_owner", "lead")] == world.anna
        assert (contact["name"], contact["lead_id"]) == ("Ada Beispiel", lead["id"])
        assert contact["emails"] == [{"email": "ada1@firm.example", "type": "office"}]
        assert contact[world.fake.code("syncd_key")] == "lead-1"
        assert contact[world.fake.code("syncd_inquiries")] == 1


def test_a_lone_lead_costs_these_calls(world: World) -> None:
    world.sink.find([record(8).keys])
    done(world.sink.upsert([record(8, owner=world.sink.owners()[ANNA])]))

    with world.counted() as calls:
        assert world.sink.find([planned(record().keys)]) == [None]
        ref = written(world.sink)
        done(world.sink.add_tasks([task(ref)]))
        done(world.sink.add_notes([note(ref)]))

    assert calls == {
        "POST /api/v1/data/search/": 1,
        "POST /api/v1/lead/": 1,
        "POST /api/v1/task/": 1,
        "POST /api/v1/activity/note/": 1,
    }


def test_a_task_is_due_on_the_day_it_is_at_its_owners_place(world: World) -> None:
    ref = written(world.sink)

    done(world.sink.add_tasks([task(ref, owner=world.sink.owners()[ANNA])]))

    (made,) = world.fake.tasks.values()
    assert (made["lead_id"], made["assigned_to"], made["is_complete"]) == (ref.id, world.anna, False)
    assert made["date"] == "2026-07-02T00:30:00+02:00"
    assert made["text"] == "Call Ada\n\n<b>Why</b>?\n\nsyncd: task-1"


def test_a_note_is_plain_text_with_its_mark(world: World) -> None:
    ref = written(world.sink)

    done(world.sink.add_notes([note(ref)]))

    (made,) = world.fake.notes.values()
    assert (made["lead_id"], made["note"]) == (ref.id, "Asked & asked\n\nsyncd: note-1")


def test_addresses_and_numbers_that_a_rep_has_added_stay(world: World) -> None:
    ref = written(world.sink)
    contact = only_contact(world)
    contact["emails"] = [{"email": "ada@home.example", "type": "home"}]
    contact["phones"] = [{"phone": "+1555", "type": "mobile"}]

    done(world.sink.upsert([again(ref, email="ada1@firm.example", phone="+49301")]))

    assert [one["email"] for one in contact["emails"]] == ["ada1@firm.example", "ada@home.example"]
    assert contact["phones"] == [{"phone": "+49301", "type": "office"}, {"phone": "+1555", "type": "mobile"}]


def test_what_is_not_in_the_order_stays_as_it_is(world: World) -> None:
    ref = written(world.sink, owner=world.sink.owners()[ANNA])
    world.fake.human_changes_lead(ref.id, name="Firm Holding", status_id="stat_bad")

    done(world.sink.upsert([again(ref, inquiries="2")]))

    lead = world.fake.leads[ref.id]
    assert (lead["name"], lead["status_id"]) == ("Firm Holding", "stat_bad")
    assert lead[world.fake.code("syncd_owner", "lead")] == world.anna
    assert only_contact(world)["name"] == "Ada Beispiel"


def test_other_contacts_of_a_lead_are_left_alone(world: World) -> None:
    ref = written(world.sink)
    boss = world.fake.keep_contact(ref.id, {"name": "The Boss", "emails": [{"email": "boss@firm.example"}]})

    done(world.sink.upsert([again(ref, first_name="Augusta")]))

    names = [contact["name"] for contact in world.fake.contacts.values()]
    assert names == ["Augusta Beispiel", "The Boss"]
    assert world.fake.contacts[boss["id"]]["emails"] == [{"email": "boss@firm.example"}]


def test_a_colleague_whom_a_rep_has_entered_is_found_by_address_and_keeps_the_lead(world: World) -> None:
    ref = written(world.sink)
    world.fake.keep_contact(ref.id, {"name": "Bo", "emails": [{"email": "Ada2@firm.example"}]})

    (known,) = world.sink.find([record(2).keys])
    assert known is not None
    outcome = done(world.sink.upsert([record(2, known=known, fields={"job_title": "Head"})]))[0]

    assert outcome.ref.id == ref.id
    assert [contact.get("title") for contact in world.fake.contacts.values()] == [None, "Head"]


def test_a_contact_that_was_removed_is_added_to_the_lead_again(world: World) -> None:
    ref = written(world.sink)
    world.fake.contacts.clear()

    done(world.sink.upsert([again(ref, **record().fields)]))

    assert (len(world.fake.leads), only_contact(world)["lead_id"]) == (1, ref.id)


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"email": "x@y.example"}, None), ({"phone": "+49301"}, None), ({}, "[not provided]")],
)
def test_a_contact_has_a_name_where_nothing_else_is_known(
    world: World, fields: dict[str, str], name: str | None
) -> None:
    written(world.sink, fields=fields)

    assert only_contact(world).get("name") == name


def test_a_value_that_its_field_cannot_hold_is_left_out_and_blocks_nothing(world: World) -> None:
    written(world.sink, fields={"email": "x@y.example", "inquiries": "many"})

    assert world.fake.code("syncd_inquiries") not in only_contact(world)


def test_an_owner_who_has_left_is_told_as_the_owner_at_fault_and_the_list_is_read_again(world: World) -> None:
    owner = world.sink.owners()[ANNA]
    ref = written(world.sink)
    del world.fake.users[world.anna]

    (outcome,) = world.sink.upsert([record(2, owner=owner)])
    (of_task,) = world.sink.add_tasks([task(ref, owner=owner)])

    assert isinstance(outcome, Refusal)
    assert isinstance(of_task, Refusal)
    assert (outcome.owner, of_task.owner) == (True, True)
    assert ANNA not in world.sink.owners()


def test_an_owner_who_is_no_longer_listed_counts_as_gone(world: World) -> None:
    written(world.sink, owner=world.sink.owners()[ANNA])
    del world.fake.users[world.anna]

    (known,) = world.another_sink().find([record().keys])

    assert known is not None
    assert known.owner == OwnerRef(world.anna, active=False)


@pytest.mark.parametrize(("kind", "name"), [("contact", "syncd_key"), ("lead", "syncd_owner")])
def test_without_its_fields_nothing_is_sent(world: World, kind: str, name: str) -> None:
    world.fake.fields[kind] = [field for field in world.fake.fields[kind] if field["name"] != name]

    (outcome,) = world.another_sink().upsert([record(owner=world.sink.owners()[ANNA])])

    assert isinstance(outcome, Refusal)
    assert "prepare" in outcome.reason
    assert world.fake.leads == {}


def test_a_lead_without_address_is_found_by_our_key(world: World) -> None:
    keys = LeadKeys("lead-7", phone="+49301")
    ref = written(world.sink, number=7, keys=keys, fields={"phone": "+49301"})

    (known,) = world.another_sink().find([keys])

    assert known is not None
    assert known.ref == ref


def test_an_address_that_only_holds_ours_is_nobodys(world: World) -> None:
    written(world.sink, fields={"email": "not-ada1@firm.example"}, keys=LeadKeys("other", ("not-ada1@firm.example",)))

    assert world.another_sink().find([record().keys]) == [None]


# doubt


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body", "too_many"])
@pytest.mark.parametrize("path", ["lead", "task", "activity/note"])
def test_whichever_answer_is_lost_everything_is_there_once(world: World, kind: Any, path: str) -> None:
    world.fake.lag = 30
    world.fake.order_fault(kind, "POST", f"/api/v1/{path}/")

    in_full(world)

    assert [len(held) for held in (world.fake.leads, world.fake.contacts, world.fake.tasks, world.fake.notes)] == [
        1
    ] * 4


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_change_whose_answer_is_lost_is_made_once_more(world: World, kind: Any, nth: int) -> None:
    ref = written(world.sink)
    world.fake.order_fault(kind, "PUT", nth=nth)
    change = replace(again(ref, company="New Ltd", job_title="Head"), owner=world.sink.owners()[ANNA])

    settled(world, lambda sink, **_: sink.upsert([change]))

    assert (world.fake.leads[ref.id]["name"], only_contact(world)["title"]) == ("New Ltd", "Head")
    assert len(world.fake.leads) == 1
