"""People, tasks and notes land in Dynamics 365 once, and never over what a rep typed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.dynamics.wire import id_of
from syncd.connector import Ambiguous, Done, LeadKeys, RateLimited, Ref, Refusal, Wait, mark_in
from tests.connectors.dynamics_world import ANNA, BEN, TEAM, World, dynamics_world, keys, note, record, refs, task

API = "/api/data/v9.2/"
PATCH_LEADS = f"{API}$batch/PATCH/leads"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with dynamics_world(tmp_path, teams={TEAM: "inbound@sales.example"}) as world:
        yield world


@pytest.fixture
def lead(world: World) -> Ref:
    (ref,) = refs(world.sink.upsert([record(1, owner=world.owner(ANNA))]))
    return ref


def test_stranger_becomes_a_lead_with_fillers_and_owner(world: World) -> None:
    fields = {
        "email": "p1@firm.example",
        "lead_source": "web",
        "company_size": "12",
        "country": "DE",
        "message": "Why?",
    }

    (ref,) = refs(world.sink.upsert([record(1, fields=fields, owner=world.owner(ANNA))]))

    row = world.row(ref)
    assert (row["lastname"], row["subject"], row["description"]) == ("[not provided]", "Enquiry", "Why?")
    assert (row["leadsourcecode"], row["numberofemployees"], row["address1_country"]) == (8, 12, "DE")
    assert (row["syncd_key"], row["_ownerid_value"]) == ("lead-1", world.owner(ANNA).id)
    assert ref.url.endswith(f"etn=lead&id={row['leadid']}")
    (known,) = world.sink.find([keys(1)])
    assert known is not None
    assert known.values == {**fields, "lead_source": "Web"}


def test_fifty_strangers_cost_one_batch_each_way(world: World) -> None:
    world.sink.find([keys(0)])  # what the tables are is known from now on
    before = world.batches()

    world.sink.find([keys(number) for number in range(50)])
    made = world.sink.upsert([record(number) for number in range(50)])
    world.sink.add_tasks([task(number, ref) for number, ref in enumerate(refs(made))])

    assert world.batches() - before == 3


def test_batches_are_as_small_as_slow_plug_ins_ask_for(world: World) -> None:
    sink = world.another_sink(batch=2)
    sink.find([keys(0)])
    before = world.batches()

    made = refs(sink.upsert([record(number) for number in range(5)]))

    assert (sink.batch, len(set(made))) == (2, 5)
    assert world.batches() - before == 3


def test_contact_with_the_address_goes_before_an_open_lead_and_that_before_a_closed_one(world: World) -> None:
    humans = world.fake.humans
    closed = humans.add("lead", {"lastname": "A", "emailaddress1": "p1@firm.example", "statecode": 2, "statuscode": 4})
    opened = humans.add("lead", {"lastname": "B", "emailaddress2": "P1@firm.example"})

    first = world.sink.find([keys(1)])[0]
    contact = humans.add("contact", {"lastname": "C", "emailaddress3": "p1@firm.example"})
    second = world.sink.find([keys(1)])[0]

    assert first is not None
    assert second is not None
    assert (first.ref.id, second.ref.id) == (f"leads/{opened}", f"contacts/{contact}")
    assert closed not in first.ref.id


def test_contact_tells_its_account_and_whose_that_is(world: World) -> None:
    ben = world.owner(BEN)
    account = world.fake.humans.add("account", {"name": "Firm Ltd", "ownerid": ("systemuser", ben.id)})
    values = {"lastname": "B", "emailaddress1": "p1@firm.example", "parentcustomerid": ("account", account)}
    world.fake.humans.add("contact", values)

    (known,) = world.sink.find([keys(1)])

    assert known is not None
    assert (known.values["company"], known.account_owner) == ("Firm Ltd", ben)


def test_qualified_lead_goes_on_as_its_contact_and_without_one_as_itself(world: World, lead: Ref) -> None:
    (second,) = refs(world.sink.upsert([record(2)]))
    contact = world.fake.humans.qualify(world.id_of(lead))
    world.fake.humans.qualify(world.id_of(second), contact=False)

    one, two = world.sink.find([keys(1, ref=lead), keys(2, ref=second)])

    assert one is not None
    assert two is not None
    assert (one.ref.id, two.ref.id) == (f"contacts/{contact}", second.id)


def test_quotes_in_addresses_and_keys_are_only_text(world: World) -> None:
    odd = LeadKeys("lead-o'neil", ("o'neil@firm.example",))
    order = replace(record(1), keys=odd, fields={"email": "o'neil@firm.example"})
    (ref,) = refs(world.sink.upsert([order]))

    found = world.sink.find(
        [LeadKeys("lead-o'neil"), LeadKeys("x", odd.emails), LeadKeys("x' or 1 eq 1 or 'a", ("'",))]
    )

    assert [known.ref if known else None for known in found] == [ref, ref, None]


def test_same_lead_sent_by_somebody_who_does_not_know_fills_only_what_is_empty(world: World, lead: Ref) -> None:
    world.fake.humans.edit(world.id_of(lead), {"jobtitle": "Chief"})
    world.fake.humans.give(world.id_of(lead), world.owner(BEN).id)
    other = world.another_sink()

    (outcome,) = other.upsert([record(1, fields={"job_title": "Clerk", "phone": "+4930"}, owner=world.owner(ANNA))])

    row = world.row(lead)
    assert outcome == Done(lead, created=False)
    assert (row["jobtitle"], row["telephone1"], row["_ownerid_value"]) == ("Chief", "+4930", world.owner(BEN).id)


def test_two_daemons_that_make_the_same_lead_make_one(world: World, lead: Ref) -> None:
    """Dataverse names the key that is taken where both were at work at once."""
    taken = b'{"error":{"code":"0x80060892","message":"Entity Key violated."}}'
    head = b"--r\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    body = head + b"HTTP/1.1 412 Precondition Failed\r\n\r\n" + taken + b"\r\n--r--\r\n"
    headers = {"Content-Type": "multipart/mixed; boundary=r"}
    other = world.another_sink()
    world.fake.order_fault("answer", "POST", PATCH_LEADS, status=200, body=body, headers=headers)

    (outcome,) = other.upsert([record(1, fields={"phone": "+4930"})])

    assert outcome == Done(lead, created=False)
    assert world.row(lead)["telephone1"] == "+4930"


def test_only_what_changed_is_sent_and_our_key_only_once(world: World, lead: Ref) -> None:
    (known,) = world.sink.find([keys(1)])
    order = replace(record(1, ref=lead, fields={"phone": "+4930"}), known=known)

    refs(world.sink.upsert([order]))

    body = next(call.body for call in reversed(world.fake.log) if call.path == PATCH_LEADS)
    assert b'{"telephone1":"+4930"}' in body
    assert b'If-Match: W/"' in body


def test_change_of_nothing_makes_no_call(world: World, lead: Ref) -> None:
    (known,) = world.sink.find([keys(1)])
    before = world.batches()

    (outcome,) = world.sink.upsert([replace(record(1, ref=lead, fields={}), known=known)])

    assert outcome == Done(lead, created=False)
    assert world.batches() == before


def test_rep_who_writes_between_our_look_and_our_write_is_not_overwritten(world: World, lead: Ref) -> None:
    (known,) = world.sink.find([keys(1)])
    world.fake.humans.edit(world.id_of(lead), {"telephone1": "+49 89"})
    order = replace(record(1, ref=lead, fields={"phone": "+4930"}), known=known)

    (outcome,) = world.sink.upsert([order])

    assert isinstance(outcome, Wait)
    assert world.row(lead)["telephone1"] == "+49 89"


def test_table_without_versions_is_written_without_the_condition(tmp_path: Path) -> None:
    with dynamics_world(tmp_path, versions=False) as world:
        (ref,) = refs(world.sink.upsert([record(1)]))
        (known,) = world.sink.find([keys(1, ref=ref)])

        (outcome,) = world.sink.upsert([replace(record(1, ref=ref, fields={"phone": "+4930"}), known=known)])

        assert outcome == Done(ref, created=False)
        assert world.row(ref)["telephone1"] == "+4930"


def test_known_contact_gets_our_key_unless_another_record_has_it(world: World, lead: Ref) -> None:
    contact = world.fake.humans.add("contact", {"lastname": "B", "emailaddress1": "p2@firm.example"})
    taken = world.fake.humans.add("contact", {"lastname": "D", "syncd_key": "lead-3"})
    (known,) = world.sink.find([keys(2)])
    assert known is not None
    free = replace(record(2, ref=known.ref, fields={"phone": "1"}), known=known)

    refs(world.sink.upsert([free, record(3, ref=Ref("person", f"contacts/{taken}"), fields={"phone": "2"})]))
    other = world.fake.humans.add("contact", {"lastname": "E"})
    refs(world.sink.upsert([record(3, ref=Ref("person", f"contacts/{other}"), fields={"phone": "3"})]))

    assert world.fake.row(contact)["syncd_key"] == "lead-2"
    assert (world.fake.row(other)["syncd_key"], world.fake.row(other)["telephone1"]) == (None, "3")


def test_one_address_in_a_batch_makes_one_record(world: World) -> None:
    twin = replace(record(2), keys=LeadKeys("lead-2", ("P1@firm.example",)))

    first, second = world.sink.upsert([record(1, fields={"email": "p1@firm.example"}), twin])
    (again,) = refs(world.sink.upsert([twin]))

    assert isinstance(first, Done)
    assert isinstance(second, Wait)
    assert again == first.ref


def test_team_and_user_can_own_and_the_inactive_one_is_refused_as_an_owner(world: World) -> None:
    team, ben = world.sink.owners()["inbound@sales.example"], world.owner(BEN)
    world.fake.humans.leave(ben.id)

    first, second = world.sink.upsert([record(1, owner=team), record(2, owner=ben)])

    assert isinstance(first, Done)
    assert world.row(first.ref)["_ownerid_value"] == team.id
    assert isinstance(second, Refusal)
    assert second.owner
    assert not world.owner(BEN).active  # the list has been read again


def test_owner_whom_the_role_does_not_let_own_is_refused_as_an_owner(world: World) -> None:
    world.fake.humans.delete(world.owner(BEN).id)
    gone = replace(world.owner(ANNA), id="00000000-0000-4000-8000-000000000001")

    (outcome,) = world.sink.upsert([record(1, owner=gone)])

    assert isinstance(outcome, Refusal)
    assert outcome.owner
    assert "systemuser" in outcome.reason


def test_leads_wait_while_the_index_of_the_key_is_being_built(tmp_path: Path) -> None:
    with dynamics_world(tmp_path, prepared=False, key_delay=120) as world:
        world.sink.prepare(apply=True)

        with pytest.raises(RateLimited, match="being built"):
            world.sink.upsert([record(1)])
        world.advance(minutes=3)

        assert len(refs(world.sink.upsert([record(1)]))) == 1


@pytest.mark.parametrize("kind", ["commit_then_drop", "half_body", "reset"])
def test_lost_answer_to_a_batch_is_doubt_for_all_of_it_and_nothing_is_doubled(world: World, kind: Any) -> None:
    orders = [record(number) for number in range(5)]
    world.sink.find([keys(0)])
    world.fake.order_fault(kind, "POST", PATCH_LEADS)

    with pytest.raises(Ambiguous):
        world.sink.upsert(orders)
    again = refs(world.sink.upsert([replace(order, sent_at=world.clock.now()) for order in orders]))

    assert len(set(again)) == len(world.fake.rows("lead")) == 5


def test_task_says_when_who_and_what_and_its_id_is_that_of_its_mark(world: World, lead: Ref) -> None:
    due = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)

    (ref,) = refs(world.sink.add_tasks([task(1, lead, owner=world.owner(BEN), due_at=due, priority="high")]))

    row = world.fake.row(ref.id)
    assert ref.id == row["activityid"] == id_of("task", "task-1")
    assert (row["scheduledend"], row["prioritycode"], row["subject"]) == ("2026-03-02T14:30:00Z", 2, "Call 1")
    assert (row["_ownerid_value"], row["_regardingobjectid_value"]) == (world.owner(BEN).id, world.id_of(lead))
    assert (row["description"], mark_in(row["description"])) == ("Why?\n\nsyncd: task-1", "task-1")


def test_raised_task_is_changed_where_it_differs(world: World, lead: Ref) -> None:
    (ref,) = refs(world.sink.add_tasks([task(1, lead)]))
    raised = task(1, lead, ref=ref, priority="high", body="And a discount?")

    (outcome,) = world.sink.add_tasks([replace(raised, mark="task-raised")])

    row = world.fake.row(ref.id)
    body = next(call.body for call in reversed(world.fake.log) if "PATCH/tasks" in call.path)
    assert outcome == Done(ref, created=False)
    assert (row["prioritycode"], row["description"]) == (2, "And a discount?\n\nsyncd: task-1")
    assert b"scheduledend" not in body


def test_raised_task_keeps_the_words_and_the_owner_that_a_person_gave_it(world: World, lead: Ref) -> None:
    (ref,) = refs(world.sink.add_tasks([task(1, lead, owner=world.owner(ANNA))]))
    world.fake.humans.edit(ref.id, {"description": "Rings on Monday"})
    world.fake.humans.give(ref.id, world.owner(BEN).id)

    refs(world.sink.add_tasks([task(1, lead, ref=ref, priority="high", owner=world.owner(ANNA), body="New")]))

    row = world.fake.row(ref.id)
    assert (row["description"], row["prioritycode"]) == ("Rings on Monday", 2)
    assert row["_ownerid_value"] == world.owner(BEN).id


def test_task_that_a_person_deleted_is_made_again(world: World, lead: Ref) -> None:
    (ref,) = refs(world.sink.add_tasks([task(1, lead)]))
    world.fake.humans.delete(ref.id)

    (again,) = world.sink.add_tasks([task(1, lead, ref=ref)])

    assert again == Done(ref)
    assert len(world.fake.rows("task")) == 1


def test_task_and_note_of_a_merged_lead_hang_on_the_survivor_or_on_what_is_left(world: World, lead: Ref) -> None:
    (lost,) = refs(world.sink.upsert([record(2)]))
    world.fake.humans.delete(world.id_of(lost))

    (first,) = world.sink.add_notes([note(1, lost)])
    (second,) = world.sink.add_notes([note(2, lead)])

    assert isinstance(first, Refusal)
    assert isinstance(second, Done)


def test_ref_of_another_sink_is_refused_alone(world: World, lead: Ref) -> None:
    first, second = world.sink.add_tasks([task(1, Ref("Lead", "00Q1")), task(2, lead)])

    assert isinstance(first, Refusal)
    assert isinstance(second, Done)


def test_note_has_its_title_and_its_mark(world: World, lead: Ref) -> None:
    (ref,) = refs(world.sink.add_notes([note(1, lead)]))

    row = world.fake.row(ref.id)
    assert (row["subject"], row["notetext"]) == ("Enquiry", "Asked again\n\nsyncd: note-1")
    assert row["_objectid_value"] == world.id_of(lead)


def test_texts_are_cut_as_utf_16_counts_them(world: World) -> None:
    long = "👩" * 3_000

    (ref,) = refs(world.sink.upsert([record(1, fields={"message": long, "company": long, "website": "w" * 300})]))
    refs(world.sink.add_tasks([task(1, ref, subject=long, body=long)]))

    row = world.row(ref)
    assert row["description"].endswith("[...]")
    assert row["websiteurl"] is None  # half of an address is another
    assert mark_in(world.fake.rows("task")[0]["description"]) == "task-1"


def test_token_is_asked_for_once_and_kept_for_who_starts_next(world: World, lead: Ref) -> None:
    world.another_sink().find([keys(1, ref=lead)])

    assert world.fake.calls["POST", "/fake-tenant/oauth2/v2.0/token"] == 1


def test_limit_of_requests_is_waited_out_as_long_as_dataverse_says(world: World, lead: Ref) -> None:
    world.fake.order_fault("too_many", "POST", "*/$batch/*")

    with pytest.raises(RateLimited) as raised:
        world.sink.find([keys(1)])

    assert raised.value.after == timedelta(seconds=47)
