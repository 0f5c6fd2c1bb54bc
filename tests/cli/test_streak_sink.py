"""From a form to Streak, in one process."""

import json
from collections.abc import Iterator

import pytest

from tests.cli.office import ANNA, Office
from tests.fakes.streak import FakeStreak
from tests.fakes.streak.service import KEY

STAFF = ("eva@example.com", "tom@example.com")


@pytest.fixture
def fake() -> Iterator[FakeStreak]:
    with FakeStreak(users=STAFF) as fake:
        yield fake


@pytest.fixture(autouse=True)
def connected(office: Office, fake: FakeStreak) -> None:
    """The pipeline is prepared, and the roster works there."""
    entry = {"type": "streak", "api_key": KEY, "pipeline": "Sales", "base_url": fake.url}
    office.change("{type: local}", json.dumps(entry))
    office.run("prepare", "--apply")


def test_a_form_becomes_one_box_with_contact_task_and_comment_and_again_adds_only_a_comment(
    office: Office, fake: FakeStreak
) -> None:
    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question: is there a discount?"})

    (box,) = fake.boxes.values()
    (contact,) = fake.contacts.values()
    (task,) = fake.tasks.values()
    assert (box["name"], box["contacts"]) == ("Anna Berg, Berg Bau GmbH", [{"key": contact["key"]}])
    assert [one["email"] for one in box["assignedToSharingEntries"]] == ["tom@example.com"]
    assert fake.value(box["key"], "Inquiries") == "2"
    assert (task["boxKey"], task["status"]) == (box["key"], "NOT_DONE")
    assert "is there a discount?" in task["text"]
    assert len(fake.comments) == 2
    assert office.run("prove")


def test_a_key_that_streak_refuses_is_told_and_not_shown(office: Office, fake: FakeStreak) -> None:
    fake.key = "another"

    said = office.run("doctor", code=1)

    assert "401" in said
    assert KEY not in said
