"""Captured bodies of ad platforms, schedulers, webinars and chats, where they lie beside this checkout."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from connectors.sources import linkedin, meta, surveymonkey
from connectors.sources.posted import calcom, calendly, google_ads, gotowebinar, intercom, zoom
from syncd.connector import Plugin, WebRequest
from syncd.testing import NOON, lent_tools
from tests.outside import SHARED, needs

SAMPLES = SHARED / "samples"
beside = needs(SAMPLES.exists(), "the captured bodies are not beside this checkout")
FETCHES = {"secret": "app-secret", "api_token": "x"}
SIGNED = {"secret": "app-secret"}

POSTED: list[tuple[str, Plugin[Any], Mapping[str, str], list[str]]] = [
    ("meta/leadgen-webhook.json", meta.plugin, FETCHES, ["233370042045345"]),
    ("meta/leadgen-webhook-two-changes-numeric-ids.json", meta.plugin, FETCHES, ["123123123123", "123123123124"]),
    ("linkedin/lead-action-created.json", linkedin.plugin, FETCHES, ["1a2b3c-4"]),
    ("surveymonkey/webhook-survey-filter.json", surveymonkey.plugin, {**FETCHES, "api_key": "a"}, ["123456"]),
    ("googleads/lead-custom-question.json", google_ads.plugin, SIGNED, ["lead-1"]),
    ("googleads/lead-portuguese-labels.json", google_ads.plugin, SIGNED, ["abc123"]),
    ("calendly/invitee-created-utm.json", calendly.plugin, SIGNED, ["6d9c2a5e-7f1b-4a3d-9e6c-2b5f8a1d4c7e"]),
    ("calendly/invitee-created-question.json", calendly.plugin, SIGNED, ["1a4d7e2b-5c8f-4a1d-9b3e-6f0c8d2a5b7e"]),
    ("calendly/invitee-canceled.json", calendly.plugin, SIGNED, ["1a4d7e2b-5c8f-4a1d-9b3e-6f0c8d2a5b7e:canceled"]),
    ("calcom/booking-created.json", calcom.plugin, SIGNED, ["8f2b6c1a9d3e4a7fb5c21e6f9a0d4b7c"]),
    (
        "calcom/booking-rescheduled.json",
        calcom.plugin,
        SIGNED,
        ["8f2b6c1a9d3e4a7fb5c21e6f9a0d4b7c:rescheduled:3f6a1c2e71b44b8d9e2a6d4f0a8b1c3d"],
    ),
    ("zoom/meeting-participant-joined.json", zoom.plugin, SIGNED, []),
    (
        "gotowebinar/registrant-added.json",
        gotowebinar.plugin,
        {"token": "token-in-the-address"},
        ["4511665432126123456:24576065432313123456"],
    ),
    ("intercom/contact-created.json", intercom.plugin, SIGNED, ["contact:6620fa1e8f2b3c4d5e6f7890"]),
    ("intercom/conversation-user-created.json", intercom.plugin, SIGNED, ["195208945002873"]),
]


@beside
@pytest.mark.parametrize(("file", "plugin", "options", "keys"), POSTED, ids=[one[0] for one in POSTED])
def test_captured_bodies_are_read(file: str, plugin: Plugin[Any], options: Mapping[str, str], keys: list[str]) -> None:
    source = plugin.make(plugin.options.model_validate(options), lent_tools("ads"))
    body = (SAMPLES / file).read_bytes()

    found = source.translate(WebRequest("POST", {"content-type": "application/json"}, {}, body, NOON)).submissions

    assert [one.key.rpartition("/")[2] for one in found] == keys
    for one in found:
        assert not one.problem
        assert one.announced or one.answers


@beside
def test_captured_answers_of_the_apis_are_read() -> None:
    lead = orjson.loads((SAMPLES / "meta/lead-node.json").read_bytes())
    boxes = orjson.loads((SAMPLES / "meta/custom-disclaimer-responses.json").read_bytes())
    source = meta.plugin.make(meta.plugin.options.model_validate(FETCHES), lent_tools("ads"))
    told = {one.id: one.value for one in source.fetched({**boxes, **lead}, NOON, b"").answers}
    assert (told["full_name"], told["optional_1"], told["optional_2"]) == ("Joe Example", "yes", "no")

    (response,) = orjson.loads((SAMPLES / "linkedin/lead-form-responses.json").read_bytes())["elements"]
    source = linkedin.plugin.make(linkedin.plugin.options.model_validate(FETCHES), lent_tools("ads"))
    found = source.fetched(response, NOON, b"")
    assert [one.value for one in found.answers[:4]] == ["John", "Smith", "john.smith@company.com", "yes"]
    assert found.key == "aaaabbbb-0000-cccc-1111-dddd2222eeee-5"

    (registrant,) = orjson.loads((SAMPLES / "zoom/api-webinar-registrants.json").read_bytes())["registrants"]
    source = zoom.plugin.make(zoom.plugin.options.model_validate(FETCHES), lent_tools("ads"))
    posted = {"event": "webinar.registration_created", "payload": {"object": {"id": 1, "registrant": registrant}}}
    assert source.fetched(posted, NOON, b"").key == "1:barack@example.com"
