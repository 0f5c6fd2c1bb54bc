"""From a form to Copper, in one process."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.office import ANNA, Office
from tests.fakes.copper import FakeCopper
from tests.fakes.copper.service import EMAIL, KEY

STAFF = ("eva@example.com", "tom@example.com")


@pytest.fixture
def fake() -> Iterator[FakeCopper]:
    with FakeCopper(users=STAFF) as fake:
        yield fake


@pytest.fixture(autouse=True)
def connected(office: Office, fake: FakeCopper) -> None:
    """The account is prepared, and the roster works there."""
    entry = {"type": "copper", "token": KEY, "email": EMAIL, "base_url": fake.url}
    office.change("{type: local}", json.dumps(entry))
    office.run("prepare", "--apply")


def test_a_form_becomes_one_lead_with_task_and_note_and_again_adds_only_a_note(
    office: Office, fake: FakeCopper
) -> None:
    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question: is there a discount?"})

    (lead,) = fake.leads.values()
    (task,) = fake.tasks.values()
    assert (lead["name"], lead["company_name"]) == ("Anna Berg", "Berg Bau GmbH")
    assert fake.users[lead["assignee_id"]]["email"] == "tom@example.com"
    assert fake.value(lead, "Inquiries") == 2
    assert (task["related_resource"], task["status"]) == ({"type": "lead", "id": lead["id"]}, "Open")
    assert "is there a discount?" in task["details"]
    assert len(fake.activities) == 2
    assert office.run("prove")


def test_a_lead_that_was_converted_is_asked_for_as_a_person(office: Office, fake: FakeCopper) -> None:
    office.land(**ANNA)
    person = fake.human_converts(next(iter(fake.leads)))

    office.land(**{**ANNA, "message": "One more question"})

    assert fake.value(fake.people[person], "Inquiries") == 2
    assert [row["parent"]["type"] for row in fake.activities.values()] == ["lead", "person"]
    assert len(fake.leads) == 1


def test_a_token_that_copper_refuses_is_told_and_not_shown(office: Office, fake: FakeCopper) -> None:
    fake.key = "another"

    said = office.run("doctor", code=1)

    assert "401" in said
    assert KEY not in said
