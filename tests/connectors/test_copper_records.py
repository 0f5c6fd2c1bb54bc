"""Leads and people and what hangs on them: once each, with everything, and nothing of a rep's is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import LeadKeys, Ref, Refusal, Unknown
from syncd.testing import NOON
from syncd.testing.sink_under_test import done
from tests.connectors.copper_world import ANNA, BEN, World, copper_world
from tests.connectors.orders import DUE, again, in_full, note, record, task, written


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with copper_world(tmp_path) as world:
        yield world


def number(ref: Ref) -> int:
    return int(ref.id.rpartition("/")[2])


def row_of(world: World, ref: Ref) -> dict[str, Any]:
    return (world.fake.leads if ref.id.startswith("lead/") else world.fake.people)[number(ref)]


WHOLE = {
    "email": "ada1@firm.example", "first_name": "Ada", "last_name": "Beispiel", "company": "Firm Ltd",
    "phone": "+4930123", "job_title": "Head", "website": "https://firm.example", "street": "Weg 1", "city": "Ulm",
    "country": "DE", "message": "Why?", "lead_source": "Website", "first_channel": "Search", "last_channel": "Mail",
    "inquiries": "1",
}  # fmt: skip


def test_a_stranger_becomes_a_lead_with_owner_and_all_that_is_known(tmp_path: Path) -> None:
    with copper_world(tmp_path, sink={"status": "Contacted"}) as world:
        ref = written(world.sink, owner=world.sink.owners()[ANNA], fields=WHOLE)

        (lead,) = world.fake.leads.values()
        assert ref == Ref("record", f"lead/{lead['id']}")
        assert (lead["name"], lead["company_name"], lead["title"]) == ("Ada Beispiel", "Firm Ltd", "Head")
        assert lead["email"] == {"email": "ada1@firm.example", "category": "work"}
        assert lead["phone_numbers"] == [{"number": "+4930123", "category": "work"}]
        assert (lead["address"]["city"], lead["address"]["state"]) == ("Ulm", None)
        assert (lead["status"], lead["customer_source_id"], lead["details"]) == ("Contacted", 11, "Why?")
        assert str(lead["assignee_id"]) == world.sink.owners()[ANNA].id
        assert world.fake.value(lead, "syncd_key") == "lead-1"
        assert (world.fake.value(lead, "First channel"), world.fake.value(lead, "Inquiries")) == ("Search", 1)
        (known,) = world.sink.find([record().keys])
        assert known is not None
        assert known.values == WHOLE


def test_a_lone_lead_costs_these_calls(world: World) -> None:
    world.sink.find([record(8).keys])
    done(world.sink.upsert([record(8, owner=world.sink.owners()[ANNA])]))

    with world.counted() as calls:
        world.sink.find([record().keys])
        ref = written(world.sink)
        done(world.sink.add_tasks([task(ref)]))
        done(world.sink.add_notes([note(ref)]))

    assert calls == {
        "POST /developer_api/v1/leads/search": 1,
        "POST /developer_api/v1/people/search": 1,
        "PUT /developer_api/v1/leads/upsert": 1,
        "POST /developer_api/v1/tasks": 1,
        "POST /developer_api/v1/activities": 1,
    }


def test_a_task_is_due_to_the_second_and_assigned_and_a_note_is_an_activity(world: World) -> None:
    ref = written(world.sink)

    done(world.sink.add_tasks([task(ref, owner=world.sink.owners()[ANNA], priority="high")]))
    done(world.sink.add_notes([note(ref)]))

    (made,), (noted,) = world.fake.tasks.values(), world.fake.activities.values()
    assert made["related_resource"] == noted["parent"] == {"type": "lead", "id": number(ref)}
    assert (made["name"], made["due_date"], made["priority"]) == ("Call Ada", int(DUE.timestamp()), "High")
    assert made["details"] == "<b>Why</b>?\n\nsyncd: task-1"
    assert str(made["assignee_id"]) == world.sink.owners()[ANNA].id
    assert (noted["type"]["id"], noted["details"]) == (0, "Asked & asked\n\nsyncd: note-1")
    assert noted["activity_date"] == int(NOON.timestamp())


def test_what_people_have_changed_stays(world: World) -> None:
    ref = written(world.sink, fields=WHOLE)
    ben = int(world.sink.owners()[BEN].id)
    phones = [{"number": "+49 30 123", "category": "mobile"}, {"number": "+4940", "category": "work"}]
    world.fake.human_edits(world.fake.leads, number(ref), status_id=2, assignee_id=ben, phone_numbers=phones)

    done(world.another_sink().upsert([again(ref, inquiries="2", phone="+4930123", city="Bonn")]))

    lead = row_of(world, ref)
    assert (lead["status_id"], lead["assignee_id"], lead["phone_numbers"]) == (2, ben, phones)
    assert (lead["address"]["street"], lead["address"]["city"]) == ("Weg 1", "Bonn")
    assert world.fake.value(lead, "Inquiries") == 2


def test_a_new_number_goes_before_the_old_ones(world: World) -> None:
    ref = written(world.sink, fields=WHOLE)

    done(world.sink.upsert([again(ref, phone="+4950")]))

    assert [one["number"] for one in row_of(world, ref)["phone_numbers"]] == ["+4950", "+4930123"]


def test_a_change_of_nothing_writes_nothing(world: World) -> None:
    ref = written(world.sink)
    done(world.sink.upsert([again(ref, company="Second Ltd")]))

    with world.counted() as calls:
        done(world.sink.upsert([again(ref, company="Second Ltd")]))

    assert calls == {"GET /developer_api/v1/leads/{id}": 1}


def test_a_lead_that_a_rep_has_made_is_found_by_its_address_and_gets_our_id(world: World) -> None:
    made = world.fake.keep_lead({"name": "Ada B", "email": {"email": "ADA1@firm.example", "category": "work"}})
    world.fake.keep_lead({"name": "Ada again", "email": {"email": "ada1@firm.example", "category": "work"}})

    (known,) = world.sink.find([record().keys])
    assert known is not None
    (outcome,) = done(world.sink.upsert([record(known=known, fields={"job_title": "Head"})]))

    assert (outcome.ref.id, len(world.fake.leads)) == (f"lead/{made['id']}", 2)
    assert (made["name"], made["title"], world.fake.value(made, "syncd_key")) == ("Ada B", "Head", "lead-1")


def test_a_known_contact_goes_before_leads_of_the_address_and_keeps_its_company(world: World) -> None:
    made = world.fake.keep_lead({"name": "Ada", "email": {"email": "ada1@firm.example", "category": "work"}})
    person = world.fake.human_converts(made["id"])
    world.fake.keep_lead({"name": "Ada", "email": {"email": "ada1@firm.example", "category": "work"}})

    (known,) = world.sink.find([LeadKeys("", record().keys.emails)])  # as it is planned
    assert known is not None
    done(world.sink.upsert([record(known=known, fields={"company": "Other", "job_title": "Head", "inquiries": "3"})]))

    held = world.fake.people[person]
    assert known.ref.id == f"person/{person}"
    assert (held["company_name"], held["title"], world.fake.value(held, "Inquiries")) == (None, "Head", 3)
    assert world.fake.value(held, "syncd_key") == "lead-1"


def test_whom_nobody_looked_for_is_looked_for_and_only_what_is_missing_is_written(world: World) -> None:
    made = world.fake.keep_lead({"name": "Ada B", "email": {"email": "ada1@firm.example", "category": "work"},
                                 "assignee_id": int(world.sink.owners()[BEN].id)})  # fmt: skip

    (outcome,) = done(world.sink.upsert([record(owner=world.sink.owners()[ANNA])]))

    assert (outcome.ref.id, len(world.fake.leads)) == (f"lead/{made['id']}", 1)
    assert (made["name"], made["company_name"]) == ("Ada B", "Firm Ltd")
    assert str(made["assignee_id"]) == world.sink.owners()[BEN].id


def test_a_persons_second_address_is_added(world: World) -> None:
    ref = written(world.sink)
    person = world.fake.human_converts(number(ref))

    done(world.sink.upsert([again(ref, email="second@firm.example")]))

    assert [one["email"] for one in world.fake.people[person]["emails"]] == ["ada1@firm.example", "second@firm.example"]


def test_a_converted_lead_goes_on_as_its_person(world: World) -> None:
    ref = written(world.sink)
    person = world.fake.human_converts(number(ref))

    (known,) = world.another_sink().find([replace(record().keys, ref=ref)])
    (changed,) = done(world.another_sink().upsert([again(ref, inquiries="2")]))
    done(world.another_sink().add_tasks([task(ref)]))
    done(world.another_sink().add_notes([note(ref)]))

    assert known is not None
    assert (known.ref.id, changed.ref.id) == (f"person/{person}", f"person/{person}")
    (made,), (noted,) = world.fake.tasks.values(), world.fake.activities.values()
    assert made["related_resource"] == noted["parent"] == {"type": "person", "id": person}
    assert [row["id"] for row in world.fake.live_leads().values()] == []


def test_a_record_keeps_the_id_of_another_lead(world: World) -> None:
    ref = written(world.sink)
    (known,) = world.sink.find([record().keys])

    done(world.sink.upsert([record(2, known=known, fields={"job_title": "Head"})]))

    assert world.fake.value(row_of(world, ref), "syncd_key") == "lead-1"


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"email": "x@y.example"}, "x@y.example"), ({"phone": "+49301"}, "+49301"), ({}, "[not provided]")],
)
def test_a_lead_always_has_a_name_and_a_real_one_takes_the_place_of_a_filler(
    world: World, fields: dict[str, str], name: str
) -> None:
    ref = written(world.sink, fields=fields)
    assert row_of(world, ref)["name"] == name

    done(world.sink.upsert([again(ref, first_name="Ada", last_name="Beispiel")]))

    assert row_of(world, ref)["name"] == "Ada Beispiel"


def test_a_value_that_copper_refuses_blocks_no_lead(world: World) -> None:
    sink = world.another_sink(map={"company_size": "Size"})
    field = world.fake.keep_field("Size", "Dropdown", options=[{"name": "Large"}])
    done(sink.upsert([record(7)]))
    field["options"] = []

    ref = written(sink, fields={**record().fields, "company_size": "large"})
    done(sink.upsert([again(ref, company_size="large", job_title="Head")]))

    lead = row_of(world, ref)
    assert (lead["company_name"], lead["title"]) == ("Firm Ltd", "Head")
    assert (world.fake.value(lead, "syncd_key"), world.fake.value(lead, "Size")) == ("lead-1", None)


def test_a_source_that_copper_does_not_have_is_left_out(world: World) -> None:
    ref = written(world.sink, fields={**record().fields, "lead_source": "Fair"})

    assert row_of(world, ref)["customer_source_id"] is None


def test_an_address_that_copper_refuses_is_told_by_its_attribute_and_by_nothing_else(world: World) -> None:
    (outcome,) = world.sink.upsert([record(fields={"email": "no address"})])

    assert outcome == Refusal("copper: lead refused: status 422, because of: email", ("email",))


def test_an_owner_who_has_left_is_told_as_the_owner_at_fault_and_the_list_is_read_again(world: World) -> None:
    owner, ref = world.sink.owners()[ANNA], written(world.sink)
    del world.fake.users[int(owner.id)]

    (of_lead,) = world.sink.upsert([record(2, owner=owner)])
    (of_task,) = world.sink.add_tasks([task(ref, owner=owner)])
    (of_change,) = world.sink.upsert([replace(again(ref), owner=owner)])

    assert [isinstance(one, Refusal) and one.owner for one in (of_lead, of_task, of_change)] == [True] * 3
    assert ANNA not in world.sink.owners()
    assert len(world.fake.leads) == 1


def test_without_its_field_nothing_is_sent(world: World) -> None:
    world.fake.definitions = [field for field in world.fake.definitions if field["name"] != "syncd_key"]

    (outcome,) = world.another_sink().upsert([record()])

    assert isinstance(outcome, Refusal)
    assert "prepare" in outcome.reason
    assert world.fake.leads == {}


def test_several_leads_with_our_id_are_for_a_person_to_settle(world: World) -> None:
    for name in ("One", "Two"):
        lead = world.fake.keep_lead({"name": name})
        world.fake.set_custom(lead, {"custom_field_definition_id": world.fake.definition("syncd_key")["id"],
                                     "value": "lead-1"})  # fmt: skip

    (outcome,) = world.sink.upsert([record()])

    assert isinstance(outcome, Refusal)
    assert "several leads match" in outcome.reason


# doubt


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body", "too_many"])
@pytest.mark.parametrize("path", ["leads/upsert", "tasks", "activities"])
def test_whichever_answer_is_lost_everything_is_there_once(world: World, kind: Any, path: str) -> None:
    world.fake.lag = 30
    world.fake.order_fault(kind, "*", f"/developer_api/v1/{path}")

    in_full(world)

    held = (world.fake.leads, world.fake.tasks, world.fake.activities)
    assert [len(one) for one in held] == [1] * 3


def test_a_lost_lead_that_a_rep_has_converted_is_found_among_people(world: World) -> None:
    sent = world.clock.now()
    ref = written(world.sink)
    person = world.fake.human_converts(number(ref), carries=False)

    (outcome,) = done(world.another_sink().upsert([record(sent_at=sent)]))

    assert (outcome.ref.id, outcome.created) == (f"person/{person}", False)
    assert len(world.fake.leads) == 1


def test_a_lost_lead_is_not_sent_again_before_searches_would_show_it(world: World) -> None:
    sent = world.clock.now()

    (outcome,) = world.sink.upsert([record(sent_at=sent)])
    assert isinstance(outcome, Unknown)

    (outcome,) = done(world.sink.upsert([record(sent_at=sent, looks=9)]))
    assert outcome.created


def test_a_lost_lead_is_found_among_hundreds_without_an_address(world: World) -> None:
    sent = world.clock.now()
    ref = written(world.sink, keys=LeadKeys("lead-1"), fields={"phone": "+4930"})
    for _ in range(250):
        world.fake.keep_lead({"name": "Other"})

    (outcome,) = done(world.another_sink().upsert([record(keys=LeadKeys("lead-1"), sent_at=sent)]))

    assert (outcome.ref, outcome.created) == (ref, False)
