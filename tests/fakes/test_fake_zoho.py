"""The fake Zoho refuses what Zoho refuses, and says it in Zoho's words."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.fakes.zoho import FakeZoho, Limits, Options

START = Options(owners=("anna@sales.example",))
LEAD = {"Last_Name": "Beispiel", "Company": "Firm", "Email": "ada@firm.example"}


class Api:
    """The few calls these tests make, over real HTTP."""

    def __init__(self, fake: FakeZoho) -> None:
        self.fake = fake
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Zoho-oauthtoken {fake.account.tokens.issue(fake.now())}"

    def call(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        return self.session.request(
            method, f"{self.fake.url}/crm/v8{path}", json=body, params=query or None, timeout=10
        )

    def write(self, path: str, *rows: Any, method: str = "POST", **more: Any) -> list[dict[str, Any]]:
        answer = self.call(method, path, {"data": list(rows), **more}).json()
        return list(answer.get("data") or [answer])

    def made(self, module: str, **values: Any) -> str:
        (answer,) = self.write(f"/{module}", values)
        assert answer["status"] == "success", answer
        return str(answer["details"]["id"])

    def query(self, where: str, columns: str = "id") -> requests.Response:
        return self.call("POST", "/coql", {"select_query": f"select {columns} from Leads where {where} limit 200"})  # noqa: S608 - the test says what

    def refresh(self, **changes: str) -> dict[str, Any]:
        options = self.fake.options
        form = {
            "grant_type": "refresh_token",
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "refresh_token": options.refresh_token,
            **changes,
        }
        return dict(requests.post(f"{self.fake.url}/oauth/v2/token", data=form, timeout=10).json())


@pytest.fixture
def api() -> Iterator[Api]:
    with FakeZoho(START) as fake:
        api = Api(fake)
        yield api
        api.session.close()


def test_records_of_one_call_are_judged_each_for_itself(api: Api) -> None:
    answer = api.call("POST", "/Leads", {"data": [LEAD, {"Company": "x"}, {**LEAD, "Email": "no address"}]})

    first, second, third = answer.json()["data"]
    assert answer.status_code == 207
    assert (first["code"], first["message"]) == ("SUCCESS", "record added")
    assert second == {
        "code": "MANDATORY_NOT_FOUND",
        "details": {"api_name": "Last_Name", "json_path": "$.data[1].Last_Name"},
        "message": "required field not found",
        "status": "error",
    }
    assert third["details"] == {"expected_data_type": "email", "api_name": "Email", "json_path": "$.data[2].Email"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Owner": {"id": "4242"}}, "Owner"),
        ({"Owner": "4242"}, "Owner"),
        ({"Phone": "call me maybe"}, "Phone"),
        ({"Last_Name": "x" * 81}, "Last_Name"),
        ({"No_of_Employees": "70"}, "No_of_Employees"),
        ({"Email_Opt_Out": "yes"}, "Email_Opt_Out"),
        ({"Modified_Time": "2026-03-02T09:00:00+00:00"}, "Modified_Time"),
        ({"No_Such_Field": "x"}, "No_Such_Field"),
        ({"id": "4242"}, "id"),
    ],
)
def test_value_that_a_field_does_not_take_is_refused(api: Api, change: dict[str, Any], field: str) -> None:
    (answer,) = api.write("/Leads", {**LEAD, **change})

    assert (answer["code"], answer["details"]["api_name"]) == ("INVALID_DATA", field)


def test_more_than_a_hundred_records_are_refused_whole(api: Api) -> None:
    answer = api.call("POST", "/Leads", {"data": [LEAD] * 101})

    assert (answer.status_code, answer.json()["code"]) == (400, "LIMIT_EXCEEDED")
    assert api.fake.rows("Leads") == []


def test_upsert_finds_by_what_must_be_unique_and_by_nothing_else(api: Api) -> None:
    (first,) = api.write("/Leads/upsert", LEAD, duplicate_check_fields=["Email"])
    (second,) = api.write("/Leads/upsert", {**LEAD, "Email": "ADA@firm.example"}, duplicate_check_fields=["Email"])
    (wrong,) = api.write("/Leads/upsert", LEAD, duplicate_check_fields=["Phone"])

    assert (first["action"], second["action"], second["duplicate_field"]) == ("insert", "update", "Email")
    assert first["details"]["id"] == second["details"]["id"]
    assert (wrong["code"], wrong["details"]["api_name"]) == ("INVALID_DATA", "duplicate_check_fields")


@pytest.mark.parametrize("module", ["Tasks", "Notes"])
def test_tasks_and_notes_cannot_be_upserted(api: Api, module: str) -> None:
    (answer,) = api.write(f"/{module}/upsert", {"Subject": "x"})

    assert answer["code"] == "INVALID_MODULE"


def test_field_without_duplicates_names_the_record_that_has_the_value(api: Api) -> None:
    field = {"field_label": "Syncd Key", "data_type": "text", "length": 80, "unique": {"casesensitive": "false"}}
    made = api.call("POST", "/settings/fields", {"fields": [field]}, module="Leads")
    lead = api.made("Leads", **LEAD, Syncd_Key="k1")

    (answer,) = api.write("/Leads", {**LEAD, "Syncd_Key": "K1"})

    assert made.status_code == 201
    assert (answer["code"], answer["details"]["duplicate_record"]["id"]) == ("DUPLICATE_DATA", lead)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"Due_Date": "2026-03-02T09:00:00+00:00"}, "INVALID_DATA", "Due_Date"),
        ({"What_Id": {"id": "4242"}}, "INVALID_DATA", "What_Id"),
        ({"Remind_At": {"ALARM": "tomorrow"}}, "INVALID_DATA", "Remind_At"),
        ({"Subject": None}, "MANDATORY_NOT_FOUND", "Subject"),
        ({"$se_module": "Contacts"}, "INVALID_DATA", "What_Id"),
    ],
)
def test_task_is_refused_for_what_is_wrong_with_it(api: Api, change: dict[str, Any], code: str, field: str) -> None:
    task = {"Subject": "Call", "What_Id": {"id": api.made("Leads", **LEAD)}, "$se_module": "Leads"}

    (answer,) = api.write("/Tasks", {**task, **change})

    assert (answer["code"], answer["details"]["api_name"]) == (code, field)


def test_task_needs_the_module_of_what_it_hangs_on(api: Api) -> None:
    (answer,) = api.write("/Tasks", {"Subject": "Call", "What_Id": {"id": api.made("Leads", **LEAD)}})

    assert (answer["code"], answer["details"]["api_name"]) == ("MANDATORY_NOT_FOUND", "$se_module")


def test_converted_lead_can_be_read_on_request_and_not_be_written(api: Api) -> None:
    lead = api.made("Leads", **LEAD)
    contact = api.fake.humans.convert(lead)

    (answer,) = api.write("/Leads", {"id": lead, "Company": "x"}, method="PUT")
    gone = api.call("GET", "/Leads", ids=lead, fields="id")
    there = api.call("GET", "/Leads", ids=lead, fields="Converted_Contact", converted="both").json()

    assert answer["code"] == "CONVERTED_RECORD"
    assert gone.status_code == 204
    assert there["data"] == [{"id": lead, "Converted_Contact": {"id": contact}}]
    assert api.query("Email is not null").status_code == 204


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("Email = 'a' and Phone = 'b' and City = 'c'", "SYNTAX_ERROR"),
        ("(Email = 'a' and Phone = 'b' or City = 'c')", "SYNTAX_ERROR"),
        (f"Email in ({', '.join(['chr'] * 2)})", "SYNTAX_ERROR"),
        ("Email in (" + ", ".join(["'a@x.example'"] * 51) + ")", "LIMIT_EXCEEDED"),
        ("Description = 'a'", "INVALID_QUERY"),
        ("No_Such = 'a'", "INVALID_QUERY"),
        ("Email = 'it\\'s'", "SYNTAX_ERROR"),
        ("Email = 'a'; drop", "SYNTAX_ERROR"),
    ],
)
def test_query_that_coql_does_not_take_is_refused(api: Api, where: str, code: str) -> None:
    answer = api.query(where)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_query_answers_in_pairs_of_brackets_and_with_nothing_where_there_is_nothing(api: Api) -> None:
    lead = api.made("Leads", **LEAD)

    found = api.query("((Email = 'ADA@firm.example' and Company = 'Firm') and Phone is null)", "id, Owner")

    assert [(row["id"], row["Owner"]["name"]) for row in found.json()["data"]] == [(lead, "Robot")]
    assert api.query("Email = 'nobody@firm.example'").status_code == 204


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("Bearer 1000.x", "AUTHENTICATION_FAILURE"),
        ("", "AUTHENTICATION_FAILURE"),
        ("Zoho-oauthtoken 1000.x", "INVALID_TOKEN"),
    ],
)
def test_login_is_by_a_token_of_this_account_in_zohos_own_scheme(api: Api, authorization: str, code: str) -> None:
    api.session.headers["Authorization"] = authorization

    answer = api.call("GET", "/users")

    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_eleventh_token_in_ten_minutes_is_refused_with_the_rest_of_them(api: Api) -> None:
    given = [api.refresh() for _ in range(12)]
    api.fake.advance(601)

    assert [("access_token" in each) for each in given] == [True] * 10 + [False] * 2
    assert given[-1]["error"] == "Access Denied"
    assert "access_token" in api.refresh()


def test_refused_grant_is_told_with_status_200(api: Api) -> None:
    assert api.refresh(refresh_token="1000.other") == {"error": "invalid_code"}
    assert api.refresh(client_secret="other") == {"error": "invalid_client"}


def test_more_calls_at_a_time_than_allowed_are_refused() -> None:
    with FakeZoho(Options(limits=Limits(credits=None, concurrency=2))) as fake:
        api = Api(fake)
        fake.order_fault("latency", "GET", "/crm/v8/users", seconds=0.3, count=None)

        with ThreadPoolExecutor(6) as pool:
            statuses = sorted(pool.map(lambda _: api.call("GET", "/users").status_code, range(6)))
        api.session.close()

    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_credits_run_out_and_the_headers_say_so() -> None:
    with FakeZoho(Options(limits=Limits(credits=12))) as fake:
        api = Api(fake)
        first = api.call("POST", "/Leads", {"data": [LEAD] * 100})
        api.call("GET", "/users")
        last = [api.call("GET", "/users") for _ in range(2)][-1]
        api.session.close()

    assert first.headers["X-API-CREDITS-REMAINING"] == "2"
    assert (last.status_code, last.json()["code"]) == (429, "LIMIT_EXCEEDED")


def test_fields_of_a_read_have_to_be_named(api: Api) -> None:
    answer = api.call("GET", "/Leads", ids="1")

    assert (answer.status_code, answer.json()["code"]) == (400, "REQUIRED_PARAM_MISSING")


def test_strange_paths_and_methods_are_refused(api: Api) -> None:
    assert api.call("GET", "/a/b/c/d").json()["code"] == "INVALID_URL_PATTERN"
    assert api.call("PATCH", "/Leads").json()["code"] == "INVALID_REQUEST_METHOD"
    assert api.call("GET", "/Gadgets", fields="id").json()["code"] == "INVALID_MODULE"
