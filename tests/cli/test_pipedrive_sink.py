"""From a form to Pipedrive, in one process."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.office import ANNA, Office
from tests.fakes.pipedrive import FakePipedrive
from tests.fakes.pipedrive.service import TOKEN


@pytest.fixture
def fake() -> Iterator[FakePipedrive]:
    with FakePipedrive() as fake:
        yield fake


@pytest.fixture
def people(office: Office, fake: FakePipedrive) -> dict[str, int]:
    """The account is connected and prepared, and the roster works there."""
    entry = {"type": "pipedrive", "token": TOKEN, "base_url": fake.url}
    office.change("{type: local}", json.dumps(entry))
    users = {name: fake.add_user(f"{name}@example.com", name.title()) for name in ("eva", "tom")}
    office.run("prepare", "--apply")
    return users


def test_a_form_becomes_one_person_lead_activity_and_note_and_again_adds_only_a_note(
    office: Office, fake: FakePipedrive, people: dict[str, int]
) -> None:
    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question: is there a discount?"})

    (person,) = fake.persons.values()
    (lead,) = fake.leads.values()
    (activity,) = fake.activities.values()
    assert (person["name"], person["owner_id"], lead["owner_id"]) == ("Anna Berg", people["tom"], people["tom"])
    assert fake.custom(person["id"], "syncd_company") == "Berg Bau GmbH"
    assert (activity["person_id"], activity["lead_id"], activity["owner_id"]) == (
        person["id"], lead["id"], people["tom"],
    )  # fmt: skip
    assert "is there a discount?" in activity["note"]
    assert len(fake.notes) == 2
    assert fake.custom(person["id"], "syncd_inquiries") == 2
    assert office.run("prove")


def test_a_check_tells_what_is_missing_with_the_remedy(
    office: Office, fake: FakePipedrive, people: dict[str, int]
) -> None:
    fake.fields["personFields"].pop()
    fake.users[people["eva"]]["active_flag"] = False

    said = office.run("check", "--connect", code=1)

    assert "personFields: syncd_inquiries  missing" in said
    assert "let syncd make it" in said
    assert "user for eva  not active there" in said
