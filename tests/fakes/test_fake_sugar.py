"""The fake SugarCRM and SuiteCRM refuse what the real ones refuse."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.fakes.sugar import FakeSugar, Options

LEAD = {"last_name": "Neil"}


@pytest.fixture
def fake() -> Iterator[FakeSugar]:
    with FakeSugar(Options(users=("anna@x.example",))) as fake:
        yield fake


def sugar(fake: FakeSugar, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
    headers = {"oauth-token": sugar_token(fake) if token is None else token}
    url = f"{fake.url}/rest/v11_10/{path}"
    reply = requests.request(method, url, json=body, headers=headers, timeout=5)
    return reply.status_code, reply.json()


def sugar_token(fake: FakeSugar, **changed: str) -> str:
    given = {"grant_type": "password", "client_id": "sugar", "client_secret": "", "username": fake.options.username,
             "password": fake.options.password, "platform": "syncd", **changed}  # fmt: skip
    reply = requests.post(f"{fake.url}/rest/v11_10/oauth2/token", json=given, timeout=5)
    return str(reply.json().get("access_token", reply.status_code))


def suite(fake: FakeSugar, method: str, path: str, body: Any = None, **params: str) -> tuple[int, Any]:
    given = {"grant_type": "client_credentials", "client_id": fake.options.client_id,
             "client_secret": fake.options.client_secret}  # fmt: skip
    token = requests.post(f"{fake.url}/Api/access_token", json=given, timeout=5).json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    reply = requests.request(method, f"{fake.url}/Api/V8/{path}", json=body, params=params, headers=headers, timeout=5)
    return reply.status_code, reply.json()


def lead(record_id: str = "", module: str = "Leads", **attributes: Any) -> dict[str, Any]:
    return {"data": {"type": module, **({"id": record_id} if record_id else {}), "attributes": attributes or LEAD}}


def old(fake: FakeSugar, method: str, **arguments: Any) -> Any:
    form = {"method": method, "input_type": "JSON", "response_type": "JSON", "rest_data": json.dumps(arguments)}
    return requests.post(f"{fake.url}/service/v4_1/rest.php", data=form, timeout=5)


def test_sugarcrm_knows_its_platforms_users_and_tokens(fake: FakeSugar) -> None:
    assert sugar_token(fake, platform="unheard") == "422"
    assert sugar_token(fake, password="wrong") == "401"
    first = sugar_token(fake)
    sugar_token(fake)

    assert sugar(fake, "GET", "me", token=first)[0] == 401
    assert sugar(fake, "GET", "me", token="")[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"last_name": "x" * 101}, 422),
        ({**LEAD, "nothing": "x"}, 422),
        ({**LEAD, "status": "Unheard"}, 422),
        ({**LEAD, "email": [{"email_address": "nonsense"}]}, 422),
        ({**LEAD, "email": "a@x.example"}, 422),
        ({**LEAD, "syncd_first_touch_at_c": "2026-01-01 00:00:00"}, 422),
        ({**LEAD, "syncd_inquiries_c": "many"}, 422),
        (LEAD, 200),
    ],
)
def test_sugarcrm_looks_at_every_value(fake: FakeSugar, body: dict[str, Any], status: int) -> None:
    assert sugar(fake, "POST", "Leads", body)[0] == status


def test_sugarcrm_takes_an_id_once_and_fails_on_that_of_a_deleted_one(fake: FakeSugar) -> None:
    record_id = str(uuid4())
    statuses = [sugar(fake, "POST", "Leads", {"id": record_id, **LEAD})[0] for _ in range(2)]
    fake.humans.delete(record_id)

    assert statuses == [200, 422]
    assert sugar(fake, "POST", "Leads", {"id": record_id, **LEAD})[0] == 500
    assert sugar(fake, "PUT", f"Leads/{record_id}", LEAD)[0] == 404


def test_bulk_is_no_transaction_and_its_data_is_a_text(fake: FakeSugar) -> None:
    requests_ = [
        {"url": "v11_10/Leads", "method": "POST", "data": json.dumps(body)} for body in (LEAD, {}, LEAD)
    ]  # fmt: skip
    _, replies = sugar(fake, "POST", "bulk", {"requests": [*requests_, {**requests_[0], "data": LEAD}]})

    assert [each["status"] for each in replies] == [200, 422, 200, 422]
    assert sugar(fake, "POST", "bulk", {"requests": [{"method": "GET"}]})[0] == 422


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": [{"nothing": {"$in": ["x"]}}]},
        {"filter": [{"last_name": {"$like": "x"}}]},
        {"filter": [{"date_modified": {"$gte": "yesterday"}}]},
        {"fields": "nothing"},
    ],
)
def test_sugarcrm_refuses_filters_that_it_does_not_know(fake: FakeSugar, asked: dict[str, Any]) -> None:
    sugar(fake, "POST", "Leads", LEAD)

    assert sugar(fake, "POST", "Leads/filter", asked)[0] == 422


@pytest.mark.parametrize(
    "attributes",
    [
        {"last_name": ""},
        {**LEAD, "title": "(a)]"},
        {**LEAD, "nothing": "x"},
        {**LEAD, "title": "x" * 101},
        {**LEAD, "syncd_first_touch_at_c": "2026-01-01T00:00:00Z"},
        {"title": "without a name"},
    ],
)
def test_v8_looks_at_every_value_and_its_errors_are_an_object(fake: FakeSugar, attributes: dict[str, Any]) -> None:
    status, body = suite(fake, "POST", "module", lead(**attributes))

    assert (status, body["errors"]["status"]) == (400, 400)


def test_v8_takes_an_id_once_even_that_of_a_deleted_one(fake: FakeSugar) -> None:
    record_id = str(uuid4())
    statuses = [suite(fake, "POST", "module", lead(record_id))[0] for _ in range(2)]
    fake.humans.delete(record_id)
    again, said = suite(fake, "POST", "module", lead(record_id))

    assert (statuses, again) == ([201, 400], 400)
    assert said["errors"]["detail"].endswith("is already exist")
    assert suite(fake, "PATCH", "module", lead(record_id))[1]["errors"]["detail"].endswith("is not found")
    assert suite(fake, "POST", "module", lead("no uuid"))[0] == 400


def test_v8_knows_one_level_of_filters(fake: FakeSugar) -> None:
    assert suite(fake, "GET", "module/Leads", **{"filter[nothing][eq]": "x"})[0] == 400
    assert suite(fake, "GET", "module/Leads", **{"filter[last_name][in]": "x"})[0] == 400
    assert suite(fake, "GET", "module/Leads", **{"fields[Leads]": "nothing"})[0] == 400
    assert suite(fake, "GET", "module/Leads", **{"filter[last_name][eq]": "x"})[1]["data"] == []


def test_v4_1_answers_refusals_with_status_200_and_knows_arguments_by_their_order(fake: FakeSugar) -> None:
    bad = old(fake, "login", user_auth={}, application="", name_value_list=[])
    assert (bad.status_code, bad.json()["number"]) == (200, 10)
    assert old(fake, "get_user_id", session="unheard").json()["number"] == 11
    session = fake.account.tokens.log_in(
        {"user_name": fake.options.username, "password": "8de4f0d45a9bd3a2a12c0b4a6d3d3b8e"}
    )
    assert session is None
    assert old(fake, "set_entry", module_name="Leads", session="x", name_value_list=[]).json()["number"] == 1000


def test_v4_1_fails_in_the_database_on_a_taken_id_and_says_nothing_of_what_is_not_there(fake: FakeSugar) -> None:
    fake.account.tokens.sessions.add("s")
    record_id = str(uuid4())
    new = [{"name": "id", "value": record_id}, {"name": "new_with_id", "value": 1}, {"name": "last_name", "value": "N"}]

    statuses = [
        old(fake, "set_entry", session="s", module_name="Leads", name_value_list=new).status_code for _ in range(2)
    ]
    change = [{"name": "id", "value": str(uuid4())}, {"name": "title", "value": "Boss"}]
    said = old(fake, "set_entry", session="s", module_name="Leads", name_value_list=change)

    assert statuses == [200, 500]
    assert said.json()["id"] == change[0]["value"]
    assert len(fake.rows("Leads")) == 1
