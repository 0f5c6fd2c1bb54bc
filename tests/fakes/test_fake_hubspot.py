"""Single records, the shapes of bodies, and what the fake keeps of the calls."""

from collections.abc import Iterator

import pytest

from tests.fakes.hubspot import FakeHubSpot, Options
from tests.fakes.hubspot_api import Api, hubspot


@pytest.fixture
def api() -> Iterator[Api]:
    with hubspot(Options(owners=("anna@x.com",))) as (_, api):
        yield api


def test_a_created_contact_is_found_by_id_and_by_address_in_any_case(api: Api) -> None:
    contact = api.made("contacts", email="Ann@X.com", firstname="Ann")

    by_id = api.read("contacts", contact, properties="email,phone")
    by_mail = api.read("contacts", "ANN@x.com", idProperty="email")

    assert by_id["properties"]["email"] == "ann@x.com"
    assert by_id["properties"]["phone"] is None
    assert by_mail["id"] == contact
    assert by_mail["createdAt"].endswith("Z")


@pytest.mark.parametrize("prefix", ["/crm/v3/objects", "/crm/objects/2026-03"])
def test_both_styles_of_path_reach_the_same_records(api: Api, prefix: str) -> None:
    contact = api.made("contacts", email="a@x.com")

    with Api(api.fake, prefix) as other:
        assert other.read("contacts", contact)["id"] == contact
        assert other.read("0-1", contact)["id"] == contact


def test_a_known_address_is_a_conflict_that_names_the_contact(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")

    answer = api.create("contacts", email="A@x.com")

    assert answer.status_code == 409
    assert answer.json()["category"] == "CONFLICT"
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {contact}"


def test_a_conflict_may_leave_the_id_out() -> None:
    with hubspot(Options(conflicts_name_the_id=False)) as (fake, api):
        fake.add_contact(email="a@x.com")

        answer = api.create("contacts", email="a@x.com")

        assert answer.status_code == 409
        assert answer.json()["message"] == "Contact already exists"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"email": "a@x.com", "no_such": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"email": "a@x"}, "INVALID_EMAIL"),
        ({"email": "a@x.com", "hs_lead_status": "Brand new"}, "INVALID_OPTION"),
        ({"email": "a@x.com", "hubspot_owner_id": "1"}, "INVALID_OWNER_ID"),
        ({"email": "a@x.com", "annualrevenue": "lots"}, "INVALID_NUMBER"),
        ({"email": "a@x.com", "createdate": "2026-01-01"}, "READ_ONLY_VALUE"),
    ],
)
def test_a_value_that_does_not_fit_is_named_in_the_message_and_in_errors(
    api: Api, properties: dict[str, str], code: str
) -> None:
    answer = api.create("contacts", **properties)

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"
    assert f'"error":"{code}"' in answer.json()["message"]
    assert answer.json()["errors"][0]["code"] == code
    assert not api.fake.contacts


@pytest.mark.parametrize(
    ("kind", "properties", "missing"),
    [
        ("contacts", {"phone": "1"}, "email"),
        ("tasks", {"hs_task_subject": "call"}, "hs_timestamp"),
        ("notes", {"hs_note_body": "hello"}, "hs_timestamp"),
    ],
)
def test_what_a_record_needs_is_asked_for(api: Api, kind: str, properties: dict[str, str], missing: str) -> None:
    answer = api.create(kind, **properties)

    assert answer.status_code == 400
    assert missing in answer.json()["context"]["properties"]


@pytest.mark.parametrize(
    "body",
    [
        {"properties": {"email": "a@x.com"}, "extra": 1},
        {"properties": {"email": "a@x.com", "annualrevenue": 5}},
        {"properties": {"email": None}},
        {"properties": []},
        {},
        [],
    ],
)
def test_a_body_of_another_shape_is_refused(api: Api, body: object) -> None:
    assert api.post("/contacts", body).status_code == 400


def test_an_empty_value_clears_and_dates_come_back_in_iso(api: Api) -> None:
    task = api.made("tasks", hs_timestamp="1772442000000", hs_task_subject="call")

    api.patch("tasks", task, hs_task_subject="")

    held = api.read("tasks", task, properties="hs_timestamp,hs_task_subject")["properties"]
    assert held["hs_timestamp"] == "2026-03-02T09:00:00.000Z"
    assert held["hs_task_subject"] is None


def test_a_lower_stage_is_ignored_without_a_word_until_the_stage_is_cleared(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com", lifecyclestage="customer")

    assert api.patch("contacts", contact, lifecyclestage="lead").status_code == 200
    kept = api.fake.contacts[0]["properties"]["lifecyclestage"]
    api.patch("contacts", contact, lifecyclestage="")
    api.patch("contacts", contact, lifecyclestage="lead")

    assert kept == "customer"
    assert api.fake.contacts[0]["properties"]["lifecyclestage"] == "lead"


def test_a_deleted_contact_is_gone_and_its_address_free(api: Api) -> None:
    contact = api.made("contacts", email="a@x.com")

    assert api.call("DELETE", f"/crm/v3/objects/contacts/{contact}").status_code == 204

    assert api.call("GET", f"/crm/v3/objects/contacts/{contact}").status_code == 404
    assert api.made("contacts", email="a@x.com") != contact


def test_reset_leaves_only_the_owners_of_the_options(api: Api) -> None:
    api.made("contacts", email="a@x.com")
    api.unique("contacts")

    api.fake.reset()

    assert not api.fake.contacts
    assert not api.fake.calls
    assert len(api.call("GET", "/crm/v3/owners").json()["results"]) == 1
    assert api.call("GET", "/crm/v3/properties/contacts/syncd_key").status_code == 404


def test_calls_are_counted_by_template() -> None:
    with FakeHubSpot() as fake, Api(fake) as api:
        for email in ("a@x.com", "b@x.com"):
            api.read("contacts", api.made("contacts", email=email))

        assert fake.calls == {
            ("POST", "/crm/v3/objects/contacts"): 2,
            ("GET", "/crm/v3/objects/contacts/{id}"): 2,
        }
        assert [each.status for each in fake.log] == [201, 200, 201, 200]
