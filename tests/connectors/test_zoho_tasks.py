"""Tasks and notes: due days in the owner's zone, marks that end doubts, and records that have moved."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.connector import Done, Ref, Refusal, Unknown, Wait
from tests.connectors.zoho_world import ANNA, START, World, note, record, refs, task, zoho_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with zoho_world(tmp_path) as world:
        yield world


@pytest.fixture
def lead(world: World) -> Ref:
    return refs(world.sink.upsert([record(1)]))[0]


def test_task_is_due_on_the_day_it_is_in_the_owners_zone(world: World, lead: Ref) -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)

    (ref,) = refs(world.sink.add_tasks([task(1, lead, due_at=late, owner=world.owner(ANNA), priority="high")]))

    row = world.row(ref)
    assert (row["Due_Date"], row["Priority"], row["Status"]) == ("2026-03-03", "High", "Not Started")
    assert (row["Owner"]["email"], row["Subject"], row["Description"]) == (ANNA, "Call 1", "Why?")
    assert row["What_Id"] == {"id": world.id_of(lead), "module": {"api_name": "Leads"}}
    assert row["Syncd_Mark"] == "task-1"


def test_task_of_a_contact_hangs_on_the_contact(world: World) -> None:
    contact = Ref("record", "Contacts/" + world.fake.humans.add("Contacts", {"Last_Name": "B"}))

    (ref,) = refs(world.sink.add_tasks([task(1, contact)]))

    assert world.row(ref)["Who_Id"]["id"] == world.id_of(contact)


def test_owner_is_reminded_before_the_task_is_due(world: World, lead: Ref) -> None:
    (ref,) = refs(world.another_sink(reminder_minutes=15).add_tasks([task(1, lead)]))

    alarm = "FREQ=NONE;ACTION=POPUP;TRIGGER=DATE-TIME:2026-03-02T14:15:00+00:00"
    assert world.row(ref)["Remind_At"] == {"ALARM": alarm}


def test_hundred_tasks_and_hundred_notes_are_two_calls(world: World, lead: Ref) -> None:
    refs(world.sink.add_tasks([task(1000, lead)]))

    with world.counted() as calls:
        refs(world.sink.add_tasks([task(number, lead) for number in range(100)]))
        refs(world.sink.add_notes([note(number, lead) for number in range(100)]))

    assert calls == {"POST /Tasks": 1, "POST /Notes": 1}


def test_mark_that_is_taken_is_a_success_of_an_earlier_try(world: World, lead: Ref) -> None:
    (first,) = refs(world.sink.add_tasks([task(1, lead)]))

    (again, other) = world.another_sink().add_tasks([task(1, lead), task(2, lead)])

    assert again == Done(first, created=False)
    assert isinstance(other, Done)
    assert len(world.fake.rows("Tasks")) == 2


def test_task_in_doubt_is_looked_for_by_one_query_whatever_their_number(world: World, lead: Ref) -> None:
    orders = [task(number, lead) for number in range(60)]
    refs(world.sink.add_tasks(orders[:30]))
    sink = world.another_sink()
    sink.add_tasks([task(99, lead)])

    with world.counted() as calls:
        outcomes = sink.add_tasks([replace(order, sent_at=START) for order in orders])

    assert [outcome.created for outcome in outcomes if isinstance(outcome, Done)] == [False] * 30 + [True] * 30
    assert calls == {"POST /coql": 1, "POST /Tasks": 1}


@pytest.mark.parametrize("kind", ["plain", "none"])
def test_without_a_unique_mark_a_lost_task_is_looked_for_three_times_before_it_is_made(
    tmp_path: Path, kind: str
) -> None:
    with zoho_world(tmp_path, task_fields=kind, read_lag=60) as world:
        (lead,) = refs(world.sink.upsert([record(1)]))
        refs(world.sink.add_tasks([task(1, lead)]))
        sink = world.another_sink()

        early = sink.add_tasks([task(1, lead, sent_at=START, looks=1), task(2, lead, sent_at=START, looks=1)])
        world.advance(minutes=2)
        late = sink.add_tasks([task(1, lead, sent_at=START, looks=2), task(2, lead, sent_at=START, looks=2)])

        assert [type(outcome) for outcome in early] == [Unknown, Unknown]
        assert [outcome.created for outcome in late if isinstance(outcome, Done)] == [False, True]
        assert len(world.fake.rows("Tasks")) == 2


def test_lost_note_is_found_by_the_mark_in_its_title(world: World, lead: Ref) -> None:
    (first,) = refs(world.sink.add_notes([note(1, lead)]))

    (again,) = world.another_sink().add_notes([note(1, lead, sent_at=START)])

    assert again == Done(first, created=False)
    assert world.row(first)["Note_Title"] == "2026-03-02 09:00 UTC, syncd note-1"
    assert world.row(first)["Note_Content"] == "Asked again"


def test_task_that_a_person_deleted_is_made_again(world: World, lead: Ref) -> None:
    (first,) = refs(world.sink.add_tasks([task(1, lead)]))
    world.fake.humans.delete(first.id)

    (again,) = refs(world.sink.add_tasks([task(1, lead, ref=first)]))

    assert again.id != first.id
    assert len(world.fake.rows("Tasks")) == 1


def test_task_for_a_lead_that_was_converted_meanwhile_waits_for_the_news(world: World, lead: Ref) -> None:
    world.fake.humans.convert(world.id_of(lead))

    (a_task,), (a_note,) = world.sink.add_tasks([task(1, lead)]), world.sink.add_notes([note(1, lead)])

    assert [type(a_task), type(a_note)] == [Wait, Wait]


def test_task_for_a_record_that_is_not_there_is_refused(world: World) -> None:
    (outcome,) = world.sink.add_tasks([task(1, Ref("record", "Leads/4242"))])

    assert outcome == Refusal("zoho: task refused: INVALID_DATA on What_Id", ("What_Id",))


def test_long_texts_are_cut_and_keep_their_marks(tmp_path: Path) -> None:
    with zoho_world(tmp_path, task_fields="none") as world:
        (lead,) = refs(world.sink.upsert([record(1)]))

        (ref,) = refs(world.sink.add_tasks([task(1, lead, subject="s" * 400, body="<b>ü</b>\n" * 9_000)]))

        row = world.row(ref)
        assert len(row["Subject"]) == 255
        assert row["Description"].startswith("<b>ü</b>\n<b>")
        assert row["Description"].endswith("\n\nsyncd task-1")
        assert len(row["Description"]) <= 32_000
