"""Batches: all or nothing, 207 by trace ids, keys that make a replay harmless."""

from collections.abc import Iterator

import pytest

from tests.fakes.hubspot import Options
from tests.fakes.hubspot_api import Api, hubspot

DUE = "2026-03-02T09:00:00Z"


@pytest.fixture
def api() -> Iterator[Api]:
    with hubspot(Options(owners=("anna@x.com",))) as (_, api):
        yield api


def creates(*rows: dict[str, str], traced: bool = False) -> dict[str, object]:
    trace = [{"objectWriteTraceId": f"t{place}"} if traced else {} for place in range(len(rows))]
    inputs = [{"properties": row, "associations": [], **extra} for row, extra in zip(rows, trace, strict=True)]
    return {"inputs": inputs}


def test_one_bad_input_fails_the_whole_batch_and_nothing_is_written(api: Api) -> None:
    body = creates({"email": "a@x.com"}, {"email": "b@x.com", "no_such": "1"}, traced=True)

    answer = api.post("/contacts/batch/create", body)

    assert answer.status_code == 400
    assert not api.fake.contacts


def test_a_conflict_without_trace_ids_fails_the_whole_batch_and_names_nobody(api: Api) -> None:
    api.made("contacts", email="a@x.com")

    answer = api.post("/contacts/batch/create", creates({"email": "b@x.com"}, {"email": "a@x.com"}))

    assert answer.status_code == 409
    assert answer.json()["message"] == "Contact already exists"
    assert len(api.fake.contacts) == 1


def test_a_conflict_with_trace_ids_is_one_entry_of_a_207(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")

    answer = api.post("/contacts/batch/create", creates({"email": "b@x.com"}, {"email": "a@x.com"}, traced=True))

    assert answer.status_code == 207
    (error,) = answer.json()["errors"]
    assert error["category"] == "CONFLICT"
    assert error["context"] == {"objectWriteTraceId": ["t1"], "existingId": [contact]}
    (made,) = answer.json()["results"]
    assert made["properties"]["email"] == "b@x.com"
    assert made["objectWriteTraceId"] == "t0"
    assert answer.json()["numErrors"] == 1


def test_trace_ids_that_are_not_distinct_do_not_count(api: Api) -> None:
    api.made("contacts", email="a@x.com")
    body = {"inputs": [{"properties": {"email": e}, "objectWriteTraceId": "t"} for e in ("a@x.com", "b@x.com")]}

    assert api.post("/contacts/batch/create", body).status_code == 409


def test_upsert_says_what_is_new_and_results_are_not_in_the_order_of_the_inputs(api: Api) -> None:
    known = api.made("contacts", email="m3@x.com")
    rows = [{"email": f"m{n}@x.com", "firstname": f"M{n}"} for n in range(6)]

    results = api.upsert("contacts", "email", *rows).json()["results"]

    assert {each["id"] for each in results if not each["new"]} == {known}
    addresses = [each["properties"]["email"] for each in results]
    assert addresses != [row["email"] for row in rows]
    assert sorted(addresses) == [row["email"] for row in rows]


@pytest.mark.parametrize(
    "inputs",
    [
        [{"id": "a@x.com", "idProperty": "email", "properties": {}}] * 2,
        [
            {"id": "a@x.com", "idProperty": "email", "properties": {}},
            {"id": "A@X.com", "idProperty": "email", "properties": {}},
        ],
        [{"id": "Ann", "idProperty": "firstname", "properties": {}}],
        [{"id": "a@x.com", "properties": {}}],
        [{"id": "a@x.com", "idProperty": "email"}],
        [{"id": f"a{n}@x.com", "idProperty": "email", "properties": {}} for n in range(101)],
        [],
    ],
)
def test_upserts_that_hubspot_refuses_as_a_whole(api: Api, inputs: list[object]) -> None:
    answer = api.post("/contacts/batch/upsert", {"inputs": inputs})

    assert answer.status_code == 400
    assert not api.fake.contacts


def test_a_key_of_ones_own_makes_replays_harmless_on_tasks_too(api: Api) -> None:
    api.unique("tasks")
    row = {"syncd_key": "k1", "hs_timestamp": DUE, "hs_task_subject": "call"}

    first = api.upsert("tasks", "syncd_key", row).json()["results"][0]
    again = api.upsert("tasks", "syncd_key", row).json()["results"][0]

    assert (first["new"], again["new"]) == (True, False)
    assert first["id"] == again["id"]
    assert len(api.fake.tasks) == 1


def test_a_taken_own_key_is_a_validation_error_that_names_both_records(api: Api) -> None:
    api.unique("contacts")
    holder = api.made("contacts", email="a@x.com", syncd_key="k1")
    other = api.made("contacts", email="b@x.com")

    answer = api.patch("contacts", other, syncd_key="k1")

    assert answer.status_code == 400
    assert answer.json()["message"].endswith(f"on {other}. {holder} already has that value.")


def test_unique_properties_of_tasks_can_be_switched_off() -> None:
    with hubspot(Options(unique_task_properties=False)) as (_, api):
        assert api.define("tasks", "syncd_key", hasUniqueValue=True).status_code == 400
        assert api.define("tasks", "syncd_key").status_code == 201
        assert api.define("contacts", "syncd_key", hasUniqueValue=True).status_code == 201


def test_batch_read_lists_the_missing_ones_in_a_207(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")
    body = {"idProperty": "email", "inputs": [{"id": "a@x.com"}, {"id": "b@x.com"}], "properties": ["email"]}

    answer = api.post("/contacts/batch/read", body)

    assert answer.status_code == 207
    assert [each["id"] for each in answer.json()["results"]] == [contact]
    assert answer.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert answer.json()["errors"][0]["context"] == {"ids": ["b@x.com"]}


def test_a_missing_id_in_an_update_is_an_entry_with_trace_ids_and_fatal_without(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")
    inputs = [{"id": each, "properties": {"firstname": "Ann"}} for each in (contact, "99")]
    traced = [{**each, "objectWriteTraceId": each["id"]} for each in inputs]

    assert api.post("/contacts/batch/update", {"inputs": inputs}).status_code == 404
    assert "firstname" not in api.fake.contacts[0]["properties"]
    answer = api.post("/contacts/batch/update", {"inputs": traced})

    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"] == {"ids": ["99"], "objectWriteTraceId": ["99"]}
    assert api.fake.contacts[0]["properties"]["firstname"] == "Ann"


def test_history_shows_every_value_newest_first_for_fifty_records_at_most(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com", hs_lead_status="NEW")
    api.fake.human_edits(contact, hs_lead_status="OPEN")
    body = {"inputs": [{"id": contact}], "properties": [], "propertiesWithHistory": ["hs_lead_status"]}
    many = {**body, "inputs": [{"id": str(n)} for n in range(51)]}

    (row,) = api.post("/contacts/batch/read", body).json()["results"]

    versions = row["propertiesWithHistory"]["hs_lead_status"]
    assert [(each["value"], each["sourceType"]) for each in versions] == [
        ("OPEN", "CRM_UI"),
        ("NEW", "INTEGRATION"),
    ]
    assert api.post("/contacts/batch/read", many).status_code == 400
