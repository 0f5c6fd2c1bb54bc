"""From a form to Odoo, in one process."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.office import ANNA, Office
from tests.fakes.odoo import FakeOdoo
from tests.fakes.odoo.service import TOKEN


@pytest.fixture
def fake() -> Iterator[FakeOdoo]:
    with FakeOdoo() as fake:
        yield fake


@pytest.fixture
def people(office: Office, fake: FakeOdoo) -> dict[str, int]:
    """The database is connected and prepared, and the roster works there."""
    entry = {"type": "odoo", "token": TOKEN, "url": fake.url}
    office.change("{type: local}", json.dumps(entry))
    users = {name: fake.add_user(f"{name}@example.com", name.title()) for name in ("eva", "tom")}
    office.run("prepare", "--apply")
    return users


def test_a_form_becomes_one_lead_activity_and_note_and_again_adds_only_a_note(
    office: Office, fake: FakeOdoo, people: dict[str, int]
) -> None:
    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question: is there a discount?"})

    (lead,) = fake.leads.values()
    (activity,) = fake.activities.values()
    assert (lead["contact_name"], lead["user_id"], lead["partner_name"]) == (
        "Anna Berg",
        people["tom"],
        "Berg Bau GmbH",
    )
    assert (activity["res_id"], activity["user_id"]) == (lead["id"], people["tom"])
    assert "is there a discount?" in activity["note"]
    assert len(fake.notes) == 2
    assert lead["x_syncd_inquiries"] == 2
    assert office.run("prove")


def test_a_check_tells_what_is_missing_with_the_remedy(office: Office, fake: FakeOdoo, people: dict[str, int]) -> None:
    fake.fields["crm.lead"].pop("x_syncd_inquiries")
    fake.human_edits(people["eva"], "res.users", active=False)

    said = office.run("check", "--connect", code=1)

    assert "crm.lead: x_syncd_inquiries  missing" in said
    assert "let syncd make it" in said
    assert "user for eva  not active there" in said
