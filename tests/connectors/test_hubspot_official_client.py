"""The vendor's own client as a judge of the fake: what it sends is taken, what it gets back it can read.

It speaks v3 and v4 only. See https://pypi.org/project/hubspot-api-client/
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException
from hubspot.crm.contacts.exceptions import NotFoundException, UnauthorizedException
from hubspot.crm.objects.tasks import ApiException as TaskApiException

from tests.connectors.hubspot_world import ANNA, DUE, World, hubspot_world, record, refs, task
from tests.fakes.hubspot import FakeHubSpot, Options

PATIENCE = (5, 5)  # the client has no timeout of its own
LINK = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}


@pytest.fixture
def fake() -> Iterator[FakeHubSpot]:
    with FakeHubSpot(Options(owners=(ANNA,), unique_task_properties=True)) as fake:
        yield fake


@pytest.fixture
def client(fake: FakeHubSpot) -> Any:
    return client_of(fake)


def client_of(fake: FakeHubSpot) -> Any:
    return HubSpot(access_token=fake.token, host=fake.base_url)


def upsert(client: Any, *addresses: str, **properties: str) -> Any:
    inputs = [{"id": address, "idProperty": "email", "properties": properties} for address in addresses]
    return client.crm.contacts.batch_api.upsert({"inputs": inputs}, _request_timeout=PATIENCE)


def test_batch_upsert_makes_and_then_changes(client: Any) -> None:
    made = upsert(client, "a@firm.example", "b@firm.example", firstname="A")
    changed = upsert(client, "a@firm.example", "b@firm.example", firstname="B")

    assert made.status == "COMPLETE"
    assert [each.new for each in made.results] == [True, True]
    assert [each.new for each in changed.results] == [False, False]
    assert {each.id for each in made.results} == {each.id for each in changed.results}
    assert {each.properties["firstname"] for each in changed.results} == {"B"}


def test_task_is_made_on_its_contact_in_one_call(client: Any, fake: FakeHubSpot) -> None:
    (contact,) = upsert(client, "a@firm.example").results
    properties = {"hs_timestamp": "2026-03-02T14:30:00Z", "hs_task_subject": "Call", "hs_task_type": "CALL"}
    inputs = [{"properties": properties, "associations": [{"to": {"id": contact.id}, "types": [LINK]}]}]

    made = client.crm.objects.tasks.batch_api.create({"inputs": inputs}, _request_timeout=PATIENCE)

    assert made.results[0].properties["hs_task_subject"] == "Call"
    assert fake.tasks[0]["associations"] == {"contacts": {contact.id: [204]}}


def test_task_without_a_due_time_is_refused(client: Any) -> None:
    with pytest.raises(TaskApiException) as raised:
        client.crm.objects.tasks.batch_api.create({"inputs": [{"properties": {}}]}, _request_timeout=PATIENCE)

    assert raised.value.status == 400


def test_partial_failure_is_read_as_one(client: Any, fake: FakeHubSpot) -> None:
    contact = fake.add_contact(email="a@firm.example")
    inputs = [
        {"id": contact, "properties": {"city": "Bonn"}, "objectWriteTraceId": "1"},
        {"id": "424242", "properties": {"city": "Bonn"}, "objectWriteTraceId": "2"},
    ]

    answer = client.crm.contacts.batch_api.update({"inputs": inputs}, _request_timeout=PATIENCE)

    assert type(answer).__name__.endswith("WithErrors")
    assert (answer.num_errors, len(answer.results)) == (1, 1)
    assert answer.errors[0].context["objectWriteTraceId"] == ["2"]


def test_batch_read_by_address_answers_for_the_known_ones(client: Any, fake: FakeHubSpot) -> None:
    contact = fake.add_contact(email="a@firm.example", city="Bonn")
    asked = {
        "idProperty": "email",
        "inputs": [{"id": "a@firm.example"}, {"id": "nobody@firm.example"}],
        "properties": ["city"],
        "propertiesWithHistory": [],
    }

    answer = client.crm.contacts.batch_api.read(asked, _request_timeout=PATIENCE)

    assert [(each.id, each.properties["city"]) for each in answer.results] == [(contact, "Bonn")]


def test_search_finds_by_value(client: Any, fake: FakeHubSpot) -> None:
    fake.add_contact(email="a@firm.example")
    contact = fake.add_contact(email="b@firm.example")
    wanted = {"propertyName": "email", "operator": "EQ", "value": "b@firm.example"}
    asked = {"filterGroups": [{"filters": [wanted]}], "properties": [], "sorts": [], "limit": 10, "after": "0"}

    answer = client.crm.contacts.search_api.do_search(asked, _request_timeout=PATIENCE)

    assert (answer.total, answer.results[0].id) == (1, contact)


def test_owners_come_in_pages(client: Any, fake: FakeHubSpot) -> None:
    fake.add_owner("ben@sales.example", "Ben Two")

    first = client.crm.owners.owners_api.get_page(limit=1, _request_timeout=PATIENCE)
    second = client.crm.owners.owners_api.get_page(limit=1, after=first.paging.next.after, _request_timeout=PATIENCE)

    assert [each.email for each in (*first.results, *second.results)] == [ANNA, "ben@sales.example"]
    assert second.paging is None
    assert first.results[0].type == "PERSON"


def test_property_is_made_and_becomes_an_upsert_key(client: Any, fake: FakeHubSpot) -> None:
    wanted = {
        "name": "our_key",
        "label": "Our key",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
        "hasUniqueValue": True,
    }

    made = client.crm.properties.core_api.create("contacts", wanted, _request_timeout=PATIENCE)

    listed = client.crm.properties.core_api.get_all("contacts", _request_timeout=PATIENCE)
    assert made.has_unique_value
    assert "our_key" in {each.name for each in listed.results}
    inputs = [{"id": "k1", "idProperty": "our_key", "properties": {"lastname": "Tor"}}]
    client.crm.contacts.batch_api.upsert({"inputs": inputs}, _request_timeout=PATIENCE)
    assert fake.contacts[0]["properties"]["our_key"] == "k1"


def test_company_is_linked_by_default_association(client: Any, fake: FakeHubSpot) -> None:
    contact = fake.add_contact(email="a@firm.example")
    company = client.crm.companies.basic_api.create(
        {"properties": {"name": "Firm", "domain": "firm.example"}, "associations": []}, _request_timeout=PATIENCE
    )
    inputs = [{"from": {"id": contact}, "to": {"id": company.id}}]

    answer = client.crm.associations.v4.batch_api.create_default(
        "contacts", "companies", {"inputs": inputs}, _request_timeout=PATIENCE
    )

    assert answer.status == "COMPLETE"
    assert list(fake.contacts[0]["associations"]["companies"]) == [company.id]


def test_grant_is_refreshed(client: Any, fake: FakeHubSpot) -> None:
    answer = client.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id=fake.options.client_id,
        client_secret=fake.options.client_secret,
        refresh_token=fake.options.refresh_token,
        _request_timeout=PATIENCE,
    )

    fresh = HubSpot(access_token=answer.access_token, host=fake.base_url)
    assert answer.expires_in == 1800
    assert fresh.crm.owners.owners_api.get_page(_request_timeout=PATIENCE).results[0].email == ANNA


def test_errors_arrive_as_the_clients_own_classes(client: Any, fake: FakeHubSpot) -> None:
    with pytest.raises(NotFoundException):
        client.crm.contacts.basic_api.get_by_id("424242", _request_timeout=PATIENCE)
    with pytest.raises(ApiException) as unknown_property:
        upsert(client, "a@firm.example", no_such_property="x")
    fake.revoke_token()
    with pytest.raises(UnauthorizedException):
        upsert(client, "a@firm.example")

    assert unknown_property.value.status == 400
    assert "PROPERTY_DOESNT_EXIST" in unknown_property.value.body


def test_what_our_sink_wrote_the_official_client_can_read(tmp_path: Path) -> None:
    with hubspot_world(tmp_path) as world:
        ref, made = contact_and_task(world)
        client = client_of(world.fake)

        contact = client.crm.contacts.basic_api.get_by_id(ref, properties=["syncd_key"], _request_timeout=PATIENCE)
        seen = client.crm.objects.tasks.basic_api.get_by_id(
            made, properties=["hs_timestamp"], associations=["contacts"], _request_timeout=PATIENCE
        )

    assert contact.properties["syncd_key"] == "lead-1"
    assert seen.properties["hs_timestamp"] == DUE.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert [each.id for each in seen.associations["contacts"].results] == [ref]


def contact_and_task(world: World) -> tuple[str, str]:
    (ref,) = refs(world.sink.upsert([record(1)]))
    (made,) = refs(world.sink.add_tasks([task(1, ref)]))
    return ref.id, made.id
