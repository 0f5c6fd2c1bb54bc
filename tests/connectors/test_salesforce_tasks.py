"""Tasks and notes: dated where their owner is, made once, and without losing what a rep has written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import Done, OwnerRef, Ref, Refusal, Unknown, Wait
from tests.connectors.hubspot_world import DUE, note, record, refs, task
from tests.connectors.salesforce_world import ANNA, QUEUE, START, World, salesforce_world


@pytest.fixture(params=[True, False], ids=["marks", "no marks"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """With an external id on Activity, and without one."""
    with salesforce_world(tmp_path, activity_fields=request.param) as world:
        yield world


def person(world: World, number: int = 1) -> Ref:
    return refs(world.sink.upsert([record(number)]))[0]


def made(world: World, *orders: Any) -> list[dict[str, Any]]:
    return [world.values(ref) for ref in refs(world.sink.add_tasks(list(orders)))]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Europe/Berlin", "2026-03-02"), ("America/Los_Angeles", "2026-03-02"), ("Pacific/Auckland", "2026-03-03")],
)
def test_day_of_a_task_is_the_day_where_its_owner_is(world: World, zone: str, day: str) -> None:
    (values,) = made(world, task(1, person(world), zone=zone))

    assert values["ActivityDate"] == day


def test_task_says_what_is_to_be_done_for_whom(world: World) -> None:
    ref, anna = person(world), world.owner(ANNA)

    (values,) = made(world, task(1, ref, owner=anna, kind="email", priority="high", body="Why is <b>it</b> so?"))

    assert (values["WhoId"], values["OwnerId"]) == (ref.id, anna.id)
    assert (values["Type"], values["Priority"], values["Status"]) == ("Email", "High", "Not Started")
    assert values["Description"].startswith("Why is <b>it</b> so?")


def test_reminder_is_set_before_the_task_is_due(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, sink={"reminder_minutes": 30}) as world:
        (values,) = made(world, task(1, person(world)))

    assert (values["IsReminderSet"], values["ReminderDateTime"]) == (True, "2026-03-02T14:00:00.000+0000")


def test_note_is_a_task_that_is_done(world: World) -> None:
    ref = person(world)

    (noted,) = refs(world.sink.add_notes([note(1, ref, at=datetime(2026, 3, 1, 23, 0, tzinfo=UTC))]))

    values = world.values(noted)
    assert (values["Status"], values["Subject"], values["WhoId"]) == ("Completed", "Enquiry", ref.id)
    assert (values["ActivityDate"], noted.object) == ("2026-03-01", "note")


def test_two_hundred_tasks_are_one_call(tmp_path: Path) -> None:
    with salesforce_world(tmp_path) as world:
        people = refs(world.sink.upsert([record(number) for number in range(200)]))
        made(world, task(999, people[0]))

        with world.counted() as calls:
            made(world, *(task(number, ref) for number, ref in enumerate(people)))

        assert calls == {"PATCH /composite/sobjects/Task/Syncd_Mark__c": 1}


def test_task_of_another_process_is_found_by_its_mark(world: World) -> None:
    order = task(1, person(world))
    (first,) = refs(world.sink.add_tasks([order]))

    (again,) = world.another_sink().add_tasks([replace(order, sent_at=START)])

    assert again == Done(first, created=False)


def test_lost_task_is_sought_several_times_where_salesforce_keeps_no_mark_single(world: World) -> None:
    order = replace(task(1, person(world)), sent_at=START)
    marked = world.fake.options.activity_fields

    outcomes = [world.another_sink().add_tasks([replace(order, looks=looks)])[0] for looks in range(1 if marked else 3)]

    assert [type(outcome) for outcome in outcomes] == ([Done] if marked else [Unknown, Unknown, Done])
    assert len(world.fake.records("Task")) == 1


def test_lost_task_whose_lead_was_converted_since_is_found_at_the_contact(world: World) -> None:
    ref = person(world)
    order = task(1, ref)
    (first,) = refs(world.sink.add_tasks([order]))
    world.fake.people.convert(ref.id)

    (again,) = world.another_sink().add_tasks([replace(order, sent_at=START)])

    assert isinstance(again, Done)
    assert again.ref == first


def test_task_for_a_converted_lead_goes_to_its_contact(world: World) -> None:
    ref = person(world)
    contact = world.fake.people.convert(ref.id)

    moved, other = made(world, task(1, ref), task(2, person(world, 2)))

    assert moved["WhoId"] == contact
    assert other["Subject"] == "Call 2"


def test_task_for_a_merged_lead_goes_to_the_one_that_is_left(world: World) -> None:
    ref = person(world)
    winner = world.fake.people.add("Lead", {"LastName": "Typed", "Company": "In"})
    world.fake.people.merge(winner, ref.id)

    (moved,) = made(world, task(1, ref))

    assert moved["WhoId"] == winner


def test_task_for_a_deleted_lead_is_refused_alone(world: World) -> None:
    gone, there = person(world), person(world, 2)
    world.fake.people.delete(gone.id)

    refused, done = world.sink.add_tasks([task(1, gone), task(2, there)])

    assert isinstance(refused, Refusal)
    assert isinstance(done, Done)


def test_queue_for_leads_alone_does_not_get_the_task(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, task_queues=False) as world:
        queue = world.owner(QUEUE.lower())

        (values,) = made(world, task(1, person(world), owner=queue))

        assert values["OwnerId"] == world.fake.org.me


def test_queue_for_tasks_gets_them(tmp_path: Path) -> None:
    with salesforce_world(tmp_path) as world:
        queue = world.owner(QUEUE.lower())

        (values,) = made(world, task(1, person(world), owner=queue))

        assert values["OwnerId"] == queue.id


def test_owner_who_has_left_is_said_so(world: World) -> None:
    ref = person(world)

    (refused,) = world.sink.add_tasks([task(1, ref, owner=OwnerRef("005000000000099AAA"))])

    assert isinstance(refused, Refusal)
    assert refused.owner


def test_locked_row_waits(world: World) -> None:
    ref = person(world)
    world.fake.fail_records("UNABLE_TO_LOCK_ROW")

    (wait,) = world.sink.add_tasks([task(1, ref)])

    assert isinstance(wait, Wait)
    assert wait.after is not None


def test_task_that_is_raised_says_the_new_text_and_keeps_what_a_rep_wrote(world: World) -> None:
    order = task(1, person(world), body="First question")
    (ref,) = refs(world.sink.add_tasks([order]))
    raised = replace(order, ref=ref, body="First question\nSecond question", priority="high")

    (values,) = made(world, raised)
    assert values["Description"].startswith("First question\nSecond question")
    assert values["Description"].count("First question") == 1

    world.fake.people.edit(ref.id, {"Description": "Called, no answer. " + values["Description"]})
    for body in ("Third question", "Fourth question"):
        (values,) = made(world, replace(raised, body=body))

    assert values["Description"].startswith("Fourth question")
    assert "Called, no answer." in values["Description"]
    assert "Third question" not in values["Description"]
    assert values["Priority"] == "High"
    assert [type(each) for each in world.another_sink().add_tasks([replace(order, sent_at=START)])] == [Done]
    assert len(world.fake.records("Task")) == 1


def test_task_that_a_rep_has_deleted_is_made_again(world: World) -> None:
    order = task(1, person(world))
    (ref,) = refs(world.sink.add_tasks([order]))
    world.fake.people.delete(ref.id)

    (again,) = refs(world.sink.add_tasks([replace(order, ref=ref, mark="task-1-raised")]))

    assert again != ref
    assert len(world.fake.records("Task")) == 1


def test_very_long_question_is_cut_and_its_mark_is_not(world: World) -> None:
    order = task(1, person(world), body="?" * 40_000, subject="!" * 300, due_at=DUE)

    (values,) = made(world, order)

    assert len(values["Description"]) <= 32_000
    assert len(values["Subject"]) == 255
    assert isinstance(world.another_sink().add_tasks([replace(order, sent_at=START)])[0], Done)
