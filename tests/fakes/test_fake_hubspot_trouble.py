"""Logins, scopes, limits and the faults a test may order."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.fakes.hubspot import FakeHubSpot, Limits, Options
from tests.fakes.hubspot.options import ALL_SCOPES
from tests.fakes.hubspot_api import Api, hubspot

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
OWNERS = "/crm/v3/owners"


@pytest.fixture
def api() -> Iterator[Api]:
    with hubspot(Options(start=START)) as (_, api):
        yield api


def form(fake: FakeHubSpot, **change: str) -> dict[str, str]:
    return {
        "grant_type": "refresh_token",
        "client_id": fake.options.client_id,
        "client_secret": fake.options.client_secret,
        "refresh_token": fake.options.refresh_token,
        **change,
    }


def refreshed(fake: FakeHubSpot, version: str = "v3", **change: str) -> requests.Response:
    url = f"{fake.base_url}/oauth/{version}/token"
    return requests.post(url, data=form(fake, **change), timeout=10)


@pytest.mark.parametrize("version", ["v1", "v3"])
def test_an_access_token_works_until_it_runs_out(api: Api, version: str) -> None:
    answer = refreshed(api.fake, version).json()
    api.session.headers["Authorization"] = f"Bearer {answer['access_token']}"

    good = api.call("GET", OWNERS)
    api.fake.advance(answer["expires_in"] + 7)
    late = api.call("GET", OWNERS)

    assert good.status_code == 200
    assert late.status_code == 401
    assert late.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert "expired 7 second(s) ago" in late.json()["message"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
    ],
)
def test_a_refused_refresh_says_why(api: Api, change: dict[str, str], status: str) -> None:
    answer = refreshed(api.fake, **change)

    assert answer.status_code == 400
    assert answer.json()["status"] == status


def test_revoked_tokens_stop_working_and_the_refresh_token_with_them_if_asked(api: Api) -> None:
    fake = api.fake
    access = fake.issue_token()
    fake.revoke_token()
    static = api.call("GET", OWNERS)
    api.session.headers["Authorization"] = f"Bearer {access}"

    assert static.json()["category"] == "INVALID_AUTHENTICATION"
    assert api.call("GET", OWNERS).status_code == 401
    assert refreshed(fake).status_code == 200
    fake.revoke_refresh_token()
    assert refreshed(fake).json()["status"] == "BAD_REFRESH_TOKEN"


def test_a_missing_scope_is_named() -> None:
    scopes = ALL_SCOPES - {"crm.objects.contacts.write"}
    with hubspot(Options(scopes=scopes)) as (_, api):
        answer = api.create("tasks", hs_timestamp="2026-03-02T09:00:00Z")

        assert answer.status_code == 403
        assert answer.json()["category"] == "MISSING_SCOPES"
        assert answer.json()["context"]["requiredGranularScopes"] == ["crm.objects.contacts.write"]
        assert api.call("GET", "/crm/v3/objects/contacts").status_code == 200


def test_the_ten_second_limit_rolls() -> None:
    with hubspot(Options(start=START, limits=Limits(burst=3, daily=None, search=None))) as (fake, api):
        answers = [api.call("GET", OWNERS) for _ in range(4)]
        fake.advance(10)
        later = api.call("GET", OWNERS)

        assert [each.status_code for each in answers] == [200, 200, 200, 429]
        assert answers[0].headers["X-HubSpot-RateLimit-Remaining"] == "2"
        assert answers[3].json()["policyName"] == "TEN_SECONDLY_ROLLING"
        assert answers[3].json()["errorType"] == "RATE_LIMIT"
        assert later.status_code == 200


def test_the_daily_limit_ends_at_midnight_and_the_usage_call_knows_it() -> None:
    with hubspot(Options(start=START, limits=Limits(burst=None, daily=2, search=None))) as (fake, api):
        used = api.call("GET", "/account-info/v3/api-usage/daily/private-apps").json()["results"][0]
        answers = [api.call("GET", OWNERS) for _ in range(2)]
        fake.advance(15 * 3600)

        assert (used["usageLimit"], used["currentUsage"]) == (2, 1)
        assert [each.status_code for each in answers] == [200, 429]
        assert answers[0].headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
        assert answers[1].json()["policyName"] == "DAILY"
        assert api.call("GET", OWNERS).status_code == 200


def test_searches_have_a_limit_of_their_own_and_no_headers() -> None:
    with hubspot(Options(start=START, limits=Limits(burst=1, search=4))) as (fake, api):
        answers = [api.search("contacts") for _ in range(5)]
        fake.advance(1)

        assert [each.status_code for each in answers] == [200] * 4 + [429]
        assert answers[4].json()["policyName"] == "SECONDLY"
        assert answers[4].json()["message"] == "You have reached your secondly limit."
        assert not [name for name in answers[0].headers if "RateLimit" in name]
        assert api.search("contacts").status_code == 200


def test_without_limits_there_are_no_rate_headers(api: Api) -> None:
    assert not [name for name in api.call("GET", OWNERS).headers if "RateLimit" in name]


def test_a_fault_strikes_the_nth_matching_call_and_as_many_as_ordered(api: Api) -> None:
    api.fake.order_fault("server_error", "GET", "*/owners", nth=2, count=2, status=503, retry_after=4)

    answers = [api.call("GET", OWNERS) for _ in range(4)]

    assert [each.status_code for each in answers] == [200, 503, 503, 200]
    assert answers[1].text.startswith("<html>")
    assert answers[1].headers["Retry-After"] == "4"
    assert api.fake.calls["GET", OWNERS] == 4


@pytest.mark.parametrize(
    ("order", "status", "written"),
    [
        ({"kind": "too_many", "policy": "SECONDLY"}, 429, 0),
        ({"kind": "unauthorized"}, 401, 0),
        ({"kind": "server_error"}, 502, 0),
        ({"kind": "server_error", "status": 504, "committed": True}, 504, 1),
        ({"kind": "latency", "seconds": 0.01}, 201, 1),
    ],
)
def test_faults_that_answer(api: Api, order: dict[str, Any], status: int, written: int) -> None:
    api.fake.order_fault(method="POST", path="*/contacts", **order)

    answer = api.create("contacts", email="a@x.com")

    assert answer.status_code == status
    assert len(api.fake.contacts) == written


@pytest.mark.parametrize(
    ("order", "error", "written"),
    [
        ({"kind": "drop_before_commit"}, requests.ConnectionError, 0),
        ({"kind": "commit_then_drop"}, requests.ConnectionError, 1),
        ({"kind": "half_body"}, requests.exceptions.ChunkedEncodingError, 1),
        ({"kind": "hang", "seconds": 0.01}, requests.ConnectionError, 0),
        ({"kind": "hang", "seconds": 0.01, "committed": True}, requests.ConnectionError, 1),
    ],
)
def test_faults_that_leave_the_caller_guessing(
    api: Api, order: dict[str, Any], error: type[Exception], written: int
) -> None:
    api.fake.order_fault(method="POST", path="*/contacts", **order)

    with pytest.raises(error):
        api.create("contacts", email="a@x.com")

    assert len(api.fake.contacts) == written
    assert api.create("contacts", email="b@x.com").status_code == 201


def test_a_call_that_hangs_runs_into_the_callers_timeout_and_does_not_hold_up_the_stop() -> None:
    began = time.monotonic()
    with hubspot() as (fake, api):
        fake.order_fault("hang", path="*/owners")

        with pytest.raises(requests.Timeout):
            api.session.get(fake.base_url + OWNERS, timeout=0.05)

    assert time.monotonic() - began < 5


def test_a_fault_of_no_known_kind_is_refused(api: Api) -> None:
    with pytest.raises(ValueError, match="is none of latency, hang"):
        api.fake.order_fault("slow")  # type: ignore[arg-type]  # the mistake in question


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/crm/v3/nothing", 404),
        ("PUT", "/crm/v3/owners", 405),
        ("GET", "/crm/v3/objects/butterflies", 400),
        ("GET", "/crm/v3/objects/contacts/" + "9" * 9000, 414),
        ("GET", "/crm/v3/objects/contacts/Ann?idProperty=firstname", 400),
        ("GET", "/crm/v3/objects/contacts/1", 404),
    ],
)
def test_calls_that_lead_nowhere(api: Api, method: str, path: str, status: int) -> None:
    assert api.call(method, path).status_code == status


def test_a_body_that_is_not_json_is_refused_by_its_type_and_by_its_content(api: Api) -> None:
    url = api.fake.base_url + "/crm/v3/objects/contacts"

    assert api.session.post(url, data={"email": "a@x.com"}, timeout=10).status_code == 415
    broken = api.session.post(url, data="{", headers={"Content-Type": "application/json"}, timeout=10)
    assert broken.status_code == 400
