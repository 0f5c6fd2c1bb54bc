"""The fake environment refuses what Dataverse refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fakes.dynamics import FakeDynamics, Options
from tests.fakes.dynamics.service import MOST_REQUESTS

API = "/api/data/v9.2/"
NOBODY = "00000000-0000-4000-8000-000000000009"
LABEL = {"LocalizedLabels": [{"Label": "Key", "LanguageCode": 1033}]}


class Api:
    """The few calls these tests make, over real HTTP."""

    def __init__(self, fake: FakeDynamics) -> None:
        self.fake, self.session = fake, requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def token(self, **changes: str) -> requests.Response:
        own = self.fake.options
        form = {"client_id": own.client_id, "client_secret": own.client_secret, "scope": f"{self.fake.url}/.default"}
        form |= {"grant_type": "client_credentials", **changes}
        return requests.post(f"{self.fake.url}/fake-tenant/oauth2/v2.0/token", data=form, timeout=10)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.session.request(method, self.fake.url + API + path, json=body, headers=names, timeout=10)

    def code(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        answer = self.call(method, path, body, **headers)
        return answer.status_code, str(answer.json()["error"]["code"])

    def batch(self, body: bytes, kind: str = "multipart/mixed; boundary=b", **headers: str) -> requests.Response:
        url = f"{self.fake.url}{API}$batch"
        return self.session.post(url, data=body, headers={"content-type": kind, **headers}, timeout=10)


@pytest.fixture
def api() -> Iterator[Api]:
    with FakeDynamics(Options(users=("anna@sales.example",), prepared=True)) as fake:
        api = Api(fake)
        yield api
        api.session.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"client_secret": "x"}, "invalid_client"),
        ({"scope": "https://other.crm.dynamics.com/.default"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_token_for_a_wrong_login_is_refused(api: Api, change: dict[str, str], said: str) -> None:
    assert api.token(**change).json()["error"] == said


def test_without_a_good_token_nothing_is_answered(api: Api) -> None:
    api.fake.end_tokens()

    assert api.call("GET", "WhoAmI").status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"surname": "B"}, "0x80060888"),
        ({"lastname": 5}, "0x80048d19"),
        ({"lastname": "x" * 51}, "0x80044331"),
        ({"lastname": "\U0001f469" * 26}, "0x80044331"),
        ({"leadsourcecode": "Web"}, "0x80048d19"),
        ({"leadsourcecode": 99}, "0x8004431a"),
        ({"syncd_firsttouchat": "2026-03-02"}, "0x80048d19"),
        ({"ownerid": NOBODY}, "0x80048d19"),
        ({"ownerid@odata.bind": f"/systemusers({NOBODY})"}, "0x80040217"),
        ({"ownerid@odata.bind": f"/leads({NOBODY})"}, "0x80048d19"),
        ({"boss@odata.bind": f"/systemusers({NOBODY})"}, "0x80060888"),
        ({"createdon": "2026-03-02T09:00:00Z"}, "0x80048d19"),
    ],
)
def test_value_that_a_column_does_not_take_is_refused(api: Api, body: dict[str, Any], code: str) -> None:
    assert api.code("POST", "leads", body)[1] == code
    assert api.fake.rows("lead") == []


def test_id_and_key_are_single(api: Api) -> None:
    row = {"leadid": NOBODY, "syncd_key": "k1"}
    assert api.call("POST", "leads", row).status_code == 204

    assert api.code("POST", "leads", {"leadid": NOBODY}) == (412, "0x80040237")
    assert api.code("POST", "leads", {"syncd_key": "K1"}) == (412, "0x80060892")
    assert api.code("PATCH", "leads(syncd_key='k1')", {}, If_None_Match="*") == (412, "0x80040237")


def test_conditions_of_a_write_hold(api: Api) -> None:
    assert api.code("PATCH", "leads(syncd_key='k1')", {"lastname": "A"}, If_Match="*") == (404, "0x80040217")
    made = api.call("PATCH", "leads(syncd_key='k1')", {"lastname": "A"}, Prefer="return=representation")
    changed = api.call("PATCH", "leads(syncd_key='k1')", {"lastname": "B"}, Prefer="return=representation")

    assert (made.status_code, changed.status_code) == (201, 200)
    stale = {"If_Match": made.headers["etag"]}
    assert api.code("PATCH", "leads(syncd_key='k1')", {"lastname": "C"}, **stale) == (412, "0x80060882")


@pytest.mark.parametrize("path", ["leads(lastname='x')", "leads(syncd_key=5)", "leads(x)"])
def test_what_is_no_key_names_no_row(api: Api, path: str) -> None:
    assert api.call("PATCH", path, {"firstname": "A"}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "leads?$select=surname",
        "leads?$filter=surname eq 'x'",
        "leads?$filter=lastname eq 'x",
        "leads?$filter=startswith(lastname,'x')",
        "leads?$filter=statecode eq 'x'",
        "leads?$orderby=surname",
        "leads?$expand=boss($select=name)",
        "leads?$expand=parentaccountid($select=boss)",
        "leads?$search=x",
        f"leads?$filter={' or '.join(['statecode eq 0'] * 501)}",
    ],
)
def test_question_that_cannot_be_read_is_refused(api: Api, query: str) -> None:
    api.fake.humans.add("account", {"name": "A"})
    (account,) = api.fake.rows("account")
    api.fake.humans.add("lead", {"lastname": "A", "parentaccountid": ("account", account["accountid"])})

    assert api.call("GET", query).status_code == 400


def test_tracking_of_changes_goes_with_no_filter(api: Api) -> None:
    tracked = {"Prefer": "odata.track-changes"}

    assert "@odata.deltaLink" in api.call("GET", "leads?$select=leadid", **tracked).json()
    assert api.call("GET", "leads?$select=leadid&$filter=statecode eq 0", **tracked).status_code == 400
    assert api.call("GET", "tasks?$select=activityid", **tracked).status_code == 400


def test_address_that_is_too_long_is_refused(api: Api) -> None:
    assert api.call("GET", f"leads?$filter=lastname eq '{'x' * 33_000}'").status_code == 414


def test_batch_that_is_none_is_refused(api: Api) -> None:
    head = b"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    good = head + b"GET /api/data/v9.2/leads HTTP/1.1\r\n\r\n\r\n--b--\r\n"

    assert api.batch(good).status_code == 200
    assert api.batch(good, "application/json").status_code == 400
    assert api.batch(good.replace(b"\r\n", b"\n")).status_code == 400
    assert api.batch(good.replace(b"binary", b"base64")).status_code == 400
    assert api.batch(good.replace(b"GET", b"READ")).status_code == 400
    assert api.batch(b"--b--\r\n").status_code == 400
    assert (
        api.batch(
            head.join([b"", *[b"GET /api/data/v9.2/leads HTTP/1.1\r\n\r\n\r\n"] * 1_001, b"--b--\r\n"])
        ).status_code
        == 400
    )


def test_batch_ends_at_the_first_refusal_unless_it_asks_otherwise(api: Api) -> None:
    head = b"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    body = head.join(
        [b"", b"GET /api/data/v9.2/x HTTP/1.1\r\n\r\n\r\n", b"GET /api/data/v9.2/leads HTTP/1.1\r\n\r\n\r\n"]
    )

    ended, all_of_it = (api.batch(body + b"--b--\r\n", **more) for more in ({}, {"Prefer": "odata.continue-on-error"}))

    assert (ended.content.count(b"HTTP/1.1"), all_of_it.content.count(b"HTTP/1.1")) == (1, 2)


def test_column_is_made_under_the_prefix_of_its_solution_alone(api: Api) -> None:
    kind = "Microsoft.Dynamics.CRM.StringAttributeMetadata"
    body = {"@odata.type": kind, "SchemaName": "acme_x", "DisplayName": LABEL, "MaxLength": 10}
    path = "EntityDefinitions(LogicalName='lead')/Attributes"

    assert api.call("POST", path, body).status_code == 400
    assert api.code("POST", path, body, **{"MSCRM.SolutionUniqueName": "none"})[0] == 404
    assert api.call("POST", path, {**body, "SchemaName": "new_x"}).status_code == 204
    assert api.call("POST", path, {**body, "SchemaName": "new_x"}).status_code == 400


def test_key_whose_index_is_being_built_names_no_row(api: Api) -> None:
    api.fake.org.tables["lead"].keys[0].active_at = api.fake.now().replace(year=2100)

    assert api.code("PATCH", "leads(syncd_key='k1')", {"lastname": "A"}) == (400, "0x80060891")


def test_six_thousand_requests_in_five_minutes_are_enough() -> None:
    with FakeDynamics(Options(limits=True)) as fake:
        api = Api(fake)
        fake.org.asked = [fake.now()] * (MOST_REQUESTS - 1)

        answers = [api.call("GET", "WhoAmI") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 429]
        assert answers[0].headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == "0"
        assert answers[1].headers["retry-after"]
        assert answers[1].json()["error"]["code"] == "0x80072322"
        api.session.close()


def test_more_than_fifty_two_requests_at_a_time_are_too_many() -> None:
    with FakeDynamics(Options(limits=True)) as fake:
        api = Api(fake)
        fake.org.running = 52

        assert api.code("GET", "WhoAmI") == (429, "0x80072326")
        api.session.close()
