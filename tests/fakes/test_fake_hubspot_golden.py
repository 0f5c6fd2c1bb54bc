"""The fake's refusals beside answers captured from the real service (not shipped; else skipped)."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.fakes.hubspot import FakeHubSpot, Limits, Options
from tests.fakes.hubspot.options import ALL_SCOPES
from tests.fakes.hubspot_api import Api
from tests.outside import SHARED, needs

CAPTURED = SHARED / "specs/samples/hubspot_bodies.json"
Ask = Callable[[Api], requests.Response]

pytestmark = needs(CAPTURED.exists(), "HubSpot's captured answers are not beside this checkout")


def plain(captured: Any) -> Any:
    """With numbers and the words of the case taken out, so that only form and wording remain."""
    if isinstance(captured, dict):
        left_out = {"correlationId", "requestId", "url", "startedAt", "completedAt"}
        return {key: plain(value) for key, value in captured.items() if key not in left_out}
    if isinstance(captured, list):
        return [plain(each) for each in captured]
    return re.sub(r"\d+", "0", captured) if isinstance(captured, str) else captured


def traced(*addresses: str) -> dict[str, Any]:
    inputs = [{"properties": {"email": each}, "objectWriteTraceId": str(place)} for place, each in enumerate(addresses)]
    return {"inputs": inputs}


def conflict_in_batch(api: Api) -> requests.Response:
    api.fake.add_contact(email="a@x.com")
    return api.post("/contacts/batch/create", {"inputs": [{"properties": {"email": "a@x.com"}}]})


def conflict(api: Api) -> requests.Response:
    api.fake.add_contact(email="a@x.com")
    return api.create("contacts", email="a@x.com")


def unknown_property(api: Api) -> requests.Response:
    return api.post("/contacts/batch/create", {"inputs": [{"properties": {"foo": "1"}}]})


def duplicate_ids(api: Api) -> requests.Response:
    inputs = [{"id": "123456", "properties": {"city": "Bonn"}}] * 2
    return api.post("/contacts/batch/update", {"inputs": inputs})


def missing_scope(api: Api) -> requests.Response:
    return api.create("contacts", email="a@x.com")


def butterflies(api: Api) -> requests.Response:
    return api.search("butterflies")


def one_search_too_many(api: Api) -> requests.Response:
    api.search("contacts")
    return api.search("contacts")


def refused_refresh(api: Api) -> requests.Response:
    options = api.fake.options
    form = {
        "grant_type": "refresh_token",
        "client_id": options.client_id,
        "client_secret": options.client_secret,
        "refresh_token": "x",
    }
    return requests.post(f"{api.fake.base_url}/oauth/v3/token", data=form, timeout=10)


@pytest.mark.parametrize(
    ("name", "ask", "options"),
    [
        ("409_batch_create_conflict_whole_batch", conflict_in_batch, Options()),
        ("409_single_create_conflict", conflict, Options()),
        ("400_unknown_property_whole_batch", unknown_property, Options()),
        ("400_duplicate_ids_in_batch", duplicate_ids, Options()),
        ("403_missing_scopes", missing_scope, Options(scopes=ALL_SCOPES - {"crm.objects.contacts.write"})),
        ("400_bad_object_type", butterflies, Options()),
        ("429_secondly", one_search_too_many, Options(limits=Limits(search=1))),
        ("400_refresh_refused", refused_refresh, Options()),
    ],
)
def test_a_refusal_has_the_captured_form_and_words(name: str, ask: Ask, options: Options) -> None:
    captured = json.loads(CAPTURED.read_text("utf-8"))[name]

    with FakeHubSpot(options) as fake, Api(fake) as api:
        answer = ask(api)

    assert answer.status_code == int(name[:3])
    assert plain(answer.json()) == plain(captured)


def test_the_errors_of_a_207_have_the_captured_form_and_words() -> None:
    captured = json.loads(CAPTURED.read_text("utf-8"))

    with FakeHubSpot() as fake, Api(fake) as api:
        contact = fake.add_contact(email="b@x.com")
        created = api.post("/contacts/batch/create", traced("a@x.com", "b@x.com")).json()
        missing = api.post("/contacts/batch/read", {"inputs": [{"id": contact}, {"id": "9"}]}).json()
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
        ends = {"from": {"id": "x"}, "to": {"id": "x"}, "types": [spec]}
        path = "/crm/v4/associations/contacts/companies/batch/create"
        joined = api.call("POST", path, {"inputs": [ends]}).json()

    assert plain(created["errors"]) == plain(captured["207_batch_create_partial"]["errors"])
    assert plain(missing["errors"]) == plain(captured["207_batch_update_partial_missing"]["errors"])
    assert plain(joined["errors"]) == plain(captured["207_association_batch_all_failed"]["errors"])
    assert created.keys() == captured["207_batch_create_partial"].keys()
