"""From a form to Close, in one process."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.office import ANNA, Office
from tests.fakes.close import FakeClose
from tests.fakes.close.service import KEY


@pytest.fixture
def fake() -> Iterator[FakeClose]:
    with FakeClose() as fake:
        yield fake


@pytest.fixture
def people(office: Office, fake: FakeClose) -> dict[str, str]:
    """The organization is connected and prepared, and the roster works there."""
    entry = {"type": "close", "api_key": KEY, "base_url": fake.url}
    office.change("{type: local}", json.dumps(entry))
    users = {name: fake.add_user(f"{name}@example.com", name.title()) for name in ("eva", "tom")}
    office.run("prepare", "--apply")
    return users


def test_a_form_becomes_one_lead_with_contact_task_and_note_and_again_adds_only_a_note(
    office: Office, fake: FakeClose, people: dict[str, str]
) -> None:
    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question: is there a discount?"})

    (lead,) = fake.leads.values()
    (contact,) = fake.contacts.values()
    (task,) = fake.tasks.values()
    assert (lead["name"], lead[fake.code("syncd_owner", "lead")]) == ("Berg Bau GmbH", people["tom"])
    assert (contact["name"], contact["lead_id"]) == ("Anna Berg", lead["id"])
    assert contact[fake.code("syncd_inquiries")] == 2
    assert (task["lead_id"], task["assigned_to"], task["is_complete"]) == (lead["id"], people["tom"], False)
    assert "is there a discount?" in task["text"]
    assert len(fake.notes) == 2
    assert office.run("prove")


def test_a_check_tells_what_is_missing_with_the_remedy(office: Office, fake: FakeClose, people: dict[str, str]) -> None:
    fake.fields["contact"].pop()
    del fake.users[people["eva"]]

    said = office.run("check", "--connect", code=1)

    assert "contact field syncd_inquiries  missing" in said
    assert "let syncd make it" in said
    assert "user for eva" in said
