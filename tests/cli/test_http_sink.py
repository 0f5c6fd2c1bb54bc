"""From a form to a service that the config describes, in one process; and what `syncd check` shows of it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.testing import FakeClock
from tests.cli.office import ANNA, Office, keep, settle
from tests.connectors.http_world import config
from tests.fakes.agency import KEY, FakeAgency

OWNERS = {"eva@example.com": "7", "tom@example.com": "8"}


@pytest.fixture
def fake() -> Iterator[FakeAgency]:
    with FakeAgency() as fake:
        yield fake


def connect(office: Office, fake: FakeAgency, **changes: Any) -> None:
    settings = config(fake.url, owners=OWNERS, idempotency_header="Idempotency-Key", **changes)
    office.change("{type: local}", json.dumps({"type": "http", **_as_written(settings)}))


def _as_written(tree: Any) -> Any:
    """As in a file: an empty list or mapping is not written."""
    return {name: value for name, value in tree.items() if value not in ([], None)}


def test_a_form_becomes_one_lead_with_a_task_and_a_note_and_again_changes_only_what_is_new(
    office: Office, fake: FakeAgency
) -> None:
    connect(office, fake)

    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question: is there a discount?"})

    (lead,) = fake.leads.values()
    (task,) = fake.tasks.values()
    assert (lead["email"], lead["company"], lead["owner"]) == ("anna@berg-bau.com", "Berg Bau GmbH", "8")
    assert (task["lead"], task["owner"]) == (lead["id"], "8")
    assert "is there a discount?" in task["body"]
    assert lead["answer_by"].endswith("Z")
    assert len(fake.notes) == 2
    assert "nothing lost" in office.run("prove").lower()


def test_a_lost_answer_where_nothing_can_tell_is_parked_and_a_person_settles_it(
    office: Office, fake: FakeAgency
) -> None:
    fake.keyed = fake.searches = False
    settings = {**config(fake.url, look_up=False), "owners": OWNERS}
    office.change("{type: local}", json.dumps({"type": "http", **_as_written(settings)}))
    fake.order_fault("commit_then_drop", "POST", "/v1/leads")
    clock = FakeClock(datetime.now(UTC) + timedelta(seconds=5))
    with office.app(clock) as built:
        keep(built, **ANNA)
        settle(built)
        clock.advance(minutes=1)
        settle(built)

    (parked,) = office.run("parked", "--json").json()
    office.run("settle", parked["id"], "--ref", "l1")
    with office.app(clock) as built:
        settle(built)

    assert "syncd settle" in parked["reason"]
    assert len(fake.leads) == 1
    assert [task["lead"] for task in fake.tasks.values()] == ["l1"]


def test_a_check_without_network_shows_the_requests_and_no_secret(office: Office, fake: FakeAgency) -> None:
    connect(office, fake)

    said = office.run("check")

    assert "POST http://127.0.0.1" in said
    assert "/v1/leads X-Api-Key: ***; Idempotency-Key: record-SAMPLE" in said
    assert "is known by Idempotency-Key" in said
    assert KEY not in said
    assert not fake.calls


def test_a_check_with_network_tries_the_login(office: Office, fake: FakeAgency) -> None:
    connect(office, fake)
    fake.order_fault("unauthorized")

    said = office.run("check", "--connect", code=1)

    assert "check of the login answered 401" in said
    assert fake.leads == {}


def test_a_mistake_in_a_template_is_told_with_its_place_in_the_file(office: Office) -> None:
    office.change(
        "{type: local}",
        '{type: http, base_url: "https://x.example", leave_out: [tasks, notes], '
        'records: {body: {mail: "{{ emial }}"}}}',
    )

    said = office.run("check", code=2)

    assert "sinks.book.records" in said.err
    assert "body.mail: 'emial' is undefined" in said.err
