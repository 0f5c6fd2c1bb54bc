"""Owners, property definitions and what people do by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.hubspot import Options
from tests.fakes.hubspot_api import Api, hubspot

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def api() -> Iterator[Api]:
    with hubspot(Options(owners=("anna@x.com",))) as (_, api):
        yield api


def test_owners_come_in_pages_and_by_address(api: Api) -> None:
    left = api.fake.add_owner("bob@x.com", "Bob B", archived=True)
    for n in range(3):
        api.fake.add_owner(f"o{n}@x.com", f"O {n}")

    first = api.call("GET", "/crm/v3/owners/", limit="3").json()
    rest = api.call("GET", "/crm/v3/owners", limit="3", after=first["paging"]["next"]["after"]).json()
    archived = api.call("GET", "/crm/owners/2026-03", archived="true").json()["results"]
    (found,) = api.call("GET", "/crm/v3/owners", email="O1@x.com").json()["results"]

    assert len(first["results"]) == 3
    assert [each["email"] for each in rest["results"]] == ["o2@x.com"]
    assert "paging" not in rest
    assert [each["id"] for each in archived] == [left]
    assert str(found["userId"]) != found["id"]


def test_nothing_can_be_given_to_somebody_who_left(api: Api) -> None:
    owner = api.fake.add_owner("bob@x.com", "Bob B")
    contact = api.made("contacts", email="a@x.com", hubspot_owner_id=owner)
    api.fake.archive_owner(owner)

    assert api.patch("contacts", contact, hubspot_owner_id=owner).status_code == 400
    assert api.fake.contacts[0]["properties"]["hubspot_owner_id"] == owner


def test_the_options_of_a_property_can_be_read_and_extended(api: Api) -> None:
    path = "/crm/v3/properties/contacts/hs_lead_status"
    options = api.call("GET", path).json()["options"]

    api.call("PATCH", path, {"options": [*options, {"label": "Syncd", "value": "SYNCD", "hidden": False}]})

    assert api.create("contacts", email="a@x.com", hs_lead_status="SYNCD").status_code == 201
    assert "SYNCD" in [each["value"] for each in api.call("GET", path).json()["options"]]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "email"}, 409),
        ({"name": "Has Space"}, 400),
        ({"groupName": "nowhere"}, 400),
        ({"type": "blob"}, 400),
        ({"type": "bool", "fieldType": "booleancheckbox", "hasUniqueValue": True}, 400),
    ],
)
def test_properties_that_cannot_be_made(api: Api, change: dict[str, Any], status: int) -> None:
    assert api.define("contacts", **{"name": "syncd_key", **change}).status_code == status


def test_a_property_may_live_in_a_group_of_ones_own(api: Api) -> None:
    path = "/crm/properties/2026-03/contacts/groups"

    assert api.call("POST", path, {"name": "syncd", "label": "syncd"}).status_code == 201

    assert api.define("contacts", "syncd_key", groupName="syncd").status_code == 201
    assert "syncd" in [each["name"] for each in api.call("GET", path).json()["results"]]


def test_a_new_owner_and_a_logged_call_leave_their_traces(api: Api) -> None:
    owner = api.call("GET", "/crm/v3/owners").json()["results"][0]["id"]
    contact = api.made("contacts", email="a@x.com", hubspot_owner_id=owner)
    before = dict(api.fake.contacts[0]["properties"])
    api.fake.advance(60)

    api.fake.human_logs_activity(contact)
    api.fake.advance(60)
    api.fake.human_logs_activity(contact, "note")

    held = api.fake.contacts[0]["properties"]
    assert "hubspot_owner_assigneddate" in before
    assert held["num_contacted_notes"] == "1"
    assert held["hs_sa_first_engagement_date"] == held["notes_last_contacted"]
    assert before["lastmodifieddate"] < held["notes_last_contacted"] < held["notes_last_updated"]
    assert len(api.fake.notes) == 1


def test_a_completed_task_shows_on_its_contact_but_is_no_contact_made() -> None:
    with hubspot(Options(start=START)) as (fake, api):  # one moment for the task and its contact
        contact = api.made("contacts", email="a@x.com")
        task = api.made("tasks", hs_timestamp="2026-03-02T09:00:00Z")
        api.call("PUT", f"/crm/v4/objects/tasks/{task}/associations/default/contacts/{contact}")

        fake.human_completes(task)

        done, held = fake.tasks[0]["properties"], fake.contacts[0]["properties"]
        assert done["hs_task_status"] == "COMPLETED"
        assert done["hs_task_completion_date"] == held["hs_sa_first_engagement_date"]
        assert "notes_last_contacted" not in held
