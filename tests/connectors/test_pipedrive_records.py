"""Persons and what hangs on them: once each, with everything, and nothing of a rep's is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import LeadKeys, Limit, OwnerRef, Ref, Refusal
from syncd.testing.sink_under_test import done
from tests.connectors.orders import in_full, note, planned, record, task, written
from tests.connectors.pipedrive_world import ANNA, World, pipedrive_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with pipedrive_world(tmp_path) as world:
        yield world


def test_a_stranger_becomes_a_person_with_a_lead_and_all_that_is_known(world: World) -> None:
    owner = world.sink.owners()[ANNA]

    ref = written(world.sink, owner=owner)

    (person,) = world.fake.persons.values()
    (lead,) = world.fake.leads.values()
    assert ref == Ref("person", str(person["id"]), f"https://acme.pipedrive.com/person/{person['id']}")
    assert (person["name"], person["owner_id"]) == ("Ada Beispiel", world.anna)
    assert person["emails"] == [{"value": "ada1@firm.example", "primary": True, "label": "work"}]
    assert world.fake.custom(person["id"], "syncd_key") == "lead-1"
    assert world.fake.custom(person["id"], "syncd_company") == "Firm Ltd"
    assert world.fake.custom(person["id"], "syncd_inquiries") == 1
    assert world.fake.custom(person["id"], "syncd_opening") == f"lead:{lead['id']}"
    assert (lead["title"], lead["person_id"], lead["owner_id"]) == ("Ada Beispiel", person["id"], world.anna)
    assert lead["origin_id"] == "lead-1"


def test_a_lone_lead_costs_these_calls(world: World) -> None:
    world.sink.find([record(8).keys])
    done(world.sink.upsert([record(8, owner=world.sink.owners()[ANNA])]))

    with world.counted() as calls:
        assert world.sink.find([planned(record().keys)]) == [None]
        ref = written(world.sink)
        done(world.sink.add_tasks([task(ref)]))
        done(world.sink.add_notes([note(ref)]))

    assert calls == {
        "GET /api/v2/persons/search": 1,
        "POST /api/v2/persons": 1,
        "POST /v1/leads": 1,
        "PATCH /api/v2/persons/{id}": 1,
        "POST /api/v2/activities": 1,
        "POST /v1/notes": 1,
    }


def test_a_task_hangs_on_person_and_lead_with_its_time_in_utc(world: World) -> None:
    ref = written(world.sink)
    (lead,) = world.fake.leads.values()

    done(world.sink.add_tasks([task(ref, owner=world.sink.owners()[ANNA], kind="todo")]))

    (activity,) = world.fake.activities.values()
    assert (activity["person_id"], activity["lead_id"]) == (int(ref.id), lead["id"])
    assert (activity["due_date"], activity["due_time"], activity["type"]) == ("2026-07-01", "22:30", "task")
    assert activity["owner_id"] == world.anna
    assert activity["done"] is False
    assert activity["note"] == "<p>&lt;b&gt;Why&lt;/b&gt;?</p><p>syncd: task-1</p>"


def test_a_note_hangs_on_person_and_lead(world: World) -> None:
    ref = written(world.sink)

    done(world.sink.add_notes([note(ref)]))

    (made,) = world.fake.notes.values()
    assert (made["person_id"], made["lead_id"]) == (int(ref.id), next(iter(world.fake.leads)))
    assert made["content"] == "<p>Asked &amp; asked</p><p>syncd: note-1</p>"
    assert made["add_time"] == "2026-03-02 12:00:00"


def test_a_person_who_has_an_open_deal_gets_no_second_opening(world: World) -> None:
    ref = written(world.another_sink(make="nothing"))
    deal = world.fake.number()
    world.fake.deals[deal] = {"id": deal, "title": "Old", "status": "open", "person_id": int(ref.id),
                              "is_deleted": False, "custom_fields": {}, "add_time": world.fake.now(),
                              "update_time": world.fake.now(), "source_lead_id": None}  # fmt: skip

    world.another_sink().upsert([record(keys=replace(record().keys, ref=ref))])
    done(world.another_sink().add_tasks([task(ref)]))

    (activity,) = world.fake.activities.values()
    assert world.fake.leads == {}
    assert activity["deal_id"] == deal


def test_a_lead_that_was_turned_into_a_deal_is_not_made_again(world: World) -> None:
    ref = written(world.sink)
    world.fake.leads.clear()

    done(world.another_sink().upsert([record(keys=replace(record().keys, ref=ref), fields={"company": "New"})]))
    done(world.another_sink().add_tasks([task(ref)]))

    assert world.fake.leads == {}
    (activity,) = world.fake.activities.values()
    assert (activity["person_id"], "lead_id" in activity) == (int(ref.id), False)


def test_a_deal_has_its_stage_and_our_key(tmp_path: Path) -> None:
    with pipedrive_world(tmp_path, sink={"make": "deal", "pipeline": 2, "stage": 7, "title": "Website"}) as world:
        written(world.sink)

        (deal,) = world.fake.deals.values()
        assert (deal["title"], deal["pipeline_id"], deal["stage_id"]) == ("Ada Beispiel Website", 2, 7)
        assert deal["custom_fields"] == {world.fake.code("syncd_key", "dealFields"): "lead-1"}
        assert world.fake.leads == {}


def test_addresses_and_numbers_that_a_rep_has_added_stay(world: World) -> None:
    ref = written(world.sink)
    held = [{"value": "ada@home.example", "primary": True, "label": "home"}]
    world.fake.human_edits(world.fake.persons, int(ref.id), emails=held, phones=[{"value": "+1555", "primary": True}])

    change = record(keys=replace(record().keys, ref=ref), fields={"email": "ada1@firm.example", "phone": "+49301"})
    done(world.sink.upsert([change]))

    person = world.fake.persons[int(ref.id)]
    assert [one["value"] for one in person["emails"]] == ["ada1@firm.example", "ada@home.example"]
    assert [one["value"] for one in person["phones"]] == ["+49301", "+1555"]
    assert [one["primary"] for one in person["emails"]] == [True, False]


def test_a_first_name_alone_keeps_the_last_name_that_stands_there(world: World) -> None:
    ref = written(world.sink)

    done(world.sink.upsert([record(keys=replace(record().keys, ref=ref), fields={"first_name": "Augusta"})]))

    assert world.fake.persons[int(ref.id)]["name"] == "Augusta Beispiel"


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"email": "x@y.example"}, "x@y.example"), ({"phone": "+49301"}, "+49301"), ({}, "[not provided]")],
)
def test_a_person_without_a_name_is_called_by_what_there_is(world: World, fields: dict[str, str], name: str) -> None:
    written(world.sink, fields=fields)

    assert [person["name"] for person in world.fake.persons.values()] == [name]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "'; DROP TABLE x;--", "<script>1</script>", "Zoë 李明 👩‍👩‍👧"])
def test_values_arrive_as_plain_text(world: World, text: str) -> None:
    ref = written(world.sink, fields={"last_name": text, "company": text, "message": text + "\nSecond line"})

    person = world.fake.persons[int(ref.id)]
    assert person["name"] == text
    assert world.fake.custom(int(ref.id), "syncd_company") == text
    assert world.fake.custom(int(ref.id), "syncd_message") == text + "\nSecond line"


def test_long_values_are_cut_where_one_can_see_it(world: World) -> None:
    ref = written(world.sink, fields={"last_name": "n" * 300, "company": "c" * 300})

    assert len(world.fake.persons[int(ref.id)]["name"]) == 255
    assert world.fake.custom(int(ref.id), "syncd_company").endswith("c [...]")


def test_a_value_that_its_field_cannot_hold_is_left_out_and_blocks_nothing(world: World) -> None:
    world.fake.fields["personFields"].append(
        {"field_name": "Size", "field_code": "s" * 40, "field_type": "enum", "is_custom_field": True,
         "options": [{"id": 5, "label": "Large"}]}
    )  # fmt: skip
    sink = world.another_sink(map={"company_size": "Size"})

    first = written(sink, number=1, fields={"company_size": "LARGE", "inquiries": "many"})
    second = written(sink, number=2, fields={"company_size": "gigantic"})

    assert world.fake.custom(int(first.id), "Size") == 5
    assert "s" * 40 not in world.fake.persons[int(second.id)]["custom_fields"]


def test_an_owner_who_has_left_is_told_as_the_owner_at_fault_and_the_list_is_read_again(world: World) -> None:
    owner = world.sink.owners()[ANNA]
    world.fake.users[world.anna]["active_flag"] = False

    (outcome,) = world.sink.upsert([record(owner=owner)])

    assert isinstance(outcome, Refusal)
    assert outcome.owner
    assert not world.sink.owners()[ANNA].active


@pytest.mark.parametrize("number", ["4242", "x", ""])
def test_a_task_for_nobody_is_refused(world: World, number: str) -> None:
    (outcome,) = world.sink.add_tasks([task(Ref("person", number))])

    assert isinstance(outcome, Refusal)


def test_without_the_key_field_nothing_is_sent_for_nothing_could_be_found_again(world: World) -> None:
    world.fake.fields["personFields"].clear()

    (outcome,) = world.another_sink().upsert([record()])

    assert isinstance(outcome, Refusal)
    assert "prepare" in outcome.reason
    assert world.fake.persons == {}


# looking up


def test_of_several_persons_with_an_address_the_oldest_is_the_one(world: World) -> None:
    first = written(world.sink)
    world.fake.persons[999] = {**world.fake.persons[int(first.id)], "id": 999}

    (known,) = world.another_sink().find([LeadKeys("other", ("ADA1@firm.example",))])

    assert known is not None
    assert known.ref.id == first.id


def test_a_person_without_address_is_found_by_our_key(world: World) -> None:
    keys = LeadKeys("lead-7", phone="+49301")
    ref = written(world.sink, number=7, keys=keys, fields={"phone": "+49301"})

    (known,) = world.another_sink().find([keys])

    assert known is not None
    assert known.ref == ref


def test_a_present_owner_is_told(world: World) -> None:
    written(world.sink, owner=world.sink.owners()[ANNA])

    (known,) = world.sink.find([record().keys])

    assert known is not None
    assert known.owner == OwnerRef(str(world.anna), ANNA, "Anna")


def test_hundred_known_persons_are_one_read(world: World) -> None:
    refs = [written(world.sink, number=number) for number in range(12)]
    world.sink.owners()

    with world.counted() as calls:
        world.sink.find([LeadKeys(f"lead-{number}", ref=ref) for number, ref in enumerate(refs)])

    assert calls == {"GET /api/v2/persons": 1}


def test_a_stranger_of_a_moment_ago_is_not_searched_for_again(world: World) -> None:
    world.sink.find([record().keys])

    with world.counted() as calls:
        assert world.sink.find([record().keys]) == [None]
        world.advance(seconds=46)
        assert world.sink.find([record().keys]) == [None]

    assert calls == {"GET /api/v2/persons/search": 1}


def test_who_was_a_stranger_and_was_made_since_is_known_by_the_address(tmp_path: Path) -> None:
    with pipedrive_world(tmp_path, lag=30) as world:
        assert world.sink.find([record().keys]) == [None]
        ref = written(world.sink)

        (known,) = world.sink.find([LeadKeys("another", record().keys.emails)])

        assert known is not None
        assert known.ref == ref


def test_searches_say_that_they_have_a_limit_of_their_own(world: World) -> None:
    asked: list[Limit | None] = []
    world.tools.http.gate = asked.append

    world.sink.find([record().keys, LeadKeys("lead-9", ref=Ref("person", "9"))])

    assert asked.count(Limit("search", 10, timedelta(seconds=2))) == 2
    assert None in asked


# doubt


@pytest.mark.parametrize("make", ["lead", "deal", "nothing"])
@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body", "too_many"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_whichever_answer_is_lost_everything_is_there_once(tmp_path: Path, make: str, kind: Any, method: str) -> None:
    for nth in (1, 2, 3, 4):
        with pipedrive_world(tmp_path, sink={"make": make}, lag=30) as world:
            world.fake.order_fault(kind, method, nth=nth)

            in_full(world, make=make)

            held = (world.fake.persons, world.fake.activities, world.fake.notes)
            openings = len(world.fake.leads) + len(world.fake.deals)
            assert [len(one) for one in held] == [1, 1, 1]
            assert openings == (0 if make == "nothing" else 1)
