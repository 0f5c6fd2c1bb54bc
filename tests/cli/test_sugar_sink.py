"""From a form to SugarCRM and SuiteCRM, in one process."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.office import ANNA, Office
from tests.connectors.sugar_world import DIALECTS, Dialect, login
from tests.fakes.sugar import FakeSugar, Options

USERS = ("eva@example.com", "tom@example.com")


@pytest.fixture
def fake() -> Iterator[FakeSugar]:
    with FakeSugar(Options(users=USERS)) as fake:
        yield fake


def connect(office: Office, fake: FakeSugar, dialect: Dialect) -> dict[str, str]:
    """The CRM is connected, and the roster works there."""
    kind = "sugarcrm" if dialect == "sugarcrm" else "suitecrm"
    office.change("{type: local}", json.dumps({"type": kind, **login(fake, dialect)}))
    office.run("prepare", "--apply")
    return {row["email"][0]["email_address"].partition("@")[0]: row["id"] for row in fake.rows("Users")}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_form_becomes_one_lead_task_and_note_and_again_adds_only_a_note(
    office: Office, fake: FakeSugar, dialect: Dialect
) -> None:
    people = connect(office, fake, dialect)
    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question: is there a discount?"})

    (lead,), (task,), notes = fake.rows("Leads"), fake.rows("Tasks"), fake.rows("Notes")
    assert (lead["first_name"], lead["last_name"], lead["account_name"]) == ("Anna", "Berg", "Berg Bau GmbH")
    assert (lead["assigned_user_id"], lead["syncd_inquiries_c"]) == (people["tom"], 2)
    assert (task["parent_id"], task["assigned_user_id"]) == (lead["id"], people["tom"])
    assert "is there a discount?" in task["description"]
    assert len(notes) == 2
    assert office.run("prove")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_check_tells_what_is_wrong_with_the_remedy(office: Office, fake: FakeSugar, dialect: Dialect) -> None:
    people = connect(office, fake, dialect)
    office.change('"url"', '"map": {"how_heard": "nowhere_c"}, "url"')
    fake.humans.leave(people["eva"])

    said = office.run("check", "--connect", code=1)

    assert "no field Leads.nowhere_c" in said
    assert "name a field as Studio shows it" in said
    assert "user for eva  not active there" in said
