"""What a Pipedrive account must have, who logs in, how often it may be asked, and what people did there."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sinks.pipedrive import Pipedrive, PipedriveOptions
from connectors.sinks.pipedrive.limits import pause_for
from connectors.sinks.pipedrive.login import Login
from syncd.connector import (
    Ambiguous,
    AuthFailed,
    LeadKeys,
    RateLimited,
    Ref,
    Refused,
    Retryable,
    Signal,
    SignalKind,
)
from syncd.testing import NOON, FakeClock, lent_tools
from syncd.testing.sink_under_test import done
from tests.connectors.orders import record, task, written
from tests.connectors.pipedrive_world import World, pipedrive_world
from tests.fakes.pipedrive import FakePipedrive
from tests.fakes.pipedrive.service import CLIENT, SECRET, TOKEN

OAUTH = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": "refresh-1"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with pipedrive_world(tmp_path) as world:
        yield world


# fields


def bare(folder: Path, fake: FakePipedrive, **options: Any) -> Pipedrive:
    settings = PipedriveOptions.model_validate({"token": TOKEN, "base_url": fake.url, **options})
    return Pipedrive(settings, lent_tools("pipedrive", FakeClock(NOON), folder))


def test_a_new_account_lacks_every_field_and_gets_them_once(tmp_path: Path) -> None:
    with FakePipedrive() as fake:
        before = bare(tmp_path, fake).prepare(apply=False)
        made = bare(tmp_path, fake).prepare(apply=True)
        after = bare(tmp_path, fake).prepare(apply=True)

        names = {row["field_name"] for row in fake.fields["personFields"]}
    assert [finding.ok for finding in before] == [False] * 9
    assert all(finding.remedy for finding in before)
    assert [finding.changed for finding in made] == [True] * 9
    assert [finding.changed for finding in after] == [False] * 9
    assert {"syncd_key", "syncd_opening", "syncd_company", "syncd_message"} <= names


def test_deals_need_their_own_key(tmp_path: Path) -> None:
    with FakePipedrive() as fake:
        bare(tmp_path, fake, make="deal").prepare(apply=True)

        assert [row["field_name"] for row in fake.fields["dealFields"]] == ["syncd_key"]


@pytest.mark.parametrize(
    ("options", "what", "remedy"),
    [
        ({"types": {"call": "ring"}}, "activity type for call", "call, deadline, email"),
        ({"make": "deal", "stage": 99}, "stage 99", "a stage of the pipeline"),
        ({"make": "deal", "stage": 1, "pipeline": 2}, "stage 1", "a stage of the pipeline"),
    ],
)
def test_what_the_config_names_and_the_account_lacks_is_found(
    world: World, options: dict[str, Any], what: str, remedy: str
) -> None:
    findings = {finding.what: finding for finding in world.another_sink(**options).check()}

    assert not findings[what].ok
    assert remedy in findings[what].remedy


def test_a_key_field_of_the_wrong_type_is_found(world: World) -> None:
    next(row for row in world.fake.fields["personFields"] if row["field_name"] == "syncd_key")["field_type"] = "double"

    (finding,) = [each for each in world.sink.prepare(apply=True) if not each.ok]

    assert "not a line of text" in finding.detail


def test_a_field_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with FakePipedrive() as fake:
        fake.order_fault(
            "answer", "POST", "*Fields", status=400, body=b'{"success": false, "code": "ERR_LIMIT"}', count=None
        )

        findings = bare(tmp_path, fake).prepare(apply=True)

    assert {finding.detail for finding in findings} == {"not made: ERR_LIMIT"}


# login


def test_an_app_renews_its_grant_and_speaks_as_bearer(world: World) -> None:
    sink = world.another_sink(oauth=OAUTH, oauth_url=f"{world.fake.url}/oauth/token")

    written(sink)
    world.fake.access = "another"  # the token of a moment ago is refused
    written(sink, number=2)

    assert world.fake.renewals == 2
    assert len(world.fake.persons) == 2


@pytest.mark.parametrize(
    ("make", "given", "missing"),
    [
        ("lead", "base,contacts:full,leads:full,deals:read,activities:full,users:read", ""),
        ("deal", "base,contacts:full,deals:full,activities:full,users:read", ""),
        ("lead", "base,contacts:full,leads:full,activities:full", "users:read, deals:read"),
        ("deal", "contacts:full activities:full users:full", "deals:full"),
    ],
)
def test_scopes_that_the_app_lacks_are_told(world: World, make: str, given: str, missing: str) -> None:
    world.fake.scopes = given
    app = world.another_sink(oauth=OAUTH, oauth_url=f"{world.fake.url}/oauth/token", make=make)
    world.another_sink(make=make).prepare(apply=True)

    found = {finding.what: finding for finding in app.prepare(apply=False) if not finding.ok}

    assert [finding.detail for finding in found.values()] == ([f"missing: {missing}"] if missing else [])
    assert "install the app anew" in found["scopes"].remedy if missing else not found


def test_an_app_that_may_not_do_it_is_refused(world: World) -> None:
    world.fake.scopes = "base,contacts:read,leads:full,deals:read,activities:full,users:read"
    app = world.another_sink(oauth=OAUTH, oauth_url=f"{world.fake.url}/oauth/token")

    with pytest.raises(AuthFailed, match="403"):
        written(app)


@pytest.mark.parametrize(
    ("domain", "address"),
    [
        ("https://acme.pipedrive.com", "https://acme.pipedrive.com"),
        ("https://evil.example", "https://api.pipedrive.com"),
        ("http://acme.pipedrive.com", "https://api.pipedrive.com"),
        ("https://acme.pipedrive.com.evil.example", "https://api.pipedrive.com"),
    ],
)
def test_a_token_goes_to_pipedrive_alone(world: World, tmp_path: Path, domain: str, address: str) -> None:
    world.fake.order_fault(
        "answer", path="/oauth/token",
        body=json.dumps({"access_token": "a", "expires_in": 60, "api_domain": domain}).encode(), status=200,
    )  # fmt: skip
    options = PipedriveOptions.model_validate({"oauth": OAUTH, "oauth_url": f"{world.fake.url}/oauth/token"})

    login = Login(options, lent_tools("other", FakeClock(NOON), tmp_path))

    assert login.address == address


def test_a_refused_grant_tells_no_secret(world: World) -> None:
    world.fake.refresh_token = "another"

    with pytest.raises(AuthFailed) as raised:
        world.another_sink(oauth=OAUTH, oauth_url=f"{world.fake.url}/oauth/token").check()

    assert "invalid_grant" in str(raised.value)
    assert SECRET not in str(raised.value)
    assert "refresh-1" not in str(raised.value)


@pytest.mark.parametrize("options", [{}, {"token": "t", "oauth": OAUTH}, {"token": "t", "types": {"walk": "x"}}])
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PipedriveOptions.model_validate(options)


# limits and failures


def test_a_burst_that_is_refused_says_for_how_long(tmp_path: Path) -> None:
    with pipedrive_world(tmp_path) as world:
        world.fake.burst = 0
        world.advance(seconds=3)

        with pytest.raises(RateLimited) as raised:
            world.sink.check()

    assert raised.value.after == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("headers", "retry_after", "seconds"),
    [
        ({}, None, 2),
        ({"x-ratelimit-reset": "1"}, None, 1),
        ({"x-ratelimit-reset": "1"}, timedelta(seconds=40), 40),
        ({"x-ratelimit-reset": "99999999"}, None, 2),
        ({"x-daily-requests-left": "0"}, None, 12 * 3600 + 60),
    ],
)
def test_a_pause_lasts_as_long_as_the_answer_lets_one_know(
    headers: dict[str, str], retry_after: timedelta | None, seconds: int
) -> None:
    assert pause_for(headers, retry_after, NOON) == timedelta(seconds=seconds)


def test_the_calls_left_of_a_day_are_told(world: World) -> None:
    world.fake.left_today = 500

    world.sink.check()

    allowance = world.sink.allowance()
    assert allowance is not None
    assert allowance.left_today == 500


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b'{"data": {"id": 1}}', Ambiguous),  # it says nothing of success
        (201, b"<html>", Ambiguous),
        (500, b'{"success": false}', Ambiguous),
        (403, b'{"success": false, "error": "Scope and URL mismatch", "errorCode": 403}', AuthFailed),
        (402, b'{"success": false}', AuthFailed),
        (400, b"<html>a proxy</html>", Retryable),
    ],
)
def test_an_answer_says_whether_it_may_have_been_done(
    world: World, status: int, body: bytes, kind: type[Exception]
) -> None:
    world.fake.order_fault("answer", "POST", status=status, body=body)

    with pytest.raises(kind):
        world.sink.upsert([record()])


def test_a_success_that_names_no_person_leaves_doubt(world: World) -> None:
    world.fake.order_fault("answer", "POST", status=201, body=b'{"success": true, "data": null}')

    (outcome,) = world.sink.upsert([record()])

    assert "does not name it" in getattr(outcome, "reason", "")


def test_a_list_whose_pages_repeat_is_an_error(world: World) -> None:
    body = json.dumps({"success": True, "data": [], "additional_data": {"next_cursor": "same"}}).encode()
    world.fake.order_fault("answer", "GET", "*/persons", status=200, body=body, count=None)

    with pytest.raises(Retryable):
        list(world.sink.changes(json.dumps({"persons": "2026-03-02T12:00:00Z"})))


def test_a_list_that_is_refused_is_no_empty_list(world: World) -> None:
    world.fake.order_fault("answer", "GET", "*/persons", status=400, body=b'{"success": false, "code": "ERR_X"}')

    with pytest.raises(Refused):
        world.sink.find([LeadKeys("lead-1", ref=Ref("person", "1"))])


# what people did


def heard(world: World, cursor: str) -> list[Signal]:
    return [signal for page in world.sink.changes(cursor) for signal in page.signals]


def begun(world: World) -> tuple[Ref, str]:
    """A person of ours, and the place from which changes are read."""
    ref = written(world.sink)
    world.advance(minutes=5)
    (page,) = world.sink.changes(None)
    return ref, page.cursor


def test_our_activity_marked_done_is_a_task_done_and_another_is_an_answer(world: World) -> None:
    ref, cursor = begun(world)
    (ours,) = done(world.sink.add_tasks([task(ref)]))
    done(world.sink.add_tasks([task(ref, mark="task-2")]))
    theirs = list(world.fake.activities)[-1]
    world.advance(minutes=1)
    at = {"done": True, "marked_as_done_time": world.fake.now()}
    world.fake.human_edits(world.fake.activities, int(ours.ref.id), **at)
    world.fake.human_edits(world.fake.activities, theirs, **at, note="<p>Spoke with her</p>")

    told = {(signal.kind, signal.ref.object, signal.ref.id) for signal in heard(world, cursor)}

    assert {(SignalKind.TASK_DONE, "activity", ours.ref.id), (SignalKind.ANSWERED, "person", ref.id)} <= told


def test_a_lead_turned_into_a_deal_qualifies_and_its_end_is_told(world: World) -> None:
    ref, cursor = begun(world)
    (lead,) = world.fake.leads
    deal = _deal(world, ref, source_lead_id=lead, status="won", won_time="2026-03-02T13:00:00Z")

    kinds = [signal.kind for signal in heard(world, cursor) if signal.ref.id == ref.id]

    assert deal in world.fake.deals
    assert kinds[-2:] == [SignalKind.QUALIFIED, SignalKind.WON]


def test_another_deal_of_the_person_says_nothing_of_the_lead(world: World) -> None:
    ref, cursor = begun(world)
    _deal(world, ref, source_lead_id="another", status="lost", lost_time="2026-03-02T13:00:00Z")

    assert {signal.kind for signal in heard(world, cursor)} <= {SignalKind.OWNER_CHANGED}


def test_persons_that_syncd_never_wrote_are_nobodys_business(world: World) -> None:
    _, cursor = begun(world)
    stranger = world.fake.number()
    blank = {"is_deleted": False, "add_time": world.fake.now(), "update_time": world.fake.now(), "custom_fields": {}}
    world.fake.persons[stranger] = {**blank, "id": stranger, "name": "X", "owner_id": world.anna}
    _deal(world, Ref("person", str(stranger)), source_lead_id=None, status="won", won_time=None)

    assert [signal for signal in heard(world, cursor) if signal.ref.id == str(stranger)] == []


def test_the_present_owner_of_a_changed_person_is_told(world: World) -> None:
    ref, cursor = begun(world)
    world.fake.human_edits(world.fake.persons, int(ref.id), owner_id=world.anna)

    (signal,) = heard(world, cursor)

    assert (signal.kind, signal.ref.id, signal.value) == (SignalKind.OWNER_CHANGED, ref.id, str(world.anna))


def test_a_deleted_person_is_told_where_the_list_has_them(world: World) -> None:
    person, cursor = begun(world)
    world.fake.lists_deleted = True
    world.fake.human_deletes(int(person.id))

    (gone,) = heard(world, cursor)

    assert (gone.kind, gone.ref) == (SignalKind.GONE, person)


def test_a_deleted_person_is_not_told_as_anything_else(world: World) -> None:
    person, cursor = begun(world)
    world.fake.human_deletes(int(person.id))

    assert heard(world, cursor) == []


def test_many_changes_come_in_pages_and_the_cursor_goes_on(world: World) -> None:
    ref, cursor = begun(world)
    done(world.sink.add_tasks([task(ref)]))
    first = next(iter(world.fake.activities.values()))
    for number in range(10_000, 10_600):
        world.fake.activities[number] = {**first, "id": number, "done": True, "update_time": world.fake.now()}

    pages = list(world.sink.changes(cursor))
    again = list(world.sink.changes(pages[-1].cursor))

    assert sum(len(page.signals) for page in pages) == 600
    assert json.loads(pages[-1].cursor)["activities"] == world.fake.now()
    assert len(again) == len(pages)


def _deal(world: World, ref: Ref, **values: Any) -> int:
    number = world.fake.number()
    world.fake.deals[number] = {
        "id": number, "person_id": int(ref.id), "is_deleted": False, "custom_fields": {},
        "add_time": world.fake.now(), "update_time": world.fake.now(), **values,
    }  # fmt: skip
    return number


# the fake refuses what Pipedrive refuses


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/v2/persons", {"emails": []}, 400),
        ("POST", "/api/v2/persons", {"name": "x", "email": "a@b.example"}, 400),
        ("POST", "/api/v2/persons", {"name": "x", "owner_id": "1"}, 400),
        ("POST", "/api/v2/persons", {"name": "x", "owner_id": 424242}, 400),
        ("POST", "/api/v2/persons", {"name": "x", "custom_fields": {"f" * 40: "x"}}, 400),
        ("POST", "/api/v2/persons", {"name": "x", "emails": [{"value": "a@b.example", "first": True}]}, 400),
        ("PATCH", "/api/v2/persons/424242", {"name": "x"}, 404),
        ("POST", "/api/v2/activities", {"subject": "x", "person_id": 1}, 400),
        ("POST", "/api/v2/activities", {"subject": "x", "due_time": "9:00"}, 400),
        ("POST", "/api/v2/activities", {"subject": "x", "due_date": "2026-03-02T09:00:00Z"}, 400),
        ("POST", "/api/v2/activities", {"subject": "x", "type": "ring"}, 400),
        ("POST", "/v1/leads", {"title": "x"}, 400),
        ("POST", "/v1/notes", {"content": "x"}, 400),
        ("GET", "/api/v2/persons?limit=501", None, 400),
        ("GET", "/api/v2/persons?updated_since=2026-03-02T09:00:00.000Z", None, 400),
        ("GET", "/api/v2/persons/search?term=a&fields=email", None, 400),
        ("GET", "/api/v2/persons?start=0", None, 400),
        ("GET", "/v1/persons", None, 404),
    ],
)
def test_the_fake_refuses(world: World, method: str, path: str, body: Any, status: int) -> None:
    reply = world.tools.http.call(
        method, world.fake.url + path, what="fake", writes=False, headers={"x-api-token": TOKEN}, json=body
    )

    assert reply.status == status
    assert reply.json()["success"] is False


def test_the_fake_wants_a_login(world: World) -> None:
    reply = world.tools.http.call("GET", f"{world.fake.url}/v1/users", what="fake", writes=False)

    assert reply.status == 401
