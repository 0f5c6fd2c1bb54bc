"""The grant of a public app: refreshed early, once, and kept."""

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import responses

from syncd.connector import (
    AuthFailed,
    RateLimited,
    Retryable,
)
from tests.connectors.hubspot_world import (
    API,
    OAUTH,
    TOKENS,
    World,
    hubspot_world,
    record,
    refs,
    said_service,
    sink_of,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, sink={"company": False}) as world:
        yield world


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with said_service() as wire:
        yield wire


@pytest.fixture
def oauth(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, sink={"oauth": OAUTH, "company": False}) as world:
        yield world


def test_token_is_refreshed_before_it_runs_out(oauth: World) -> None:
    oauth.advance(seconds=1700)
    oauth.sink.check()
    before = oauth.fake.calls[TOKENS]

    oauth.advance(seconds=50)
    oauth.sink.check()

    assert (before, oauth.fake.calls[TOKENS]) == (1, 2)


def test_revoked_access_token_is_renewed_and_the_call_replayed_once(oauth: World) -> None:
    refs(oauth.sink.upsert([record(1)]))
    oauth.fake.revoke_token()

    refs(oauth.sink.upsert([record(2)]))

    assert oauth.fake.calls[TOKENS] == 2
    assert len(oauth.fake.contacts) == 2


def test_token_that_is_refused_again_after_renewal_is_a_failed_login(oauth: World) -> None:
    oauth.fake.order_fault("unauthorized", path="*/batch/upsert", count=None)

    with oauth.counted() as calls, pytest.raises(AuthFailed):
        oauth.sink.upsert([record(1)])

    assert calls["contacts/batch/upsert"] == 2


def test_refused_grant_is_a_failed_login_that_is_not_hammered(oauth: World) -> None:
    oauth.fake.revoke_token()
    oauth.fake.revoke_refresh_token()

    with oauth.counted() as calls:
        for _ in range(5):
            with pytest.raises(AuthFailed, match="BAD_REFRESH_TOKEN"):
                oauth.sink.upsert([record(1)])

    assert calls["/oauth/v3/token"] == 1


def test_many_threads_refresh_once(oauth: World) -> None:
    oauth.fake.revoke_token()
    before = oauth.fake.calls[TOKENS]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: refs(oauth.sink.upsert([record(n)])), range(8)))

    assert len({ref for (ref,) in found}) == 8
    assert oauth.fake.calls[TOKENS] == before + 1


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [(500, {}, Retryable), (502, {}, Retryable), (429, {"Retry-After": "3"}, RateLimited)],
)
def test_trouble_at_the_token_endpoint_leaves_no_doubt_about_the_orders(
    tmp_path: Path, wire: responses.RequestsMock, status: int, headers: dict[str, str], error: type[Exception]
) -> None:
    wire.post(f"{API}/oauth/v3/token", status=status, headers=headers)

    with pytest.raises(error):
        sink_of(tmp_path, oauth=OAUTH).upsert([record(1)])


def rotating(wire: responses.RequestsMock, tokens: list[str], used: list[str]) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        used.append(str(request.body))
        body = {"access_token": "access", "refresh_token": tokens.pop(0), "expires_in": 1800}
        return 200, {}, json.dumps(body)

    wire.add_callback(responses.POST, f"{API}/oauth/v3/token", answer)


def test_rotated_refresh_token_outlives_a_restart_in_a_private_file(
    tmp_path: Path, wire: responses.RequestsMock
) -> None:
    used: list[str] = []
    rotating(wire, ["second", "third"], used)
    sink_of(tmp_path, oauth=OAUTH).owners()

    sink_of(tmp_path, oauth=OAUTH).owners()

    (kept,) = tmp_path.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "refresh_token=fake-refresh" in used[0]
    assert "refresh_token=second" in used[1]


def test_new_refresh_token_in_the_config_replaces_the_kept_one(tmp_path: Path, wire: responses.RequestsMock) -> None:
    used: list[str] = []
    rotating(wire, ["second", "other"], used)
    sink_of(tmp_path, oauth=OAUTH).owners()

    sink_of(tmp_path, oauth={**OAUTH, "refresh_token": "given-anew"}).owners()

    assert "refresh_token=given-anew" in used[1]


def test_damaged_file_of_the_kept_token_is_no_obstacle(tmp_path: Path, wire: responses.RequestsMock) -> None:
    used: list[str] = []
    rotating(wire, ["second"], used)
    (tmp_path / "crm.oauth.json").write_text("{half")

    sink_of(tmp_path, oauth=OAUTH).owners()

    assert "refresh_token=fake-refresh" in used[0]
