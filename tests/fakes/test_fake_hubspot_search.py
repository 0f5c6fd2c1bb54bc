"""Search: operators, pages, limits and the lag of its index."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.hubspot import FakeHubSpot, Options
from tests.fakes.hubspot_api import Api, hubspot

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def api() -> Iterator[Api]:
    with hubspot(Options(start=START)) as (_, api):
        yield api


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    given_value = {} if value is None else {"value": value}
    return {"propertyName": name, "operator": operator, **given_value, **more}


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (where("email", "EQ", "A@x.com"), "A"),
        (where("email", "NEQ", "a@x.com"), "BC"),
        (where("email", "IN", values=["a@x.com", "b@x.com"]), "AB"),
        (where("email", "IN", values=["A@x.com"]), ""),
        (where("email", "NOT_IN", values=["a@x.com"]), "BC"),
        (where("email", "HAS_PROPERTY"), "AB"),
        (where("email", "NOT_HAS_PROPERTY"), "C"),
        (where("annualrevenue", "GT", "9"), "BC"),
        (where("annualrevenue", "GTE", "10"), "BC"),
        (where("annualrevenue", "LT", "10"), "A"),
        (where("annualrevenue", "LTE", "10"), "AB"),
        (where("annualrevenue", "BETWEEN", "9", highValue="10"), "AB"),
        (where("message", "CONTAINS_TOKEN", "offer"), "A"),
        (where("message", "CONTAINS_TOKEN", "off*"), "AB"),
        (where("message", "NOT_CONTAINS_TOKEN", "offer"), "BC"),
        (where("hs_lead_status", "EQ", "NEW"), "A"),
        (where("createdate", "LTE", "1772442000000"), "ABC"),
        (where("createdate", "GT", "2026-03-02T09:00:00Z"), ""),
    ],
)
def test_each_operator_finds_what_it_should(api: Api, condition: dict[str, Any], names: str) -> None:
    api.made(
        "contacts",
        lastname="A",
        email="a@x.com",
        annualrevenue="9",
        message="An offer!",
        hs_lead_status="NEW",
    )
    api.made("contacts", lastname="B", email="b@x.com", annualrevenue="10", message="official")
    api.made("contacts", lastname="C", annualrevenue="11")

    rows = api.search("contacts", condition).json()["results"]

    assert "".join(each["properties"]["lastname"] for each in rows) == names


def test_groups_are_alternatives_and_a_query_looks_everywhere(api: Api) -> None:
    first, second, third = (api.made("contacts", email=f"{n}@x.com", lastname=n) for n in "abc")
    groups = [{"filters": [where("lastname", "EQ", name)]} for name in "ab"]

    either = api.post("/contacts/search", {"filterGroups": groups, "sorts": ["-lastname"]}).json()

    assert [each["id"] for each in either["results"]] == [second, first]
    assert api.found("contacts", query="C@x") == [third]
    assert api.post("/contacts/search", {}).json()["total"] == 3


def test_pages_are_followed_by_after(api: Api) -> None:
    made = [api.made("contacts", lastname=f"n{n}") for n in range(5)]

    first = api.search("contacts", limit=2).json()
    last = api.search("contacts", limit=2, after="4").json()

    assert first["total"] == 5
    assert first["paging"]["next"]["after"] == "2"
    assert [each["id"] for each in first["results"]] == made[:2]
    assert [each["id"] for each in last["results"]] == made[4:]
    assert "paging" not in last


def test_only_named_properties_come_back_and_missing_ones_are_null(api: Api) -> None:
    api.made("contacts", email="a@x.com")

    (row,) = api.search("contacts", properties=["phone", "no_such"]).json()["results"]

    assert row["properties"]["phone"] is None
    assert "email" not in row["properties"]
    assert "no_such" not in row["properties"]


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": [{"filters": [where("email", "HAS_PROPERTY", "")]}]},
        {"filterGroups": [{"filters": [where("email", "EQ")]}]},
        {"filterGroups": [{"filters": [where("email", "IN", "a@x.com")]}]},
        {"filterGroups": [{"filters": [where("email", "IN", values=[])]}]},
        {"filterGroups": [{"filters": [where("email", "LIKE", "a")]}]},
        {"filterGroups": [{"filters": [where("no_such", "EQ", "a")]}]},
        {"filterGroups": [{"filters": [where("createdate", "GT", "yesterday")]}]},
        {"filterGroups": [{"filters": [where("email", "EQ", "a")] * 7}]},
        {"filterGroups": [{"filters": [where("email", "EQ", "a")]}] * 6},
        {"filterGroups": [{"filters": [where("email", "EQ", "a")] * 4}] * 5},
        {"limit": 201},
        {"limit": 0},
        {"after": "10000"},
        {"after": "x"},
        {"sorts": ["email", "createdate"]},
        {"sorts": ["no_such"]},
        {"filter": []},
        {"query": "x" * 3000},
    ],
)
def test_searches_that_hubspot_refuses(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/contacts/search", body).status_code == 400


def test_changes_are_found_oldest_first_and_only_those_since(api: Api) -> None:
    first, second, third = (api.made("contacts", lastname=name) for name in "abc")
    for contact in (third, first):
        api.fake.advance(60)
        api.fake.human_edits(contact, hs_lead_status="OPEN")
    since = where("lastmodifieddate", "GTE", "2026-03-02T09:01:00.000Z")

    assert api.found("contacts", since, sorts=["lastmodifieddate"]) == [third, first]
    assert api.found("contacts", where("hs_lead_status", "NOT_HAS_PROPERTY")) == [second]


def test_the_index_lags_behind_while_batch_read_does_not() -> None:
    with hubspot(Options(start=START, search_lag=10)) as (fake, api):
        contact = api.made("contacts", email="a@x.com", city="Bonn")
        at_once = api.found("contacts")
        fake.advance(10)
        indexed = api.found("contacts", where("city", "EQ", "Bonn"))
        api.patch("contacts", contact, city="Ulm")

        old = api.search("contacts", where("city", "EQ", "Bonn"), properties=["city"]).json()
        read = api.post("/contacts/batch/read", {"inputs": [{"id": contact}], "properties": ["city"]})

        assert (at_once, indexed) == ([], [contact])
        assert old["results"][0]["properties"]["city"] == "Bonn"
        assert read.json()["results"][0]["properties"]["city"] == "Ulm"


def test_deleted_and_merged_away_contacts_are_not_found(api: Api) -> None:
    first, second, third = (api.made("contacts", email=f"{n}@x.com") for n in "abc")
    api.fake.human_deletes(first)

    survivor = api.fake.merge(second, third)

    assert api.found("contacts") == [survivor]


@settings(max_examples=25)
@given(revenues=st.lists(st.integers(-(10**6), 10**6), max_size=12), pivot=st.integers(-(10**6), 10**6))
def test_numbers_are_compared_and_sorted_as_numbers(revenues: list[int], pivot: int) -> None:
    with FakeHubSpot() as fake, Api(fake) as api:
        for revenue in revenues:
            fake.add_contact(lastname="x", annualrevenue=str(revenue))

        rows = api.search(
            "contacts",
            where("annualrevenue", "GTE", str(pivot)),
            sorts=[{"propertyName": "annualrevenue", "direction": "DESCENDING"}],
            properties=["annualrevenue"],
            limit=100,
        ).json()["results"]

        found = [int(each["properties"]["annualrevenue"]) for each in rows]
        assert found == sorted((each for each in revenues if each >= pivot), reverse=True)
