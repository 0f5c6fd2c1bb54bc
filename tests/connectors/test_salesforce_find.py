"""Who is known already: leads and contacts, by ref, by our key and by address."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import LeadKeys, Ref, Retryable
from tests.connectors.hubspot_world import keys, record, refs
from tests.connectors.salesforce_world import ANNA, BEN, World, salesforce_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with salesforce_world(tmp_path) as world:
        yield world


def lead(world: World, **values: Any) -> str:
    """One that somebody typed in."""
    given = {"LastName": "Typed", "Company": "In", "Email": "p1@firm.example", **values}
    return world.fake.people.add("Lead", given)


def contact(world: World, **values: Any) -> str:
    return world.fake.people.add("Contact", {"LastName": "Typed", "Email": "p1@firm.example", **values})


def found(world: World, *leads: LeadKeys) -> list[str]:
    """The ids, empty for strangers."""
    return [known.ref.id if known else "" for known in world.sink.find(list(leads))]


def test_lead_is_found_by_any_of_its_addresses_in_any_case(world: World) -> None:
    there = lead(world, Email="Ada@Firm.Example")

    assert found(world, keys(1, emails=("new@firm.example", "ADA@firm.example"))) == [there]


@pytest.mark.parametrize(
    "address", ["o'neil@firm.example", "a\\'b@firm.example", "x') OR (Id != '", 'say"hi"@x.example', "tab\t@x.example"]
)
def test_address_with_signs_of_soql_is_a_plain_value(world: World, address: str) -> None:
    lead(world, Email="somebody@firm.example")

    assert found(world, keys(1, emails=(address,))) == [""]


def test_apostrophe_in_an_address_is_found_again(world: World) -> None:
    there = lead(world, Email="o'neil@firm.example")

    assert found(world, keys(1, emails=("o'neil@firm.example",))) == [there]


def test_our_key_wins_over_an_address(world: World) -> None:
    (ours,) = refs(world.sink.upsert([record(1)]))
    world.fake.people.edit(ours.id, {"Email": "moved@firm.example"})
    lead(world)

    assert found(world, keys(1)) == [ours.id]


def test_contact_stands_for_the_lead_that_was_converted_to_it(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    person = world.fake.people.convert(ref.id)

    assert found(world, keys(1), keys(1, ref=ref), LeadKeys("other", ref=ref)) == [person] * 3


def test_open_lead_goes_before_a_converted_one(world: World) -> None:
    world.fake.people.convert(lead(world))
    world.fake.people.edit(world.fake.records("Contact")[0]["Id"], {"Email": "else@firm.example"})
    there = lead(world)

    assert found(world, keys(1)) == [there]


def test_of_several_whoever_was_active_last_is_meant_and_then_the_oldest(world: World) -> None:
    first, second, third = lead(world), lead(world), contact(world)
    assert found(world, keys(1)) == [third]  # the ids of contacts are lower: none was active, all are of one moment

    world.fake.org.record(second).values["LastActivityDate"] = "2026-03-01"

    assert found(world, keys(1)) == [second]
    assert first


def test_merged_record_is_followed_to_the_one_that_is_left(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    winner = lead(world, Email="winner@firm.example")
    world.fake.people.merge(winner, ref.id)

    assert found(world, keys(1, ref=ref)) == [winner]


def test_merged_lead_whose_master_was_converted_is_followed_to_the_contact(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    winner = lead(world, Email="winner@firm.example")
    world.fake.people.merge(winner, ref.id)
    person = world.fake.people.convert(winner)

    assert found(world, LeadKeys("lead-1", ref=ref)) == [person]


def test_deleted_record_is_a_stranger(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    world.fake.people.delete(ref.id)

    assert found(world, keys(1, ref=ref)) == [""]


def test_fillers_are_no_values(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1, fields={"email": "p1@firm.example"})]))

    (known,) = world.sink.find([keys(1)])

    assert world.values(ref)["Company"] == world.values(ref)["LastName"] == "[not provided]"
    assert known is not None
    assert known.values.keys().isdisjoint({"company", "last_name"})


def test_owner_and_owner_of_the_account_come_along(world: World) -> None:
    anna, ben = world.owner(ANNA), world.owner(BEN)
    account = world.fake.people.add("Account", {"Name": "Firm Ltd", "OwnerId": ben.id})
    contact(world, AccountId=account, OwnerId=anna.id)

    (known,) = world.sink.find([keys(1)])

    assert known is not None
    assert (known.owner, known.account_owner) == (anna, ben)
    assert known.values["company"] == "Firm Ltd"


def test_four_hundred_people_are_looked_up_by_two_calls(world: World) -> None:
    refs(world.sink.upsert([record(1)]))
    asked = [
        keys(number, emails=(f"p{number}@a-rather-long-name-of-a-firm-{number}.example",)) for number in range(400)
    ]
    world.sink.find([keys(1)])

    with world.counted() as made:
        answered = world.sink.find(asked)

    assert [at for at, known in enumerate(answered) if known] == [1]
    assert made == {"POST /composite": 2}


def test_ref_of_something_else_is_nobody(world: World) -> None:
    assert found(world, LeadKeys("lead-1", ref=Ref("person", "no id")), LeadKeys("x", ref=Ref("t", "00T1"))) == ["", ""]


def test_question_that_is_refused_is_no_stranger(world: World) -> None:
    lead(world)
    world.sink.find([keys(1)])
    del world.fake.org.tables["Lead"].fields["Title"]  # hidden from us a moment ago

    with pytest.raises(Retryable, match="INVALID_FIELD"):
        world.sink.find([keys(1)])

    assert found(world, keys(1)) != [""]  # the fields were read again


@pytest.mark.parametrize(
    "page",
    [
        b'{"totalSize":1}',
        b'{"done":false,"records":[]}',
        b'{"done":true,"records":{}}',
        b'{"done":true,"records":[{"Id":"00T000000000001AAA"}]}',
    ],
)
def test_answer_that_is_no_page_is_no_stranger(world: World, page: bytes) -> None:
    world.sink.find([keys(1)])
    part = b'{"httpStatusCode":200,"httpHeaders":{},"referenceId":"q%d","body":' + page + b"}"
    parts = b",".join(part.replace(b"%d", b"%d" % at) for at in range(2))
    body = b'{"compositeResponse":[' + parts + b"]}"
    world.fake.order_fault("answer", path="*/composite", status=200, body=body)

    with pytest.raises(Retryable):
        world.sink.find([keys(1)])
