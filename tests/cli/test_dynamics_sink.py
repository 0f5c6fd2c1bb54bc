"""From a form to Dynamics 365, in one process."""

import json
from collections.abc import Iterator

import pytest

from syncd.connector import mark_in
from tests.cli.office import ANNA, Office
from tests.fakes.dynamics import FakeDynamics, Options

STAFF = ("eva@example.com", "tom@example.com")


@pytest.fixture
def fake() -> Iterator[FakeDynamics]:
    with FakeDynamics(Options(users=STAFF)) as fake:
        yield fake


@pytest.fixture
def people(office: Office, fake: FakeDynamics) -> dict[str, str]:
    """The environment is connected and prepared, and the roster works there."""
    own = fake.options
    login = {"client_id": own.client_id, "client_secret": own.client_secret}
    entry = {"type": "dynamics", "url": fake.url, "login_url": fake.url, "tenant": own.tenant}
    office.change("{type: local}", json.dumps({**entry, "client_credentials": login}))
    office.run("prepare", "--apply")
    return {row["internalemailaddress"].partition("@")[0]: row["systemuserid"] for row in fake.rows("systemuser")}


def test_a_form_becomes_one_lead_task_and_note_and_again_adds_only_a_note(
    office: Office, fake: FakeDynamics, people: dict[str, str]
) -> None:
    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question: is there a discount?"})

    (lead,) = fake.rows("lead")
    (task,) = fake.rows("task")
    assert (lead["lastname"], lead["_ownerid_value"], lead["companyname"]) == ("Berg", people["tom"], "Berg Bau GmbH")
    assert (task["_regardingobjectid_value"], task["_ownerid_value"]) == (lead["leadid"], people["tom"])
    assert "is there a discount?" in task["description"]
    assert {len(mark_in(note["notetext"])) for note in fake.rows("annotation")} == {21}
    assert len(fake.rows("annotation")) == 2
    assert lead["syncd_inquiries"] == 2
    assert office.run("prove")
