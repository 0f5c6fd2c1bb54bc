"""The fake Salesforce refuses what the real one refuses, and says it in the same words."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import requests

from tests.fakes.salesforce import FakeSalesforce, Options
from tests.fakes.salesforce.catalogue import OPT_OUT, standard_fields
from tests.outside import SHARED, needs

DATA = "/services/data/v59.0"
DESCRIBES = SHARED / "specs/salesforce"
BODIES = SHARED / "specs/samples/salesforce_bodies.json"
LEAD = {"attributes": {"type": "Lead"}, "LastName": "Typed", "Company": "In"}
Body = dict[str, Any]


class Api:
    def __init__(self, fake: FakeSalesforce) -> None:
        self.fake, self.session = fake, requests.Session()
        form = {"grant_type": "client_credentials"}
        basic = (fake.options.client_id, fake.options.client_secret)
        self.login = self.session.post(f"{fake.url}/services/oauth2/token", form, auth=basic, timeout=10).json()
        self.session.headers["Authorization"] = f"Bearer {self.login['access_token']}"

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.fake.url}{DATA}{path}", json=body, timeout=10, **more)

    def create(self, *records: Body) -> requests.Response:
        return self.call("POST", "/composite/sobjects", {"allOrNone": False, "records": list(records)})

    def upsert(self, *records: Body) -> requests.Response:
        return self.call("PATCH", "/composite/sobjects/Lead/Syncd_Key__c", {"records": list(records)})

    def made(self, record: Body) -> str:
        (item,) = self.create(record).json()
        assert item["success"], item
        return str(item["id"])

    def query(self, soql: str) -> requests.Response:
        return self.call("GET", "/query/", params={"q": soql})


@pytest.fixture
def api() -> Iterator[Api]:
    with FakeSalesforce(Options(users=("anna@x.example",), queues=("Inbound",), prepared=True)) as fake:
        made = Api(fake)
        with made.session:
            yield made


def code(answer: requests.Response) -> tuple[int, str]:
    """Of a refused call."""
    return answer.status_code, answer.json()[0]["errorCode"]


def codes(answer: requests.Response) -> list[str]:
    """Of each record of a collection; empty where it was saved."""
    assert answer.status_code == 200, answer.text
    return [item["errors"][0]["statusCode"] if item["errors"] else "" for item in answer.json()]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({**LEAD, "LastName": None}, "REQUIRED_FIELD_MISSING"),
        ({"attributes": {"type": "Lead"}}, "REQUIRED_FIELD_MISSING"),
        ({**LEAD, "LastName": "x" * 81}, "STRING_TOO_LONG"),
        ({**LEAD, "LastName": "\N{GRINNING FACE}" * 41}, "STRING_TOO_LONG"),
        ({**LEAD, "foo": "bar"}, "INVALID_FIELD"),
        ({**LEAD, "ConvertedDate": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({**LEAD, "Email": "no address"}, "INVALID_EMAIL_ADDRESS"),
        ({**LEAD, "OwnerId": "005000000000099AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({**LEAD, "CleanStatus": "Odd"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({**LEAD, "id": "00Q000000000001AAA"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"attributes": {"type": "Task"}, "WhoId": "00Q000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
    ],
)
def test_bad_record_is_refused_by_itself(api: Api, record: Body, expected: str) -> None:
    assert codes(api.create(LEAD, record, LEAD)) == ["", expected, ""]


@pytest.mark.parametrize(
    "record",
    [
        {"attributes": {"type": "Task"}, "ActivityDate": "2026-03-02T10:00:00Z"},
        {**LEAD, "NumberOfEmployees": "12"},
        {**LEAD, "LastName": 7},
    ],
)
def test_value_of_a_wrong_type_spoils_the_whole_call(api: Api, record: Body) -> None:
    assert code(api.create(LEAD, record)) == (400, "JSON_PARSER_ERROR")
    assert api.fake.records("Lead") == []


def test_too_many_none_and_nameless_records_are_refused(api: Api) -> None:
    assert code(api.create(*[LEAD] * 201)) == (400, "LIMIT_EXCEEDED")
    assert code(api.create()) == (400, "REQUIRED_FIELD_MISSING")
    assert code(api.create({"LastName": "Typed", "Company": "In"})) == (400, "INVALID_TYPE")
    assert code(api.call("POST", "/composite/sobjects", {"rows": []})) == (400, "JSON_PARSER_ERROR")
    assert api.fake.records("Lead") == []


def test_typed_upsert_takes_one_type_and_each_key_once(api: Api) -> None:
    contact = {"attributes": {"type": "Contact"}, "LastName": "Typed", "Syncd_Key__c": "3"}
    keyed = [{**LEAD, "Syncd_Key__c": key} for key in ("1", "2", "2")]

    assert codes(api.upsert(*keyed, contact, LEAD)) == [
        "", "DUPLICATE_VALUE", "DUPLICATE_VALUE", "INVALID_TYPE", "MISSING_ARGUMENT",
    ]  # fmt: skip
    assert [item["created"] for item in api.upsert({**LEAD, "Syncd_Key__c": "1"}).json()] == [False]


def test_upsert_by_what_is_no_key_is_refused(api: Api) -> None:
    path = "/composite/sobjects/Lead/Title"

    assert code(api.call("PATCH", path, {"records": [LEAD]})) == (404, "NOT_FOUND")


def test_single_upsert_takes_the_key_from_its_path_alone(api: Api) -> None:
    path, given = "/sobjects/Lead/Syncd_Key__c/k%2F1", {"LastName": "Typed", "Company": "In"}

    assert code(api.call("PATCH", path, {**given, "Syncd_Key__c": "k/1"})) == (400, "INVALID_FIELD")
    assert [api.call("PATCH", path, given).status_code for _ in range(2)] == [201, 200]
    assert api.fake.records("Lead")[0]["Syncd_Key__c"] == "k/1"


def test_key_that_stands_twice_is_300_with_both_addresses(api: Api) -> None:
    for _ in range(2):
        api.fake.org.put("Lead", {"LastName": "Twin", "Company": "In", "Syncd_Key__c": "k"})

    answer = api.call("PATCH", "/sobjects/Lead/Syncd_Key__c/k", {"Title": "CTO"})

    assert answer.status_code == 300
    assert len(answer.json()) == 2
    assert codes(api.upsert({**LEAD, "Syncd_Key__c": "k"})) == ["DUPLICATE_EXTERNAL_ID"]


def test_unique_value_is_refused_with_the_record_that_holds_it(api: Api) -> None:
    there = api.made({**LEAD, "Syncd_Key__c": "k"})
    other = api.made(LEAD)

    answer = api.call("PATCH", "/composite/sobjects", {"records": [{**LEAD, "id": other, "Syncd_Key__c": "k"}]})

    assert codes(answer) == ["DUPLICATE_VALUE"]
    assert there in answer.text


def test_update_without_id_or_of_what_is_gone_is_refused(api: Api) -> None:
    gone, converted = api.made(LEAD), api.made(LEAD)
    api.fake.people.delete(gone)
    api.fake.people.convert(converted)
    records = [LEAD, {**LEAD, "id": gone}, {**LEAD, "id": converted}, {**LEAD, "id": "00Q000000000009AAA"}]

    assert codes(api.call("PATCH", "/composite/sobjects", {"records": records})) == [
        "MISSING_ARGUMENT",
        "ENTITY_IS_DELETED",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "INVALID_CROSS_REFERENCE_KEY",
    ]


def test_contact_cannot_belong_to_a_queue_nor_anything_to_who_has_left(api: Api) -> None:
    (queue,) = api.fake.records("Group")
    anna = next(user["Id"] for user in api.fake.records("User") if user["Email"] == "anna@x.example")
    contact = {"attributes": {"type": "Contact"}, "LastName": "Typed"}
    assert codes(api.create({**LEAD, "OwnerId": queue["Id"]})) == [""]
    assert codes(api.create({**contact, "OwnerId": queue["Id"]})) == ["INVALID_CROSS_REFERENCE_KEY"]

    api.fake.deactivate(anna)

    assert codes(api.create({**LEAD, "OwnerId": anna})) == ["INACTIVE_OWNER_OR_USER"]


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer made-up", "Basic eDp5"])
def test_token_that_it_has_not_issued_is_refused(api: Api, token: str) -> None:
    api.session.headers["Authorization"] = token

    assert code(api.create(LEAD)) == (401, "INVALID_SESSION_ID")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "telepathy"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "client_id": "fake-consumer-key", "refresh_token": "old"}, "invalid_grant"),
        (
            {"grant_type": "refresh_token", "client_id": "no", "refresh_token": "fake-refresh-token"},
            "invalid_client_id",
        ),
        ({"grant_type": "client_credentials", "client_id": "fake-consumer-key"}, "invalid_client_id"),
        ({"grant_type": "password", "client_id": "fake-consumer-key", "client_secret": "no"}, "invalid_client"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}, "invalid_grant"),
    ],
)
def test_grant_that_is_not_good_is_refused(api: Api, form: Body, error: str) -> None:
    answer = requests.post(f"{api.fake.url}/services/oauth2/token", form, timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize(
    ("soql", "expected"),
    [
        ("SELECT foo FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Leads", "INVALID_TYPE"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name = 'it's'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name = 'a\\q'", "MALFORMED_QUERY"),
        ('SELECT Id FROM Lead WHERE Name = "a"', "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name = 'a' AND Title = 'b' OR City = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Description = 'a'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Id IN ('short')", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id, MIN(CreatedDate) FROM Task GROUP BY WhoId", "MALFORMED_QUERY"),
    ],
)
def test_question_that_is_no_soql_is_refused(api: Api, soql: str, expected: str) -> None:
    assert code(api.query(soql)) == (400, expected)


def test_questions_are_answered(api: Api) -> None:
    first = api.made({**LEAD, "LastName": "O'Neil", "City": "Köln"})
    second = api.made({**LEAD, "LastName": "Percent%", "NumberOfEmployees": 12})
    api.made({"attributes": {"type": "Task"}, "WhoId": first})

    def ids(soql: str) -> list[str]:
        return [row["Id"] for row in api.query(soql).json()["records"]]

    assert ids("SELECT Id FROM Lead WHERE LastName = 'o\\'neil'") == [first]
    nested = "SELECT Id FROM Lead WHERE LastName LIKE 'O%' OR (NumberOfEmployees >= 12 AND City = null) ORDER BY Id"
    assert ids(nested) == [first, second]
    assert ids("SELECT Id FROM Lead WHERE NOT City IN ('Köln', 'Bonn')") == [second]
    since = "SELECT Id FROM Lead WHERE SystemModstamp >= 2020-01-01T00:00:00Z AND IsConverted = false"
    assert ids(f"{since} ORDER BY Id DESC") == [second, first]
    grouped = api.query("SELECT WhoId, MIN(CreatedDate) FROM Task GROUP BY WhoId").json()["records"]
    assert [row["WhoId"] for row in grouped] == [first]


def test_long_addresses_and_composites_beyond_their_limits_are_refused(api: Api) -> None:
    assert code(api.query("SELECT Id FROM Lead WHERE Name = '" + "x" * 17_000 + "'")) == (414, "URI_TOO_LONG")
    part = {"method": "GET", "url": f"{DATA}/query/?q=SELECT+Id+FROM+Lead"}
    six = [{**part, "referenceId": f"r{at}"} for at in range(6)]
    assert code(api.call("POST", "/composite", {"compositeRequest": six})) == (400, "LIMIT_EXCEEDED")
    twins = [{**part, "referenceId": "r"}] * 2
    assert code(api.call("POST", "/composite", {"compositeRequest": twins})) == (400, "INVALID_INPUT")


def test_every_answer_tells_the_calls_of_the_day(api: Api) -> None:
    used = [int(api.create(LEAD).headers["Sforce-Limit-Info"].split("=")[1].split("/")[0]) for _ in range(2)]

    assert used[1] == used[0] + 1


def test_trouble_is_there_on_demand(api: Api) -> None:
    api.fake.order_fault("server_error", status=503)
    assert api.create(LEAD).text.startswith("<html>")
    api.fake.order_fault("too_many")
    assert code(api.create(LEAD)) == (403, "REQUEST_LIMIT_EXCEEDED")
    api.fake.fail_records("UNABLE_TO_LOCK_ROW")
    assert codes(api.create(LEAD, LEAD)) == ["UNABLE_TO_LOCK_ROW", ""]


@needs(DESCRIBES.is_dir(), "recorded describes of Salesforce are not beside this checkout")
@pytest.mark.parametrize("name", ["Lead", "Contact", "Account", "Event"])
def test_fields_are_those_of_a_recorded_describe(api: Api, name: str) -> None:
    """All that the fake knows of a field, as a real organisation told it; listed values only where it has some."""
    recorded = orjson.loads((DESCRIBES / f"describe_{name}_trimmed.json").read_bytes())
    real = {field["name"]: field for field in recorded["fields"]}
    told = api.call("GET", f"/sobjects/{name}/describe").json()

    differing = {
        (field["name"], key): (field[key], real[field["name"]][key])
        for field in told["fields"]
        if field["name"] != OPT_OUT and not field["name"].startswith("Syncd_")
        for key in real[field["name"]]
        if key != "picklistValues" and field[key] != real[field["name"]][key]
    }
    listed = {
        field["name"]: [each["value"] for each in field["picklistValues"]]
        for field in told["fields"]
        if field.get("picklistValues")
    }

    assert told["keyPrefix"] == recorded["keyPrefix"]
    assert differing == {}
    assert listed == {each: [_value(v) for v in real[each]["picklistValues"]] for each in listed}


@needs(DESCRIBES.is_dir(), "recorded describes of Salesforce are not beside this checkout")
@pytest.mark.parametrize("name", ["Lead", "Contact"])
def test_what_a_recorded_organisation_asks_for_the_fake_asks_for(name: str) -> None:
    recorded = orjson.loads((DESCRIBES / f"describe_{name}_trimmed.json").read_bytes())
    asked = {
        f["name"] for f in recorded["fields"] if f["createable"] and not f["nillable"] and not f["defaultedOnCreate"]
    }

    assert {field.name for field in standard_fields(name).values() if field.required} == asked


@needs(BODIES.is_file(), "captured bodies of Salesforce are not beside this checkout")
def test_answers_have_the_shape_of_captured_ones(api: Api) -> None:
    bodies = orjson.loads(BODIES.read_bytes())
    there = api.made(LEAD)
    gone = api.made(LEAD)
    api.fake.people.delete(gone)
    unknown = {"attributes": {"type": "Contact"}, "LastName": "Typed", "foo": "bar"}
    contact = api.made({"attributes": {"type": "Contact"}, "LastName": "Typed"})
    ours = {
        "200_create_ok": api.create(LEAD).json(),
        "200_upsert_ok": api.upsert({**LEAD, "Syncd_Key__c": "1"}).json(),
        "200_update_without_id": api.call("PATCH", "/composite/sobjects", {"records": [LEAD]}).json(),
        "200_update_unknown_field": api.call(
            "PATCH", "/composite/sobjects", {"records": [{**unknown, "id": contact}]}
        ).json(),
        "400_empty_records": api.create().json(),
        "400_readonly_field": api.call("PATCH", f"/sobjects/Lead/{there}", {"MasterRecordId": gone}).json(),
        "404_deleted": api.call("PATCH", f"/sobjects/Lead/{gone}", {"Title": "CTO"}).json(),
        "404_bad_external_id_field": api.call("PATCH", "/sobjects/Lead/Foo__c/1", {"Title": "CTO"}).json(),
    }
    api.fake.fail_records("UNABLE_TO_LOCK_ROW")
    (locked,) = api.create(LEAD).json()
    api.fake.end_sessions()
    ours["401_expired"] = api.create(LEAD).json()

    assert {name: _shape(body) for name, body in ours.items()} == {name: _shape(bodies[name]) for name in ours}
    assert locked["errors"][0]["message"] == bodies["400_row_lock"][0]["message"]


def _shape(body: Any) -> Any:
    """Everything but ids."""
    if isinstance(body, list):
        return [_shape(each) for each in body]
    if isinstance(body, dict):
        return {name: "an id" if name == "id" else _shape(value) for name, value in body.items()}
    return body


def _value(listed: Any) -> str:
    return str(listed["value"] if isinstance(listed, dict) else listed)
