"""Associations and merges."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.hubspot import Options
from tests.fakes.hubspot_api import Api, hubspot

DUE = "2026-03-02T09:00:00Z"
V4 = "/crm/v4"


@pytest.fixture
def api() -> Iterator[Api]:
    with hubspot(Options(owners=("anna@x.com",))) as (_, api):
        yield api


def typed(type_id: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": type_id}


def task_on(contact: str, type_id: int = 204) -> dict[str, Any]:
    link = {"to": {"id": contact}, "types": [typed(type_id)]}
    return {"properties": {"hs_timestamp": DUE}, "associations": [link]}


def test_a_task_is_made_and_joined_in_one_call(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")

    task = api.post("/tasks", task_on(contact)).json()["id"]

    assert api.fake.tasks[0]["associations"] == {"contacts": {contact: [204]}}
    assert api.fake.contacts[0]["associations"] == {"tasks": {task: [203]}}
    assert api.read("tasks", task, associations="contacts")["associations"] == {
        "contacts": {"results": [{"id": contact, "type": "contact_association"}]}
    }


@pytest.mark.parametrize("type_id", [192, 202, 1, 9999])
def test_a_type_id_of_another_pair_fails_the_whole_batch(api: Api, type_id: int) -> None:
    contact = api.made("contacts", email="a@x.com")

    answer = api.post("/tasks/batch/create", {"inputs": [task_on(contact), task_on(contact, type_id)]})

    assert answer.status_code == 400
    assert not api.fake.tasks


def test_an_unknown_record_cannot_be_joined_to(api: Api) -> None:
    answer = api.post("/tasks", task_on("99"))

    assert answer.status_code == 400
    assert answer.json()["subCategory"] == "crm.associations.INVALID_IDENTIFIER"
    assert not api.fake.tasks


@pytest.mark.parametrize("prefix", [f"{V4}/objects", "/crm/objects/2026-03"])
def test_the_default_association_answers_with_both_directions(api: Api, prefix: str) -> None:
    contact = api.made("contacts", email="a@x.com")
    company = api.made("companies", domain="x.com")

    put = f"{prefix}/contacts/{contact}/associations/default/companies/{company}"
    answer = api.call("PUT", put)

    assert answer.status_code == 200
    ids = [each["associationSpec"]["associationTypeId"] for each in answer.json()["results"]]
    assert sorted(ids) == [279, 280]
    (joined,) = api.call("GET", f"{prefix}/contacts/{contact}/associations/companies").json()["results"]
    assert joined["toObjectId"] == company
    assert [each["typeId"] for each in joined["associationTypes"]] == [1, 279]


def test_a_contact_has_one_primary_company(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")
    first, second = (api.made("companies", name=name) for name in ("A", "B"))
    path = f"{V4}/objects/contacts/{contact}/associations/companies"

    api.call("PUT", f"{path}/{first}", [typed(279)])
    answer = api.call("PUT", f"{path}/{second}", [typed(1)])

    assert answer.status_code == 201
    assert answer.json()["labels"] == ["Primary"]
    view = api.fake.contacts[0]
    assert view["associations"]["companies"] == {first: [279], second: [1, 279]}
    assert view["properties"]["associatedcompanyid"] == second


@pytest.mark.parametrize("prefix", [f"{V4}/associations", "/crm/associations/2026-03"])
def test_a_batch_of_associations_reports_unknown_ids_one_by_one(api: Api, prefix: str) -> None:
    contact = api.made("contacts", email="a@x.com")
    company = api.made("companies", name="A")
    ends = [{"from": {"id": contact}, "to": {"id": each}} for each in (company, "x")]

    create = {"inputs": [{**each, "types": [typed(279)]} for each in ends]}
    typed_answer = api.call("POST", f"{prefix}/contacts/companies/batch/create", create)
    plain = {"inputs": ends[:1]}
    plain_answer = api.call("POST", f"{prefix}/contacts/companies/batch/associate/default", plain)

    assert typed_answer.status_code == 207
    assert len(typed_answer.json()["results"]) == 1
    assert typed_answer.json()["errors"][0]["context"] == {"id": ["x"]}
    assert plain_answer.status_code == 200


def test_reading_associations_in_batch_calls_having_none_an_error(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")
    lonely = api.made("contacts", email="b@x.com")
    task = api.post("/tasks", task_on(contact)).json()["id"]

    answer = api.call(
        "POST",
        f"{V4}/associations/contacts/tasks/batch/read",
        {"inputs": [{"id": contact}, {"id": lonely}]},
    )

    assert answer.status_code == 207
    (row,) = answer.json()["results"]
    assert (row["from"]["id"], row["to"][0]["toObjectId"]) == (contact, task)
    assert answer.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"


def test_an_association_can_be_removed(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")
    task = api.post("/tasks", task_on(contact)).json()["id"]

    api.call("DELETE", f"{V4}/objects/tasks/{task}/associations/contacts/{contact}")

    assert api.fake.contacts[0]["associations"] == {"tasks": {}}


def test_after_a_merge_old_ids_and_both_addresses_lead_to_the_survivor(api: Api) -> None:
    first = api.made("contacts", email="a@x.com", firstname="Ann")
    second = api.made("contacts", email="b@x.com", phone="123")
    task = api.post("/tasks", task_on(second)).json()["id"]

    body = {"primaryObjectId": first, "objectIdToMerge": second}
    survivor = api.post("/contacts/merge", body).json()["id"]

    assert survivor not in {first, second}
    for old in (first, second):
        assert api.read("contacts", old)["id"] == survivor
    (view,) = api.fake.contacts
    assert view["properties"]["hs_additional_emails"] == "b@x.com"
    assert (view["properties"]["firstname"], view["properties"]["phone"]) == ("Ann", "123")
    assert view["associations"]["tasks"] == {task: [203]}
    assert api.fake.tasks[0]["associations"]["contacts"] == {survivor: [204]}


@pytest.mark.parametrize("new_id", [True, False])
def test_a_secondary_address_updates_the_survivor_and_cannot_be_taken(new_id: bool) -> None:
    with hubspot(Options(merge_gives_new_id=new_id)) as (fake, api):
        first, second = (fake.add_contact(email=f"{name}@x.com") for name in "ab")
        survivor = fake.merge(first, second)

        (row,) = api.upsert("contacts", "email", {"email": "B@x.com", "city": "Bonn"}).json()["results"]

        assert (survivor == first) is not new_id
        assert (row["id"], row["new"]) == (survivor, False)
        assert row["properties"]["email"] == "a@x.com"
        assert fake.contacts[0]["properties"]["city"] == "Bonn"
        assert api.create("contacts", email="b@x.com").status_code == 409


def test_two_keys_of_one_merged_contact_in_one_batch_are_refused(api: Api) -> None:
    fake = api.fake
    fake.merge(fake.add_contact(email="a@x.com"), fake.add_contact(email="b@x.com"))

    answer = api.upsert("contacts", "email", {"email": "a@x.com"}, {"email": "b@x.com"}, traced=True)

    assert answer.status_code == 400
    assert "Duplicate IDs" in answer.json()["message"]
