"""Limits, links, paths, options, and what each answer means."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import responses

from connectors.sinks.hubspot import HubSpot, HubSpotOptions
from connectors.sinks.hubspot.failures import trouble_of
from connectors.sinks.hubspot.limits import SEARCHES, pause_for
from syncd.connector import (
    Allowance,
    Ambiguous,
    AuthFailed,
    HttpClient,
    Limit,
    RateLimited,
    Refused,
    Retryable,
    Tools,
)
from tests.connectors.hubspot_world import (
    API,
    CONTACTS,
    OAUTH,
    MovingClock,
    World,
    hubspot_world,
    keys,
    note,
    record,
    refs,
    said_service,
    sink_of,
    task,
)
from tests.fakes.hubspot import Limits


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with hubspot_world(tmp_path, sink={"company": False}) as world:
        yield world


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with said_service() as wire:
        yield wire


# what counts


def test_every_search_and_nothing_else_says_that_it_is_one(tmp_path: Path) -> None:
    """Of companies, of tasks and notes by a plain mark, and of what has changed."""
    with hubspot_world(tmp_path, unique_task_properties=False) as world:
        limits: list[Limit | None] = []
        world.http.gate = limits.append
        before = world.fake.calls

        (ref,) = refs(world.sink.upsert([record(1, company_domain="firm.example")]))
        world.sink.add_tasks([task(1, ref)])
        world.sink.add_notes([note(1, ref)])
        list(world.sink.changes(next(iter(world.sink.changes(None))).cursor))

        made = world.fake.calls - before
        searches = [path for (_, path), times in made.items() if path.endswith("/search") for _ in range(times)]
        assert len(set(searches)) == 4
        assert [limit for limit in limits if limit] == [SEARCHES] * len(searches)
        assert len(limits) == made.total()


# what an answer means


@pytest.mark.parametrize(
    ("status", "body", "read", "write"),
    [
        (200, {"results": []}, None, None),
        (207, {"results": []}, None, None),
        (200, None, Retryable, Ambiguous),
        (302, None, Retryable, Retryable),
        (400, {"category": "VALIDATION_ERROR"}, None, None),
        (400, None, Retryable, Retryable),
        (401, {"category": "EXPIRED_AUTHENTICATION"}, AuthFailed, AuthFailed),
        (401, None, AuthFailed, AuthFailed),
        (403, {"category": "MISSING_SCOPES"}, AuthFailed, AuthFailed),
        (404, {"category": "OBJECT_NOT_FOUND"}, None, None),
        (404, {"message": "no such path"}, Retryable, Retryable),
        (408, None, Retryable, Retryable),
        (409, {"category": "CONFLICT"}, None, None),
        (413, {}, None, None),
        (414, {}, None, None),
        (423, {}, Retryable, Retryable),
        (429, {"policyName": "SECONDLY"}, RateLimited, RateLimited),
        (477, {}, Retryable, Retryable),
        (500, {"category": "INTERNAL"}, Retryable, Ambiguous),
        (502, None, Retryable, Ambiguous),
        (503, None, Retryable, Ambiguous),
        (504, None, Retryable, Ambiguous),
    ],
)
def test_status_and_category_say_what_happens_next(
    status: int, body: dict[str, str] | None, read: type[Exception] | None, write: type[Exception] | None
) -> None:
    assert trouble_of(status, body, writes=False) is read
    assert trouble_of(status, body, writes=True) is write


def test_missing_scope_is_named(tmp_path: Path) -> None:
    scopes = frozenset({"crm.objects.owners.read"})
    with (
        hubspot_world(tmp_path, prepared=False, scopes=scopes) as world,
        pytest.raises(AuthFailed, match=r"crm\.objects\.contacts\.read"),
    ):
        world.sink.find([keys(1)])


def test_moving_account_says_when_to_come_back(tmp_path: Path, wire: responses.RequestsMock) -> None:
    wire.replace(responses.GET, f"{API}/crm/owners/2026-03", status=477, headers={"Retry-After": "1800"}, json={})

    with pytest.raises(Retryable) as raised:
        sink_of(tmp_path).owners()

    assert raised.value.after == timedelta(minutes=30)


def test_wrong_address_is_refused_without_quoting_it(tmp_path: Path) -> None:
    settings = HubSpotOptions(base_url="no-address-at-all", token="pat-secret")
    sink = HubSpot(settings, Tools("crm", MovingClock(), HttpClient(), tmp_path))

    with pytest.raises(Refused) as raised:
        sink.owners()

    assert "no-address" not in str(raised.value)


# limits


def test_allowance_is_unknown_before_the_first_answer(tmp_path: Path) -> None:
    assert sink_of(tmp_path).allowance() is None


def test_allowance_is_what_the_headers_say(tmp_path: Path) -> None:
    with hubspot_world(tmp_path, prepared=False, limits=Limits(burst=190, daily=1000, search=None)) as world:
        world.sink.owners()

        assert world.sink.allowance() == Allowance(190, timedelta(seconds=10), left_today=998, per_day=1000)


@pytest.mark.parametrize(("policy", "seconds"), [("SECONDLY", 1), ("TEN_SECONDLY_ROLLING", 10), ("NEW_ONE", 10)])
def test_each_policy_has_its_pause(world: World, policy: str, seconds: int) -> None:
    world.fake.order_fault("too_many", path="*/batch/upsert", policy=policy)

    with pytest.raises(RateLimited, match=policy) as raised:
        world.sink.upsert([record(1)])

    assert raised.value.after == timedelta(seconds=seconds)


def test_retry_after_wins_over_the_policy(world: World) -> None:
    world.fake.order_fault("too_many", path="*/batch/upsert", policy="DAILY", retry_after=42)

    with pytest.raises(RateLimited) as raised:
        world.sink.upsert([record(1)])

    assert raised.value.after == timedelta(seconds=42)


def test_daily_limit_without_a_known_zone_lasts_until_midnight_in_utc_and_says_so(world: World) -> None:
    world.fake.order_fault("too_many", path="*/batch/upsert", policy="DAILY")

    with pytest.raises(RateLimited, match="UTC") as raised:
        world.sink.upsert([record(1)])

    assert raised.value.after == timedelta(hours=15, minutes=1)


def test_daily_limit_lasts_until_midnight_of_the_account(tmp_path: Path, wire: responses.RequestsMock) -> None:
    answer_details(wire)
    sink = sink_of(tmp_path)
    answer_contact(wire)
    sink.find([keys(1)])
    wire.replace(responses.POST, f"{API}{CONTACTS}/batch/read", status=429, json={"policyName": "DAILY"})

    with pytest.raises(RateLimited) as raised:
        sink.find([keys(1)])

    assert raised.value.after == timedelta(hours=20, minutes=1)  # it is 04:00 there
    assert "UTC" not in str(raised.value)


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 3, 7, 12, 0, tzinfo=UTC), 17),
        (datetime(2026, 3, 8, 6, 0, tzinfo=UTC), 22),  # the clocks go forward on this day, so it is an hour short
        (datetime(2026, 11, 1, 5, 0, tzinfo=UTC), 24),  # an hour too many
    ],
)
def test_midnight_minds_the_change_of_clocks(now: datetime, hours: int) -> None:
    pause = pause_for("DAILY", now, ZoneInfo("America/New_York"))

    assert pause == timedelta(hours=hours, minutes=1)


# links


def answer_details(wire: responses.RequestsMock) -> None:
    details = {"portalId": 4242, "uiDomain": "app-eu1.hubspot.com", "timeZone": "US/Eastern"}
    wire.get(f"{API}/account-info/2026-03/details", json=details)
    wire.get(f"{API}/crm/properties/2026-03/contacts", json={"results": [{"name": "email"}]})


def answer_contact(wire: responses.RequestsMock) -> None:
    row = {"id": "77", "properties": {"email": "p1@firm.example"}}
    wire.post(f"{API}{CONTACTS}/batch/read", json={"status": "COMPLETE", "results": [row]})


def test_ref_leads_to_the_page_of_the_contact(tmp_path: Path, wire: responses.RequestsMock) -> None:
    answer_details(wire)
    answer_contact(wire)

    (known,) = sink_of(tmp_path).find([keys(1)])

    assert known is not None
    assert known.ref.url == "https://app-eu1.hubspot.com/contacts/4242/record/0-1/77"


@pytest.mark.parametrize("status", [403, 404, 500])
def test_account_that_may_not_be_read_has_no_links(tmp_path: Path, wire: responses.RequestsMock, status: int) -> None:
    answer_details(wire)
    answer_contact(wire)
    wire.replace(responses.GET, f"{API}/account-info/2026-03/details", status=status)
    sink = sink_of(tmp_path)

    urls = [known.ref.url for _ in range(3) for known in sink.find([keys(1)]) if known]

    assert urls == ["", "", ""]
    assert sum("details" in call.request.url for call in wire.calls) == 1


# paths


@pytest.mark.parametrize(
    ("chosen", "objects", "associations", "other"),
    [
        ({}, "/crm/objects/2026-03", "/crm/associations/2026-03", "/v[34]/"),
        ({"api": "v3"}, "/crm/v3/objects", "/crm/v4/associations", "/2026-03/"),
    ],
)
def test_one_version_of_the_api_is_used_everywhere(
    tmp_path: Path, chosen: dict[str, str], objects: str, associations: str, other: str
) -> None:
    with hubspot_world(tmp_path, sink=chosen) as world:
        refs(world.sink.upsert([record(1, company_domain="acme.example")]))

        paths = {path for _, path in world.fake.calls}

    assert f"{objects}/contacts/batch/upsert" in paths
    assert f"{associations}/contacts/companies/batch/associate/default" in paths
    assert [path for path in paths if re.search(other, path)] == []


# options


@pytest.mark.parametrize("given", [{}, {"token": "a", "oauth": OAUTH}])
def test_exactly_one_login_is_wanted(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either token or oauth"):
        HubSpotOptions(**given)


def test_every_option_has_its_help() -> None:
    assert [name for name, field in HubSpotOptions.model_fields.items() if not field.description] == []


def test_options_never_show_a_secret() -> None:
    shown = repr(HubSpotOptions(oauth=OAUTH)) + repr(HubSpotOptions(token="pat-secret"))

    assert not any(secret in shown for secret in ("fake-secret", "fake-refresh", "pat-secret"))


def test_closing_twice_is_harmless(world: World) -> None:
    closes: list[Callable[[], None]] = [world.sink.close, world.sink.close]

    assert [close() for close in closes] == [None, None]  # type: ignore[func-returns-value]  # that it returns
