"""Boxes and what hangs on them: once each, with everything, and nothing of a rep's is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import (
    LeadKeys,
    Ref,
    Refusal,
    Unknown,
)
from syncd.testing.sink_under_test import done
from tests.connectors.orders import DUE, again, in_full, note, record, task, written
from tests.connectors.streak_world import ANNA, BEN, World, streak_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with streak_world(tmp_path) as world:
        yield world


def test_a_stranger_becomes_a_box_with_owner_contact_and_all_that_is_known(tmp_path: Path) -> None:
    with streak_world(tmp_path, sink={"stage": "Contacted"}) as world:
        ref = written(world.sink, owner=world.sink.owners()[ANNA])

        (box,) = world.fake.boxes.values()
        (contact,) = world.fake.contacts.values()
        assert ref == Ref("box", box["key"], f"https://www.streak.com/a/boxes/{box['key']}")
        assert (box["name"], box["stageKey"]) == ("Ada Beispiel, Firm Ltd", "5002")
        assert [one["email"] for one in box["assignedToSharingEntries"]] == [ANNA]
        assert box["contacts"] == [{"key": contact["key"]}]
        assert (contact["emailAddresses"], contact["givenName"]) == (["ada1@firm.example"], "Ada")
        assert world.fake.value(ref.id, "syncd_key") == "lead-1"
        assert world.fake.value(ref.id, "Inquiries") == "1"
        assert box["notes"] == "ada1@firm.example\n\nsyncd: lead-1"


def test_a_lone_lead_costs_these_calls(world: World) -> None:
    world.sink.find([record(8).keys])
    done(world.sink.upsert([record(8, owner=world.sink.owners()[ANNA])]))

    with world.counted() as calls:
        world.sink.find([record().keys])
        ref = written(world.sink)
        done(world.sink.add_tasks([task(ref)]))
        done(world.sink.add_notes([note(ref)]))

    assert calls == {
        "GET /api/v1/search": 1,
        "POST /api/v2/teams/{key}/contacts/": 1,
        "POST /api/v2/pipelines/{key}/boxes": 1,
        "POST /api/v1/boxes/{key}": 1,
        "POST /api/v2/boxes/{key}/tasks": 1,
        "POST /api/v2/boxes/{key}/comments": 1,
    }


def test_a_task_is_due_to_the_millisecond_and_assigned(world: World) -> None:
    ref = written(world.sink)

    done(world.sink.add_tasks([task(ref, owner=world.sink.owners()[ANNA])]))

    (made,) = world.fake.tasks.values()
    assert (made["boxKey"], made["status"], made["dueDate"]) == (ref.id, "NOT_DONE", int(DUE.timestamp() * 1000))
    assert [one["email"] for one in made["assignedTo"]] == [ANNA]
    assert made["text"] == "Call Ada\n\n<b>Why</b>?\n\nsyncd: task-1"


def test_a_note_is_a_comment_with_its_mark(world: World) -> None:
    done(world.sink.add_notes([note(written(world.sink))]))

    (made,) = world.fake.comments.values()
    assert made["message"] == "Asked & asked\n\nsyncd: note-1"


def test_what_people_have_changed_stays(world: World) -> None:
    ref = written(world.sink, owner=world.sink.owners()[ANNA])
    world.fake.change_box(ref.id, name="The big one", notes="Knows our boss", stageKey="5003")
    contact = next(iter(world.fake.contacts.values()))
    contact["givenName"] = "Augusta"
    world.fake.human_gives(ref.id, BEN)

    done(world.another_sink().upsert([again(ref, first_name="Ada", inquiries="2")]))

    box = world.fake.boxes[ref.id]
    assert (box["name"], box["notes"], box["stageKey"]) == ("The big one", "Knows our boss", "5003")
    assert box["assignedToSharingEntries"][0]["email"] == BEN
    assert contact["givenName"] == "Augusta"
    assert world.fake.value(ref.id, "Inquiries") == "2"


def test_a_change_of_nothing_writes_nothing(world: World) -> None:
    ref = written(world.sink)

    with world.counted() as calls:
        done(world.sink.upsert([again(ref, company="Firm Ltd")]))

    assert calls == {"GET /api/v1/boxes/{key}": 1}


def test_a_box_that_a_rep_has_made_is_found_by_its_address_and_gets_our_id(world: World) -> None:
    box = world.fake.keep_box({"name": "Ada", "notes": "", "stageKey": "5001", "emailAddresses": ["ADA1@firm.example"],
                               "fields": {world.fake.field("Email"): "ada1@firm.example"}})  # fmt: skip

    (known,) = world.sink.find([record().keys])
    assert known is not None
    (outcome,) = done(world.sink.upsert([record(known=known, fields={"job_title": "Head"})]))

    assert (outcome.ref.id, len(world.fake.boxes)) == (box["key"], 1)
    assert world.fake.value(box["key"], "syncd_key") == "lead-1"
    assert world.fake.value(box["key"], "Job title") == "Head"


def test_whom_nobody_looked_for_is_looked_for_and_only_what_is_missing_is_written(world: World) -> None:
    box = world.fake.keep_box({"name": "Ada", "notes": "", "stageKey": "5001", "fields": {
        world.fake.field("Email"): "ada1@firm.example", world.fake.field("Company"): "Old Ltd"}})  # fmt: skip
    world.fake.human_gives(box["key"], BEN)

    (outcome,) = done(world.sink.upsert([record(owner=world.sink.owners()[ANNA])]))

    assert (outcome.ref.id, len(world.fake.boxes)) == (box["key"], 1)
    assert (world.fake.value(box["key"], "Company"), world.fake.value(box["key"], "Inquiries")) == ("Old Ltd", "1")
    assert box["assignedToSharingEntries"][0]["email"] == BEN


def test_a_box_keeps_the_id_of_another_lead(world: World) -> None:
    ref = written(world.sink)
    (known,) = world.sink.find([record().keys])

    done(world.sink.upsert([record(2, known=known, fields={"job_title": "Head"})]))

    assert world.fake.value(ref.id, "syncd_key") == "lead-1"


def test_an_address_that_only_holds_ours_is_nobodys(world: World) -> None:
    written(world.sink, fields={"email": "not-ada1@firm.example"}, keys=LeadKeys("other", ("not-ada1@firm.example",)))

    assert world.another_sink().find([record().keys]) == [None]


def test_a_lead_that_is_planned_has_no_id_and_is_found_by_its_address_alone(world: World) -> None:
    box = world.fake.keep_box({"name": "Somebody else", "notes": "About ada1@firm.example", "stageKey": "5001"})

    with world.counted() as calls:
        assert world.sink.find([LeadKeys("", ("ada1@firm.example",)), LeadKeys("")]) == [None, None]

    assert calls["GET /api/v1/search"] == 1
    assert box["key"] in world.fake.boxes


def test_boxes_of_other_pipelines_are_left_alone(world: World) -> None:
    ref = written(world.sink)
    world.fake.boxes[ref.id]["pipelineKey"] = "pipe-2"

    assert world.another_sink().find([record().keys, LeadKeys("lead-1", ref=ref)]) == [None, None]


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"email": "x@y.example"}, "x@y.example"), ({"phone": "+49301"}, "+49301"), ({}, "[not provided]")],
)
def test_a_box_always_has_a_name(world: World, fields: dict[str, str], name: str) -> None:
    assert world.fake.boxes[written(world.sink, fields=fields).id]["name"] == name


def test_fields_that_do_not_arrive_together_are_written_one_by_one(world: World) -> None:
    world.fake.forgets_fields = True

    ref = written(world.sink)

    assert world.fake.value(ref.id, "syncd_key") == "lead-1"
    assert world.fake.value(ref.id, "Company") == "Firm Ltd"


def test_a_value_that_streak_refuses_blocks_no_lead(world: World) -> None:
    sink = world.another_sink(map={"company_size": "Size"})
    world.fake.add_dropdown("Size", "Large")
    done(sink.upsert([record(7)]))
    world.fake.fields[-1]["dropdownSettings"]["items"] = []

    ref = written(sink, fields={**record().fields, "company_size": "large"})

    assert world.fake.value(ref.id, "Company") == "Firm Ltd"
    assert world.fake.value(ref.id, "Size") is None


def test_an_owner_who_has_left_is_told_as_the_owner_at_fault_and_the_list_is_read_again(world: World) -> None:
    owner, ref = world.sink.owners()[ANNA], written(world.sink)
    del world.fake.members[ANNA]

    (of_box,) = world.sink.upsert([record(2, owner=owner)])
    (of_task,) = world.sink.add_tasks([task(ref, owner=owner)])
    (of_change,) = world.sink.upsert([replace(again(ref), owner=owner)])

    assert [isinstance(one, Refusal) and one.owner for one in (of_box, of_task, of_change)] == [True] * 3
    assert ANNA not in world.sink.owners()
    assert len(world.fake.boxes) == 1


def test_without_its_field_nothing_is_sent(world: World) -> None:
    world.fake.fields = [field for field in world.fake.fields if field["name"] != "syncd_key"]

    (outcome,) = world.another_sink().upsert([record()])

    assert isinstance(outcome, Refusal)
    assert "prepare" in outcome.reason
    assert (world.fake.boxes, world.fake.contacts) == ({}, {})


def test_a_box_that_is_not_shared_with_us_counts_as_gone_and_pauses_nobody(world: World) -> None:
    ref = written(world.sink)
    body = b'{"success": false, "error": "You cannot see this box"}'
    world.fake.order_fault("answer", "GET", f"/api/v1/boxes/{ref.id}", status=401, body=body)

    (outcome,) = world.another_sink().find([LeadKeys("lead-9", ref=ref)])

    assert outcome is None


# doubt


@pytest.mark.parametrize("oldest_first", [True, False])
@pytest.mark.parametrize("kind", ["commit_then_drop", "drop_before_commit", "half_body", "too_many"])
@pytest.mark.parametrize("path", ["v2/teams/*", "v2/pipelines/*", "v1/boxes/*", "v2/boxes/*/tasks", "v2/*/comments"])
def test_whichever_answer_is_lost_everything_is_there_once(
    world: World, kind: Any, path: str, oldest_first: bool
) -> None:
    world.fake.lag, world.fake.list_lag, world.fake.oldest_first = 3600, 30, oldest_first
    world.fake.order_fault(kind, "POST", f"/api/{path}")

    in_full(world)

    held = (world.fake.boxes, world.fake.contacts, world.fake.tasks, world.fake.comments)
    assert [len(one) for one in held] == [1] * 4
    assert world.fake.value(next(iter(world.fake.boxes)), "syncd_key") == "lead-1"


def test_a_box_of_two_hundred_made_since_is_found_among_them(world: World) -> None:
    sent = world.clock.now()
    ref = written(world.sink)
    for number in range(250):
        world.fake.keep_box({"name": f"Other {number}", "notes": "", "stageKey": "5001"})
        world.advance(seconds=1)

    (outcome,) = done(world.another_sink().upsert([record(sent_at=sent)]))

    assert (outcome.ref.id, outcome.created) == (ref.id, False)


def test_what_was_made_before_a_refused_field_is_found_again(world: World) -> None:
    world.fake.order_fault("answer", "POST", "/api/v1/boxes/*", status=400, count=None)
    (outcome,) = world.sink.upsert([record()])
    assert isinstance(outcome, Unknown)
    world.fake.clear_faults()

    done(world.another_sink().upsert([record(sent_at=world.clock.now())]))

    assert len(world.fake.boxes) == 1
