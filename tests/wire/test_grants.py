"""Grants: one renewal at a time, early; what is rotated or rationed is kept; no secret is told."""

import json
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses

from syncd.connector import (
    Asking,
    AuthFailed,
    ClientCredentialsOptions,
    Grant,
    HttpClient,
    RateLimited,
    Ration,
    RefreshTokenOptions,
    Retryable,
    SecretStr,
    TokenService,
    Tools,
    by_client_credentials,
    by_refresh_token,
)
from syncd.testing import FakeClock

URL = "https://accounts.example/oauth/token"
SERVICE = TokenService(URL, what="crm: token")
SHARED = replace(SERVICE, shared=True, details=("api_domain",))
OPTIONS = RefreshTokenOptions(client_id="app", client_secret=SecretStr("s3cret"), refresh_token=SecretStr("first"))


class Service:
    """Gives token-1, token-2, ... for an hour each, or what the test says."""

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[], tuple[int, dict[str, Any] | str]] = self.give
        self.headers: dict[str, str] = {}
        wire.add_callback(responses.POST, URL, self._reply)

    def give(self, **more: Any) -> tuple[int, dict[str, Any]]:
        return 200, {"access_token": f"token-{len(self.asked)}", "expires_in": 3600, **more}

    def _reply(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.asked.append(str(request.body if isinstance(request.body, str) else (request.body or b"").decode()))
        status, body = self.answer()
        return status, self.headers, body if isinstance(body, str) else json.dumps(body)

    def form(self, number: int) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.asked[number]).items()}


@pytest.fixture
def service() -> Iterator[Service]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Service(wire)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def grant(tmp_path: Path, clock: FakeClock) -> Callable[..., Grant]:
    """As after a restart, or in another daemon with the same folder."""

    def made(service: TokenService = SERVICE, asking: Asking | None = None) -> Grant:
        return Grant(service, asking or by_refresh_token(OPTIONS), Tools("crm", clock, HttpClient(), tmp_path))

    return made


def test_token_is_used_until_a_minute_before_its_end(
    service: Service, clock: FakeClock, grant: Callable[..., Grant]
) -> None:
    mine = grant()

    first = mine.token()
    clock.advance(minutes=58)
    same = mine.token()
    clock.advance(minutes=1)
    second = mine.token()

    assert [first, same, second] == ["token-1", "token-1", "token-2"]
    assert service.form(0) == {
        "grant_type": "refresh_token",
        "client_id": "app",
        "client_secret": "s3cret",
        "refresh_token": "first",
    }


def test_many_threads_that_find_a_token_refused_renew_it_once(service: Service, grant: Callable[..., Grant]) -> None:
    mine = grant()
    stale = mine.token()

    with ThreadPoolExecutor(8) as pool:
        renewed = list(pool.map(mine.renew, [stale] * 8))

    assert renewed == [True] * 8
    assert len(service.asked) == 2


def test_app_may_log_in_as_itself_with_what_the_service_wants_beside(
    service: Service, grant: Callable[..., Grant]
) -> None:
    options = ClientCredentialsOptions(client_id="app", client_secret=SecretStr("s3cret"))

    grant(asking=by_client_credentials(options, scope="all")).token()

    assert service.form(0) == {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": "s3cret",
        "scope": "all",
    }


def test_form_of_the_connectors_own_is_made_anew_for_every_token(service: Service, grant: Callable[..., Grant]) -> None:
    signed = iter(["assertion-1", "assertion-2"])
    mine = grant(
        replace(SERVICE, as_json=True), Asking(lambda _: {"assertion": next(signed)}, whose="robot", headers={"x": "y"})
    )

    mine.renew(mine.token())

    assert [json.loads(each) for each in service.asked] == [{"assertion": "assertion-1"}, {"assertion": "assertion-2"}]


def test_lifetime_may_be_ours_where_the_answer_has_none(
    service: Service, clock: FakeClock, grant: Callable[..., Grant]
) -> None:
    service.answer = lambda: (200, {"access_token": f"token-{len(service.asked)}"})
    mine = grant(replace(SERVICE, lifetime=timedelta(minutes=30)))

    first = mine.token()
    clock.advance(minutes=29)

    assert (first, mine.token()) == ("token-1", "token-2")


@pytest.mark.parametrize(
    "body",
    ["<html>", "[]", {}, {"access_token": "x"}, {"access_token": "a\nb", "expires_in": 9}, {"expires_in": 3600}]
    + [{"access_token": "x", "expires_in": each} for each in (None, "soon", 0, -1, [], "9" * 99)],
)
def test_answer_without_a_usable_token_is_asked_for_again_later(
    service: Service, grant: Callable[..., Grant], body: dict[str, Any] | str
) -> None:
    service.answer = lambda: (200, body)

    with pytest.raises(Retryable, match="crm: token answered 200"):
        grant().token()


@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_refused_grant_is_told_by_its_code_alone_and_not_tried_again_for_a_while(
    service: Service, clock: FakeClock, grant: Callable[..., Grant], status: int
) -> None:
    service.answer = lambda: (status, {"error": "invalid_code", "error_description": "no such token: first"})
    mine = grant()

    for _ in range(3):
        with pytest.raises(AuthFailed) as refused:
            mine.token()
    asked = len(service.asked)
    clock.advance(seconds=31)
    with pytest.raises(AuthFailed):
        mine.token()

    assert str(refused.value) == f"crm: token answered {status}: invalid_code"
    assert (asked, len(service.asked)) == (1, 2)


def test_code_that_may_be_a_secret_is_not_told(service: Service, grant: Callable[..., Grant]) -> None:
    service.answer = lambda: (400, {"error": "1000.4fe1b0.secret"})

    with pytest.raises(AuthFailed) as refused:
        grant().token()

    assert str(refused.value) == "crm: token answered 400"


@pytest.mark.parametrize(
    ("status", "body", "headers", "after"),
    [
        (429, "", {}, timedelta(seconds=10)),
        (429, "", {"Retry-After": "7"}, timedelta(seconds=7)),
        (200, {"error": "Access Denied"}, {}, timedelta(minutes=10)),
    ],
)
def test_being_told_to_slow_down_is_no_refusal(
    service: Service,
    grant: Callable[..., Grant],
    status: int,
    body: dict[str, Any] | str,
    headers: dict[str, str],
    after: timedelta,
) -> None:
    service.answer, service.headers = lambda: (status, body), headers
    mine = grant(replace(SERVICE, pauses={"Access Denied": timedelta(minutes=10)}))

    with pytest.raises(RateLimited) as limited:
        mine.token()
    service.answer = service.give

    assert limited.value.after == after
    assert mine.token() == "token-2"


def test_rotated_refresh_token_is_kept_for_its_owner_alone_before_it_is_used(
    service: Service, tmp_path: Path, grant: Callable[..., Grant]
) -> None:
    service.answer = lambda: service.give(refresh_token="second")
    grant().token()

    grant().token()

    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert service.form(1)["refresh_token"] == "second"
    assert "token-" not in file.read_text()


def test_refresh_token_that_cannot_be_kept_is_told(
    service: Service, tmp_path: Path, grant: Callable[..., Grant]
) -> None:
    service.answer = lambda: service.give(refresh_token="second")
    (tmp_path / "crm.oauth.new").mkdir()

    with pytest.raises(Retryable, match="cannot be kept in crm"):
        grant().token()


def test_shared_token_outlives_a_restart_with_what_came_with_it(
    service: Service, tmp_path: Path, clock: FakeClock, grant: Callable[..., Grant]
) -> None:
    service.answer = lambda: service.give(api_domain="https://api.example")
    grant(SHARED).token()
    clock.advance(minutes=30)

    another = grant(SHARED)

    assert (another.token(), another.detail("api_domain"), another.detail("other")) == (
        "token-1",
        "https://api.example",
        "",
    )
    assert len(service.asked) == 1
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_token_renewed_by_another_daemon_is_taken_instead_of_a_new_one(
    service: Service, clock: FakeClock, grant: Callable[..., Grant]
) -> None:
    one, other = grant(SHARED), grant(SHARED)
    stale = one.token()
    other.token()
    one.renew(stale)

    other.renew(stale)

    assert (one.token(), other.token()) == ("token-2", "token-2")
    clock.advance(hours=1)
    assert (one.token(), other.token()) == ("token-3", "token-3")


def test_daemons_that_start_at_once_get_one_token(service: Service, grant: Callable[..., Grant]) -> None:
    daemons = [grant(SHARED) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        tokens = set(pool.map(lambda each: each.token(), daemons))

    assert tokens == {"token-1"}


def test_token_of_another_login_is_not_used(service: Service, grant: Callable[..., Grant]) -> None:
    grant(SHARED).token()
    changed = RefreshTokenOptions(client_id="app", client_secret=SecretStr("s3cret"), refresh_token=SecretStr("anew"))

    token = grant(SHARED, by_refresh_token(changed)).token()

    assert token == "token-2"
    assert service.form(1)["refresh_token"] == "anew"


@pytest.mark.parametrize("text", ["{half", "[]", '{"of": 7}', '{"of": "x", "access_token": "evil"}', "\x00"])
def test_damaged_file_is_no_obstacle(service: Service, tmp_path: Path, grant: Callable[..., Grant], text: str) -> None:
    (tmp_path / "crm.oauth.json").write_text(text)

    assert grant(SHARED).token() == "token-1"


def test_ration_is_kept_across_restarts_without_asking_the_service(
    service: Service, clock: FakeClock, grant: Callable[..., Grant]
) -> None:
    rationed = replace(SHARED, ration=Ration(3, timedelta(minutes=10)))
    for _ in range(3):
        again = grant(rationed)
        again.renew(again.token() if service.asked else "")
        clock.advance(minutes=1)

    with pytest.raises(RateLimited) as limited:
        grant(rationed).renew("token-3")
    clock.advance(minutes=7, seconds=1)
    grant(rationed).renew("token-3")

    assert limited.value.after == timedelta(minutes=7)
    assert len(service.asked) == 4
