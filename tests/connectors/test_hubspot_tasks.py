"""Tasks and notes: on the right contact, once, whatever the account allows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.connector import Ambiguous, Done, OwnerRef, RateLimited, Ref, Refusal, Unknown, Wait
from tests.connectors.hubspot_world import (
    ANNA,
    BEN,
    DUE,
    START,
    World,
    hubspot_world,
    note,
    record,
    refs,
    task,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path) as world:
        yield world


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[World]:
    """An account whose tasks cannot have unique properties, and whose search runs behind."""
    with hubspot_world(tmp_path, unique_task_properties=False, search_lag=30) as world:
        yield world


def contact(world: World, number: int = 1) -> Ref:
    return refs(world.sink.upsert([record(number)]))[0]


def test_task_stands_on_its_contact_with_everything(world: World) -> None:
    ref, anna = contact(world), world.owner(ANNA)

    refs(world.sink.add_tasks([task(1, ref, owner=anna, priority="high", kind="email", body="<b>Why</b>?\nAnd & how")]))

    (made,) = world.fake.tasks
    properties = made["properties"]
    assert made["associations"] == {"contacts": {ref.id: [204]}}
    assert properties["hs_timestamp"] == "2026-03-02T14:30:00.000Z"
    assert properties["hs_task_subject"] == "Call 1"
    assert properties["hs_task_body"] == "&lt;b&gt;Why&lt;/b&gt;?<br>And &amp; how"
    assert (properties["hs_task_type"], properties["hs_task_priority"]) == ("EMAIL", "HIGH")
    assert properties["hs_task_status"] == "NOT_STARTED"
    assert properties["hubspot_owner_id"] == anna.id


def test_note_stands_on_its_contact(world: World) -> None:
    ref = contact(world)

    refs(world.sink.add_notes([note(1, ref, body="a < b")]))

    (made,) = world.fake.notes
    assert made["associations"] == {"contacts": {ref.id: [202]}}
    assert made["properties"]["hs_note_body"] == "a &lt; b"
    assert made["properties"]["hs_timestamp"] == "2026-03-02T09:00:00.000Z"


def test_hundred_tasks_cost_one_call(world: World) -> None:
    ref = contact(world)
    refs(world.sink.add_tasks([task(0, ref)]))

    with world.counted() as calls:
        refs(world.sink.add_tasks([task(number, ref) for number in range(1, 101)]))

    assert calls == {"tasks/batch/create": 1}


def test_task_without_owner_goes_to_the_queue(world: World) -> None:
    queue = world.fake.add_owner("", "Inbound queue", queue=True)
    sink = world.another_sink(owner_default_queue=queue)

    refs(sink.add_tasks([task(1, contact(world))]))

    assert world.fake.tasks[0]["properties"]["hubspot_owner_id"] == queue


def test_reminder_comes_before_the_due_time(world: World) -> None:
    sink = world.another_sink(reminder_minutes=15)

    refs(sink.add_tasks([task(1, contact(world))]))

    reminder = int(world.fake.tasks[0]["properties"]["hs_task_reminders"])
    assert reminder == int((DUE - timedelta(minutes=15)).timestamp() * 1000)


def test_task_of_a_merged_contact_stands_on_the_survivor(world: World) -> None:
    first, second = contact(world, 1), contact(world, 2)
    survivor = world.fake.merge(first.id, second.id)

    refs(world.sink.add_tasks([task(1, second)]))

    assert list(world.fake.tasks[0]["associations"]["contacts"]) == [survivor]


def test_bad_tasks_do_not_hide_their_neighbours(world: World) -> None:
    ref, stranger = contact(world), OwnerRef("999999")
    orders = [task(1, ref), task(2, ref, owner=stranger), task(3, Ref("contact", "424242")), task(4, ref)]

    first, bad_owner, bad_contact, last = world.sink.add_tasks(orders)

    assert isinstance(first, Done)
    assert isinstance(bad_owner, Refusal)
    assert bad_owner.fields == ("hubspot_owner_id",)
    assert isinstance(bad_contact, Refusal)
    assert isinstance(last, Done)


# changing one that exists


def test_raised_task_keeps_its_status_and_its_mark(world: World) -> None:
    ref = contact(world)
    (made,) = refs(world.sink.add_tasks([task(1, ref, owner=world.owner(ANNA))]))
    world.fake.human_edits(made.id, hs_task_status="IN_PROGRESS")

    sooner = replace(task(9, ref, priority="high", owner=world.owner(BEN)), ref=made, due_at=START)
    (changed,) = refs(world.sink.add_tasks([sooner]))

    (seen,) = world.fake.tasks
    assert changed == made
    assert seen["properties"]["hs_timestamp"] == "2026-03-02T09:00:00.000Z"
    assert seen["properties"]["hs_task_priority"] == "HIGH"
    assert seen["properties"]["hubspot_owner_id"] == world.owner(BEN).id
    assert (seen["properties"]["hs_task_status"], seen["properties"]["syncd_mark"]) == (
        "IN_PROGRESS",
        "task-1",
    )


def test_deleted_task_is_made_again(world: World) -> None:
    ref = contact(world)
    (made,) = refs(world.sink.add_tasks([task(1, ref)]))
    world.fake.human_deletes(made.id)

    found = refs(world.sink.add_tasks([task(2, ref), task(3, ref, ref=made)]))

    assert made not in found
    assert len(world.fake.tasks) == 2


def test_losing_the_answer_to_a_change_keeps_new_tasks_unsent(world: World) -> None:
    ref = contact(world)
    (made,) = refs(world.sink.add_tasks([task(1, ref)]))
    world.fake.order_fault("commit_then_drop", path="*/tasks/batch/update")

    changed, new = world.sink.add_tasks([task(2, ref, ref=made), task(3, ref)])

    assert isinstance(changed, Unknown)
    assert isinstance(new, Wait)
    assert not new.failed


# doubt, with a unique mark


def test_lost_task_is_found_by_its_mark(world: World) -> None:
    ref = contact(world)
    world.fake.order_fault("commit_then_drop", path="*/tasks/batch/create")
    with pytest.raises(Ambiguous):
        world.sink.add_tasks([task(1, ref)])

    with world.counted() as calls:
        (outcome,) = world.sink.add_tasks([task(1, ref, sent_at=START)])

    assert isinstance(outcome, Done)
    assert not outcome.created
    assert outcome.ref.id == world.fake.tasks[0]["id"]
    assert calls == {"tasks/batch/read": 1}


def test_task_that_never_arrived_is_made(world: World) -> None:
    ref = contact(world)

    (outcome,) = world.sink.add_tasks([task(1, ref, sent_at=START)])

    assert isinstance(outcome, Done)
    assert outcome.created


def test_restored_backup_meets_its_own_tasks_again(world: World) -> None:
    ref = contact(world)
    before = refs(world.sink.add_tasks([task(number, ref) for number in range(5)]))

    after = refs(world.another_sink().add_tasks([task(number, ref) for number in range(8)]))

    assert after[:5] == before
    assert len(world.fake.tasks) == 8


# doubt, with a plain mark


def test_plain_mark_is_looked_for_until_the_search_shows_it(plain: World) -> None:
    ref = contact(plain)
    plain.fake.order_fault("commit_then_drop", path="*/tasks/batch/create")
    with pytest.raises(Ambiguous):
        plain.sink.add_tasks([task(1, ref)])
    (early,) = plain.sink.add_tasks([task(1, ref, sent_at=START, looks=0)])
    plain.advance(minutes=1)

    (late,) = plain.sink.add_tasks([task(1, ref, sent_at=START, looks=1)])

    assert isinstance(early, Unknown)
    assert isinstance(late, Done)
    assert late.ref.id == plain.fake.tasks[0]["id"]
    assert len(plain.fake.tasks) == 1


def test_plain_mark_not_seen_three_times_is_made(plain: World) -> None:
    ref = contact(plain)

    outcomes = [plain.sink.add_tasks([task(1, ref, sent_at=START, looks=looks)])[0] for looks in range(4)]

    assert [type(outcome) for outcome in outcomes] == [Unknown, Unknown, Unknown, Done]


def test_plain_mark_made_a_moment_ago_is_remembered(plain: World) -> None:
    ref = contact(plain)

    first, second = (refs(plain.sink.add_tasks([task(1, ref)])) for _ in range(2))

    assert first == second
    assert len(plain.fake.tasks) == 1


def test_restored_backup_finds_plain_marks_too(plain: World) -> None:
    ref = contact(plain)
    before = refs(plain.sink.add_notes([replace(note(1, ref), mark="Note-A")]))
    plain.advance(minutes=1)

    after = refs(plain.another_sink().add_notes([replace(note(1, ref), mark="Note-A")]))

    assert before == after


def test_a_429_leaves_the_search_its_time(plain: World) -> None:
    ref = contact(plain)
    plain.fake.order_fault(
        "answer", path="*/tasks/batch/create", status=429, body=b'{"category": "RATE_LIMITS"}', committed=True
    )
    with pytest.raises(RateLimited) as limited:
        plain.sink.add_tasks([task(1, ref)])
    plain.advance(seconds=limited.value.after.total_seconds())

    (outcome,) = plain.another_sink().add_tasks([task(1, ref)])

    assert isinstance(outcome, Done)
    assert len(plain.fake.tasks) == 1


def test_a_429_of_an_account_that_refuses_taken_marks_is_no_longer_than_it_says(world: World) -> None:
    ref = contact(world)
    world.fake.order_fault("too_many", path="*/tasks/batch/create", retry_after=2)

    with pytest.raises(RateLimited) as limited:
        world.sink.add_tasks([task(1, ref)])

    assert limited.value.after == timedelta(seconds=2)


# doubt, without any mark


def test_account_without_marks_still_gets_its_tasks(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False, echo_trace_ids=False) as world:
        ref = contact(world)

        found = refs(world.sink.add_tasks([task(1, ref), task(2, ref)]))

        subjects = {each["id"]: each["properties"]["hs_task_subject"] for each in world.fake.tasks}
        assert [subjects[each.id] for each in found] == ["Call 1", "Call 2"]


def test_doubt_without_marks_is_for_a_person(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False) as world:
        (outcome,) = world.sink.add_tasks([task(1, contact(world), sent_at=START)])

        assert isinstance(outcome, Refusal)
        assert "syncd_mark" in outcome.reason
        assert world.fake.tasks == []
