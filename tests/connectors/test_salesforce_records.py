"""Leads and contacts are brought to the wanted state, one by one in one call."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import AuthFailed, Done, OwnerRef, RateLimited, RecordOrder, Ref, Refusal, Wait
from tests.connectors.hubspot_world import keys, record, refs
from tests.connectors.salesforce_world import ANNA, QUEUE, START, World, salesforce_world

EMAIL = {"email": "p1@firm.example"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with salesforce_world(tmp_path) as world:
        yield world


def written(world: World, *orders: RecordOrder) -> list[dict[str, Any]]:
    return [world.values(ref) for ref in refs(world.sink.upsert(list(orders)))]


def again(world: World, order: RecordOrder) -> RecordOrder:
    """The order as the core makes it after it has looked: with what is known."""
    (known,) = world.sink.find([order.keys])
    assert known is not None
    return replace(order, known=known, keys=replace(order.keys, ref=known.ref))


def test_lead_without_name_and_company_gets_fillers(world: World) -> None:
    (values,) = written(world, record(1, fields=EMAIL))

    assert (values["LastName"], values["Company"], values["Email"]) == (
        "[not provided]",
        "[not provided]",
        "p1@firm.example",
    )


def test_real_name_takes_the_place_of_a_filler(world: World) -> None:
    written(world, record(1, fields=EMAIL))

    (values,) = written(world, again(world, record(1, fields={"last_name": "Real", "company": "Ltd"})))

    assert (values["LastName"], values["Company"]) == ("Real", "Ltd")


def test_leads_and_contacts_are_changed_by_one_call(world: World) -> None:
    (lead,) = refs(world.sink.upsert([record(1)]))
    person = world.fake.people.add("Contact", {"LastName": "Typed", "Email": "p2@firm.example"})
    orders = [
        record(1, ref=lead, fields={"job_title": "CTO"}),
        record(2, ref=Ref("person", person), fields={"street": "1 A"}),
    ]

    world.sink.find([keys(1)])  # with all that is asked once

    with world.counted() as made:
        written(world, *orders)

    assert made == {"PATCH /composite/sobjects": 1}
    assert world.fake.record(lead.id)["Title"] == "CTO"
    assert world.fake.record(person)["MailingStreet"] == "1 A"


def test_two_hundred_and_one_strangers_take_two_calls(world: World) -> None:
    written(world, record(0))

    with world.counted() as made:
        outcomes = world.sink.upsert([record(number) for number in range(1, 202)])

    assert len(refs(outcomes)) == 201
    assert made == {"PATCH /composite/sobjects/Lead/Syncd_Key__c": 2}


@pytest.mark.parametrize("word", ["duplicateResult", "duplicateResut"])
def test_whom_a_duplicate_rule_finds_is_used_and_keeps_what_they_have(tmp_path: Path, word: str) -> None:
    with salesforce_world(tmp_path, duplicate_rule="block", duplicate_word=word) as world:
        given = {
            "FirstName": "First1",
            "LastName": "Last1",
            "Phone": "+49301",
            "Title": "Typed",
            "OwnerId": world.owner(ANNA).id,
        }
        person = world.fake.people.add("Contact", given)
        order = record(1, fields={"first_name": "First1", "last_name": "Last1", "phone": "+49301", "job_title": "New"})

        (first,) = world.sink.upsert([order])
        assert isinstance(first, Wait)
        (known,) = world.sink.find([order.keys])

        assert known is not None
        assert (known.ref.id, known.values["job_title"], known.owner) == (person, "Typed", world.owner(ANNA))
        (done,) = refs(
            world.sink.upsert([replace(order, fields={}, known=known, keys=replace(order.keys, ref=known.ref))])
        )
        assert done.id == person
        assert world.fake.record(person)["Syncd_Key__c"] == "lead-1"
        assert world.fake.records("Lead") == []


def test_match_that_is_sent_again_unlooked_still_destroys_nothing(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, duplicate_rule="block") as world:
        given = {"FirstName": "First1", "LastName": "Last1", "Phone": "+49301", "Title": "Typed"}
        person = world.fake.people.add("Contact", given)
        order = record(1, fields={"first_name": "First1", "last_name": "Last1", "phone": "+49301", "job_title": "New"})
        world.sink.upsert([order])

        (done,) = refs(world.sink.upsert([order]))

        assert (done.id, world.fake.record(person)["Title"]) == (person, "Typed")


@pytest.mark.parametrize(("rule", "records"), [("alert", 2), ("block", 1)])
def test_saving_beside_a_match_is_up_to_the_rule(tmp_path: Path, rule: str, records: int) -> None:
    with salesforce_world(tmp_path, duplicate_rule=rule, sink={"duplicates": "save"}) as world:
        given = {"FirstName": "First1", "LastName": "Last1", "Phone": "+49301", "Company": "Typed"}
        world.fake.people.add("Lead", given)

        world.sink.upsert([record(1, fields={"first_name": "First1", "last_name": "Last1", "phone": "+49301"})])

        assert len(world.fake.records("Lead")) == records


def test_locked_row_waits_apart_and_its_neighbours_do_not(world: World) -> None:
    world.fake.fail_records("UNABLE_TO_LOCK_ROW")

    locked, free = world.sink.upsert([record(1), record(2)])

    assert isinstance(locked, Wait)
    assert locked.after is not None
    assert 1 <= locked.after.total_seconds() <= 5
    assert isinstance(free, Done)


def test_key_that_stands_twice_is_parked_with_both_links(tmp_path: Path) -> None:
    with salesforce_world(tmp_path) as world:
        (ref,) = refs(world.sink.upsert([record(1)]))
        copy = world.fake.org.put("Lead", dict(world.fake.record(ref.id)))  # a clone, before the key was unique

        parked, other = world.another_sink().upsert([record(1), record(2)])

        assert isinstance(parked, Refusal)
        assert f"{world.fake.url}/lightning/r/Lead/{ref.id}/view" in parked.reason
        assert f"{world.fake.url}/lightning/r/Lead/{copy.id}/view" in parked.reason
        assert isinstance(other, Done)


def test_owner_who_has_left_is_said_so(world: World) -> None:
    anna = world.owner(ANNA)
    world.fake.deactivate(anna.id)

    (refused,) = world.sink.upsert([record(1, owner=anna)])

    assert isinstance(refused, Refusal)
    assert refused.owner
    assert not world.sink.owners()[ANNA].active


def test_owner_who_never_was_is_said_so(world: World) -> None:
    (refused,) = world.sink.upsert([record(1, owner=OwnerRef("005000000000099AAA"))])

    assert isinstance(refused, Refusal)
    assert refused.owner


def test_queue_can_own_a_lead(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, sink={"queues": {"inbound@sales.example": QUEUE}}) as world:
        queue = world.owner("inbound@sales.example")

        (values,) = written(world, record(1, owner=queue))

        assert queue.queue
        assert values["OwnerId"] == queue.id


def test_contact_is_not_offered_to_a_queue(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, sink={"object": "Contact"}) as world:
        assert not any(owner.queue for owner in world.sink.owners().values())


def test_assignment_rule_does_not_override_the_owner(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, assigns_to=ANNA) as world:
        (values,) = written(world, record(1, owner=world.owner("ben@sales.example")))

        assert values["OwnerId"] == world.owner("ben@sales.example").id


def test_long_texts_are_cut_where_it_shows_and_half_an_address_is_none(world: World) -> None:
    fields = {
        "company": "Ä" * 300,
        "last_name": "\N{GRINNING FACE}" * 50,
        "email": f"{'x' * 90}@firm.example",
        "phone": "1" * 60,
        "message": "?" * 40_000,
    }

    (values,) = written(world, record(1, fields=fields))

    assert values["Company"] == "Ä" * 249 + " [...]"
    assert values["LastName"] == "\N{GRINNING FACE}" * 37 + " [...]"
    assert len(values["Description"]) == 32_000
    assert values.keys().isdisjoint({"Email", "Phone"})


@pytest.mark.parametrize("restricted", [frozenset(), frozenset({"Lead.LeadSource"})])
def test_value_that_is_on_no_list_is_left_alone(tmp_path: Path, restricted: frozenset[str]) -> None:
    mapped = {"lead_sources": {"Website": "Web"}}
    with salesforce_world(tmp_path, restricted=restricted, sink=mapped) as world:
        one, two, three = written(
            world,
            record(1, fields={"lead_source": "Fair"}),
            record(2, fields={"lead_source": "Website"}),
            record(3, fields={"lead_source": "phone inquiry"}),
        )

    assert "LeadSource" not in one
    assert (two["LeadSource"], three["LeadSource"]) == ("Web", "Phone Inquiry")


def test_numbers_go_as_numbers_and_words_for_numbers_not_at_all(world: World) -> None:
    one, two = written(
        world,
        record(1, fields={"company_size": "250", "inquiries": "3", "first_touch_at": "2026-03-01T10:00:00Z"}),
        record(2, fields={"company_size": "11-50"}),
    )

    assert (one["NumberOfEmployees"], one["Syncd_Inquiries__c"]) == (250, 3)
    assert "NumberOfEmployees" not in two
    known = world.sink.find([keys(1)])[0]
    assert known is not None
    assert (known.values["inquiries"], known.values["first_touch_at"]) == ("3", "2026-03-01T10:00:00Z")


@pytest.mark.parametrize(
    "text", ["<b>bold</b> & co", "=HYPERLINK(1)", "' OR Id != '", "\u202eright to left", "日本語 🙂", "{!$User.Id}"]
)
def test_strange_texts_arrive_as_plain_text(world: World, text: str) -> None:
    (values,) = written(world, record(1, fields={"last_name": text, "company": text, "message": text}))

    assert (values["LastName"], values["Company"], values["Description"]) == (text, text, text)
    known = world.sink.find([keys(1)])[0]
    assert known is not None
    assert known.values["last_name"] == text


def test_session_that_ends_in_the_middle_costs_one_login(world: World) -> None:
    written(world, record(1))
    world.fake.end_sessions()

    with world.counted() as made:
        written(world, record(2))

    assert made["POST /services/oauth2/token"] == 1
    assert made["PATCH /composite/sobjects/Lead/Syncd_Key__c"] == 2


def test_spent_day_pauses_and_says_what_is_left(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, daily_limit=60) as world:

        def send_for_ever() -> None:
            for number in range(60):
                world.sink.upsert([record(number)])

        with pytest.raises(RateLimited, match="REQUEST_LIMIT_EXCEEDED") as raised:
            send_for_ever()

        told = world.sink.allowance()
        assert raised.value.after.total_seconds() == 15 * 60
        assert told is not None
        assert (told.left_today, told.per_day) == (0, 60)


def test_without_a_key_field_all_wait_for_a_person(tmp_path: Path) -> None:
    with salesforce_world(tmp_path, prepared=False) as world, pytest.raises(AuthFailed, match="Syncd_Key__c"):
        world.sink.upsert([record(1)])


def test_lead_that_was_converted_since_the_look_is_looked_up_again(world: World) -> None:
    written(world, record(1))
    order = again(world, record(1, fields={"job_title": "CTO"}))
    person = world.fake.people.convert(order.keys.ref.id if order.keys.ref else "")

    (wait,) = world.sink.upsert([order])

    assert isinstance(wait, Wait)
    (values,) = written(world, again(world, order))
    assert (values["Id"], values["Title"]) == (person, "CTO")


def test_record_that_was_deleted_since_the_look_is_looked_up_again_and_then_made(world: World) -> None:
    written(world, record(1))
    order = again(world, record(1))
    assert order.keys.ref
    world.fake.people.delete(order.keys.ref.id)

    (wait,) = world.sink.upsert([order])
    (made,) = refs(world.sink.upsert([replace(order, known=None)]))

    assert isinstance(wait, Wait)
    assert made.id != order.keys.ref.id


def test_one_address_of_two_strangers_becomes_one_record(world: World) -> None:
    one, two = record(1, fields=EMAIL), record(2, fields={**EMAIL, "last_name": "Other"}, emails=("p1@firm.example",))

    first, second = world.sink.upsert([one, two])
    assert isinstance(first, Done)
    assert isinstance(second, Wait)

    (third,) = refs(world.sink.upsert([two]))

    assert third.id == first.ref.id
    assert len(world.fake.records("Lead")) == 1


def test_doubt_about_a_stranger_never_writes_over_what_a_rep_has_typed(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    world.fake.people.edit(ref.id, {"LastName": "Corrected", "OwnerId": world.owner(ANNA).id})

    written(world, replace(record(1, owner=world.owner("ben@sales.example")), sent_at=START))

    assert world.values(ref)["LastName"] == "Corrected"
    assert world.values(ref)["OwnerId"] == world.owner(ANNA).id


def test_key_that_another_record_holds_stays_there_and_the_rest_is_written(world: World) -> None:
    refs(world.sink.upsert([record(1)]))
    other = world.fake.people.add("Lead", {"LastName": "Typed", "Company": "In"})

    (values,) = written(world, record(1, ref=Ref("person", other), fields={"job_title": "CTO"}))

    assert (values["Id"], values["Title"]) == (other, "CTO")
    assert "Syncd_Key__c" not in values


def test_value_of_a_wrong_type_costs_its_neighbours_nothing(world: World) -> None:
    """One value that the organisation reads as another type spoils a whole call there."""
    written(world, record(0))
    field = world.fake.org.tables["Lead"].fields["Title"]
    world.fake.org.tables["Lead"].fields["Title"] = replace(field, type="double")

    first, bad, last = world.sink.upsert([record(1), record(2, fields={"job_title": "CTO"}), record(3)])

    assert isinstance(first, Done)
    assert isinstance(bad, Refusal)
    assert isinstance(last, Done)
