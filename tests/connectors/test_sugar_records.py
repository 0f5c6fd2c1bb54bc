"""Leads, contacts, tasks and notes, as they stand in the CRM afterwards; by each of the three APIs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import AuthFailed, Done, LeadKeys, NoteOrder, RecordOrder, Ref, Refusal, TaskOrder
from syncd.testing import FakeServer
from syncd.testing.sink_under_test import in_doubt
from tests.connectors.sugar_world import ANNA, BEN, DIALECTS, WRITES, World, id_of, sugar_world

EVE = "eve@firm.example"
FIELDS = {
    "email": EVE,
    "first_name": "Eve",
    "last_name": "O'Neil & Söhne",
    "company": "Firm <b>Ltd</b>",
    "phone": "+493055512345",
    "message": "Is it [cheap (really)]?\nYes",
    "lead_source": "Web Site",
    "first_touch_at": "2026-11-23T08:00:00Z",
    "inquiries": "1",
}
DUE = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


@pytest.fixture(params=DIALECTS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with sugar_world(tmp_path, request.param) as world:
        yield world


def order(**fields: str) -> RecordOrder:
    return RecordOrder("record-1", LeadKeys("lead-1", (EVE,)), fields or FIELDS)


def task(record: Ref, mark: str = "task-1", **more: Any) -> TaskOrder:
    return TaskOrder(mark, record, "Call Eve", "Is it cheap?", DUE, "Europe/Berlin", **more)


def note(record: Ref) -> NoteOrder:
    return NoteOrder("note-1", record, "They asked.", DUE)


def ref(outcomes: Any) -> Ref:
    (outcome,) = outcomes
    assert isinstance(outcome, Done), outcome
    return outcome.ref


def emails(row: dict[str, Any]) -> list[str]:
    return [each["email_address"] for each in row["email"]]


def test_stranger_becomes_a_lead_with_owner_and_status(world: World) -> None:
    found = ref(world.sink.upsert([replace(order(), owner=world.owner(ANNA))]))

    row = world.row(found)
    assert (row["first_name"], row["last_name"]) == ("Eve", "O'Neil & Söhne")
    assert (row["account_name"], row["status"], emails(row)) == ("Firm <b>Ltd</b>", "New", [EVE])
    assert row["assigned_user_id"] == world.owner(ANNA).id
    assert (row["syncd_key_c"], row["syncd_inquiries_c"]) == ("lead-1", 1)
    assert found.url.startswith(world.fake.url)
    assert id_of(found) in found.url


def test_text_that_the_v8_api_would_refuse_gets_a_blank_and_others_do_not(world: World) -> None:
    found = ref(world.sink.upsert([order()]))

    wanted = "Is it [cheap (really) ]?\nYes" if world.dialect == "v8" else FIELDS["message"]
    assert world.row(found)["description"] == wanted


def test_contact_is_found_before_a_lead_and_the_oldest_of_them(world: World) -> None:
    humans = world.fake.humans
    humans.add("Leads", {"last_name": "Lead"}, EVE)
    first = humans.add("Contacts", {"last_name": "First"}, EVE.upper())
    world.advance(minutes=1)
    humans.add("Contacts", {"last_name": "Second"}, EVE)

    (known,) = world.sink.find([LeadKeys("lead-1", (EVE,))])

    assert known is not None
    assert known.ref.id == f"Contacts/{first}"
    assert known.values["last_name"] == "First"


def test_lead_that_was_converted_goes_on_as_its_contact(world: World) -> None:
    lead = ref(world.sink.upsert([order()]))
    contact = world.fake.humans.convert(id_of(lead))

    (known,) = world.sink.find([LeadKeys("lead-1", (EVE,), ref=lead)])

    assert known is not None
    assert known.ref.id == f"Contacts/{contact}"


def test_only_what_differs_is_written_and_an_address_is_never_replaced(world: World) -> None:
    world.fake.humans.add("Leads", {"last_name": "Neil", "title": "Boss"}, EVE)
    (known,) = world.sink.find([LeadKeys("lead-1", (EVE,))])
    assert known is not None
    wanted = {"last_name": "Neil", "email": "other@firm.example", "phone": "+49301"}

    with world.counted() as calls:
        ref(world.sink.upsert([replace(order(**wanted), known=known)]))
    with world.counted() as again:
        ref(world.sink.upsert([replace(order(last_name="Neil"), known=known)]))

    row = world.row(known.ref)
    assert (emails(row), row["phone_work"], row["title"]) == ([EVE], "+49301", "Boss")
    assert calls
    assert again == {}


def test_filler_for_a_name_gives_way_to_a_real_one(world: World) -> None:
    found = ref(world.sink.upsert([order(email=EVE)]))
    assert world.row(found)["last_name"] == "[not provided]"

    (known,) = world.sink.find([LeadKeys("lead-1", (EVE,))])

    assert known is not None
    assert "last_name" not in known.values


def test_lead_whose_answer_was_lost_keeps_the_owner_that_a_person_chose(world: World) -> None:
    wish = replace(order(), owner=world.owner(ANNA))
    lose(world)
    assert in_doubt(lambda: world.sink.upsert([wish]))
    world.fake.clear_faults()
    (row,) = world.fake.rows("Leads")
    world.fake.humans.edit(row["id"], {"assigned_user_id": world.owner(BEN).id, "phone_work": "+49999"})

    found = ref(world.another_sink().upsert([replace(wish, sent_at=world.clock.now())]))

    assert world.row(found)["assigned_user_id"] == world.owner(BEN).id
    assert len(world.fake.rows("Leads")) == 1


@pytest.mark.parametrize("deleted", [False, True])
def test_task_and_note_whose_answers_were_lost_are_there_once(world: World, deleted: bool) -> None:
    lead = ref(world.sink.upsert([order()]))
    lose(world)
    assert in_doubt(lambda: world.sink.add_tasks([task(lead)]))
    assert in_doubt(lambda: world.sink.add_notes([note(lead)]))
    world.fake.clear_faults()
    rows = [*world.fake.rows("Tasks"), *world.fake.rows("Notes")]
    for row in rows if deleted else []:
        world.fake.humans.delete(row["id"])

    later = world.another_sink()
    found = [
        ref(later.add_tasks([replace(task(lead), sent_at=world.clock.now())])),
        ref(later.add_notes([replace(note(lead), sent_at=world.clock.now())])),
    ]

    assert [each.id for each in found] == [row["id"] for row in rows]
    assert len(world.fake.rows("Tasks")) == len(world.fake.rows("Notes")) == int(not deleted)


def test_task_has_due_time_priority_parent_and_owner(world: World) -> None:
    lead = ref(world.sink.upsert([order()]))
    owner = world.owner(BEN)

    made = ref(world.sink.add_tasks([task(lead, owner=owner, priority="high")]))

    row = world.row(made)
    due = datetime.fromisoformat(row["date_due"])
    assert due.replace(tzinfo=due.tzinfo or UTC) == DUE
    assert (row["priority"], row["status"], row["name"]) == ("High", "Not Started", "Call Eve")
    assert (row["parent_type"], row["parent_id"]) == ("Leads", id_of(lead))
    assert row["assigned_user_id"] == owner.id


def test_task_of_a_contact_hangs_on_the_contact_twice_over(world: World) -> None:
    contact = world.fake.humans.add("Contacts", {"last_name": "Neil"}, EVE)

    made = ref(world.sink.add_tasks([task(Ref("record", f"Contacts/{contact}"))]))

    row = world.row(made)
    assert (row["parent_type"], row["parent_id"], row["contact_id"]) == ("Contacts", contact, contact)


def test_task_that_a_person_has_deleted_is_made_again_when_it_is_raised(world: World) -> None:
    lead = ref(world.sink.upsert([order()]))
    first = ref(world.sink.add_tasks([task(lead)]))
    world.fake.humans.delete(first.id)

    again = ref(world.another_sink().add_tasks([task(lead, ref=first)]))

    assert again.id != first.id
    assert [row["id"] for row in world.fake.rows("Tasks")] == [again.id]


def test_lead_that_is_deleted_time_and_again_is_made_each_time(world: World) -> None:
    made = set()
    for _ in range(3):
        found = ref(world.another_sink().upsert([order()]))
        made.add(found.id)
        world.fake.humans.delete(id_of(found))
        world.advance(minutes=2)

    assert len(made) == 3


def test_deleted_lead_with_a_ref_waits_for_a_person(world: World) -> None:
    found = ref(world.sink.upsert([order()]))
    world.fake.humans.delete(id_of(found))
    wish = replace(order(company="Changed"), keys=LeadKeys("lead-1", (EVE,), ref=found))

    (outcome,) = world.sink.upsert([wish])

    assert isinstance(outcome, Refusal)
    assert outcome.gone


def test_task_for_somebody_who_has_left_is_refused_and_the_next_is_made(world: World) -> None:
    lead = ref(world.sink.upsert([order()]))
    anna, ben = world.owner(ANNA), world.owner(BEN)
    world.fake.humans.leave(anna.id)
    world.advance(minutes=2)

    first, second = world.sink.add_tasks([task(lead, owner=anna), task(lead, "task-2", owner=ben)])

    assert isinstance(first, Refusal)
    assert first.owner
    assert isinstance(second, Done)


def test_token_that_ended_is_renewed_once_and_shared(world: World) -> None:
    world.fake.revoke_tokens()

    ref(world.sink.upsert([order()]))

    assert len(world.fake.rows("Leads")) == 1
    if world.dialect != "v4_1":
        with world.counted() as calls:
            world.another_sink().owners()
        assert not [path for path in calls if "token" in path]


def test_refused_login_is_told_without_the_password(world: World) -> None:
    world.fake.change_password()

    with pytest.raises(AuthFailed) as refused:
        world.sink.find([LeadKeys("lead-1", (EVE,))])

    assert world.fake.options.password not in str(refused.value)


def test_batch_of_sugarcrm_is_few_calls_and_each_order_is_judged(tmp_path: Path) -> None:
    with sugar_world(tmp_path, "sugarcrm") as world:
        addresses = [f"p{n}@firm.example" if n != 7 else "nonsense" for n in range(30)]
        orders = [
            RecordOrder(f"record-{n}", LeadKeys(f"lead-{n}", (address,)), {**FIELDS, "email": address})
            for n, address in enumerate(addresses)
        ]

        with world.counted() as calls:
            outcomes = world.sink.upsert(orders)

        assert [at for at, one in enumerate(outcomes) if not isinstance(one, Done)] == [7]
        assert isinstance(outcomes[7], Refusal)
        assert calls["POST /rest/v11_10/bulk/writes"] == 2
        assert sum(calls.values()) <= 6


def test_lone_lead_costs_three_calls_by_sugarcrm(tmp_path: Path) -> None:
    with sugar_world(tmp_path, "sugarcrm") as world:
        owner = world.owner(ANNA)
        world.sink.find([LeadKeys("lead-0", ("o@firm.example",))])
        first = ref(world.sink.upsert([replace(order(), keys=LeadKeys("lead-0", ("o@firm.example",)), owner=owner)]))
        ref(world.sink.add_tasks([task(first, "task-0", owner=owner)]))

        with world.counted() as calls:
            world.sink.find([LeadKeys("lead-1", (EVE,))])
            lead = ref(world.sink.upsert([replace(order(), owner=owner)]))
            ref(world.sink.add_tasks([task(lead, owner=owner)]))

        assert sum(calls.values()) == 3


def lose(world: World) -> None:
    fake: FakeServer = world.fake
    for method, path in WRITES[world.dialect]:
        fake.order_fault("commit_then_drop", method, path, count=None)


def test_answers_that_are_cut_short_are_read_to_their_end(tmp_path: Path) -> None:
    with sugar_world(tmp_path, "sugarcrm", most_rows=2) as world:
        addresses = [f"p{n}@firm.example" for n in range(7)]
        for address in addresses:
            world.fake.humans.add("Leads", {"last_name": "Neil"}, address)

        found = world.sink.find([LeadKeys(f"lead-{n}", (address,)) for n, address in enumerate(addresses)])

        assert None not in found
        assert len(world.sink.owners()) == 3
