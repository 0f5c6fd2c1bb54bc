"""The company of a business domain: found or made, linked, and never in the way of its contact."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.connectors.hubspot_world import World, hubspot_world, record, refs
from tests.fakes.hubspot.options import ALL_SCOPES

COMPANY_CALLS = ("companies/search", "companies/batch/upsert", "associate/default")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, search_lag=30) as world:
        yield world


def of_company(number: int, domain: str = "acme.example", name: str = "Acme Ltd") -> object:
    order = record(number, company_domain=domain, emails=(f"p{number}@{domain}",))
    return replace(order, fields={**order.fields, "company": name})


def linked(world: World) -> dict[str, list[str]]:
    """The domains of the companies of each contact, by its address."""
    domains = {each["id"]: each["properties"]["domain"] for each in world.fake.companies}
    return {
        each["properties"]["email"]: [
            domains[company] for company in each["associations"].get("companies", {}) if company in domains
        ]
        for each in world.fake.contacts
    }


def spent(calls: dict[str, int]) -> list[int]:
    """Calls for companies: searches, upserts, associations."""
    return [sum(times for path, times in calls.items() if path.endswith(end)) for end in COMPANY_CALLS]


def test_company_is_made_and_linked(world: World) -> None:
    refs(world.sink.upsert([of_company(1)]))

    (company,) = world.fake.companies
    assert company["properties"]["name"] == "Acme Ltd"
    assert linked(world) == {"p1@acme.example": ["acme.example"]}


def test_company_without_a_name_goes_by_its_domain(world: World) -> None:
    refs(world.sink.upsert([record(1, company_domain="acme.example")]))

    assert world.fake.companies[0]["properties"]["name"] == "acme.example"


def test_company_that_people_made_is_used(world: World) -> None:
    theirs = world.add_company(domain="acme.example", name="ACME Holding")
    world.advance(minutes=1)

    refs(world.sink.upsert([of_company(1)]))

    assert [each["id"] for each in world.fake.companies] == [theirs]
    assert world.fake.companies[0]["properties"]["name"] == "ACME Holding"
    assert linked(world) == {"p1@acme.example": ["acme.example"]}


def test_hundred_leads_of_many_companies_cost_three_calls(world: World) -> None:
    orders = [of_company(number, f"firm{number % 80}.example") for number in range(100)]

    with world.counted() as calls:
        refs(world.sink.upsert(orders))

    assert spent(calls) == [1, 1, 1]
    assert len(world.fake.companies) == 80


def test_known_company_costs_only_the_link_and_a_known_link_nothing(world: World) -> None:
    refs(world.sink.upsert([of_company(1)]))

    with world.counted() as second:
        refs(world.sink.upsert([of_company(2)]))
    with world.counted() as again:
        refs(world.sink.upsert([of_company(2)]))

    assert (spent(second), spent(again)) == ([0, 0, 1], [0, 0, 0])


def test_two_daemons_in_the_lag_of_the_search_make_one_company(world: World) -> None:
    other = world.another_sink()

    refs(world.sink.upsert([of_company(1)]))
    refs(other.upsert([of_company(2)]))

    assert len(world.fake.companies) == 1
    assert linked(world)["p2@acme.example"] == ["acme.example"]


@pytest.mark.parametrize("fault", ["too_many", "server_error", "commit_then_drop"])
@pytest.mark.parametrize("call", ["*/companies/search", "*/companies/batch/upsert", "*/associate/default"])
def test_trouble_with_companies_leaves_the_contact_done_and_the_link_owed(world: World, fault: str, call: str) -> None:
    world.fake.order_fault(fault, path=call)

    refs(world.sink.upsert([of_company(1)]))
    world.advance(minutes=2)
    refs(world.sink.upsert([record(2)]))

    assert linked(world)["p1@acme.example"] == ["acme.example"]
    assert len(world.fake.companies) == 1


def test_impossible_domain_costs_its_neighbours_nothing(world: World) -> None:
    orders = [record(1, company_domain="x" * 66_000 + ".example"), of_company(2, "firm.example")]

    refs(world.sink.upsert(orders))

    assert linked(world)["p2@firm.example"] == ["firm.example"]


def test_refused_company_costs_its_neighbours_nothing(world: World) -> None:
    orders = [of_company(1, "long.example", "x" * 70_000), of_company(2, "firm.example")]

    refs(world.sink.upsert(orders))

    assert linked(world)["p2@firm.example"] == ["firm.example"]


def test_missing_scope_is_asked_for_once_in_an_hour(tmp_path: Path) -> None:
    scopes = frozenset(scope for scope in ALL_SCOPES if "companies" not in scope)
    with hubspot_world(tmp_path, scopes=scopes) as world:
        refs(world.sink.upsert([of_company(1)]))

        with world.counted() as calls:
            refs(world.sink.upsert([of_company(2)]))

        assert spent(calls) == [0, 0, 0]


def test_company_deleted_since_is_looked_for_again(world: World) -> None:
    refs(world.sink.upsert([of_company(1)]))
    world.fake.human_deletes(world.fake.companies[0]["id"])
    world.advance(minutes=1)

    refs(world.sink.upsert([of_company(2)]))
    refs(world.sink.upsert([record(3)]))

    assert linked(world)["p2@acme.example"] == ["acme.example"]


def test_account_that_was_not_prepared_gets_no_companies_made(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False) as world:
        refs(world.sink.upsert([of_company(1)]))

        assert world.fake.companies == []
