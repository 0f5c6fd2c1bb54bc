"""Captured bodies and signature vectors of the providers of the table, where they lie beside this checkout."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from connectors.sources.posted import (
    endpoints,
    formbricks,
    formstack,
    framer,
    google_forms,
    gravity_forms,
    hosted,
    hosted_alone,
    hubspot_forms,
    jotform,
    netlify,
    unbounce,
    webflow,
    wordpress,
    wufoo,
)
from syncd.connector import FORM_TYPES, JSON_TYPE, Plugin, Submission, Unauthenticated, WebRequest
from syncd.testing import NOON, lent_tools
from tests.connectors.posted.case import LOCKED, multipart
from tests.outside import SHARED, needs

SAMPLES = SHARED / "samples"
VECTORS = SAMPLES / "signatures/vectors.json"
beside = needs(VECTORS.exists(), "the captured bodies and signature vectors are not beside this checkout")


@dataclass(frozen=True)
class Sample:
    file: str
    plugin: Plugin[Any]
    key: str
    some: Mapping[str, str | tuple[str, ...]]  # answers among others
    at: datetime | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    within: str = ""  # the body is under this name of the file
    media: str = JSON_TYPE


SAMPLED = (
    Sample("formspree/webhook.json", endpoints.formspree, "sha256:", {"email": "sarah@example.com"}),
    Sample(
        "formstack/json-api-friendly-keys.json",
        formstack.plugin,
        "12345678",
        {"email_address": "reader@example.com", "i_am_": "Other"},
    ),
    Sample(
        "formbricks/responseFinished.json",
        formbricks.plugin,
        "responseId",
        {"newsletter_consent": "accepted"},
        datetime(2025, 7, 24, 7, 47, 56, 116000, UTC),
    ),
    Sample(
        "wufoo/webhook-structures.json",
        wufoo.plugin,
        "z5pkt3w03lj0nv:42",
        {"Field1": "Jane", "Field3": "jane@example.com"},
        datetime(2026, 5, 21, 11, 8, 1, tzinfo=UTC),
        {"form_id": "another"},
        "body",
        FORM_TYPES[0],
    ),
    Sample(
        "gravityforms/entry-name-address-multiselect.json",
        gravity_forms.plugin,
        "forms.example.com:452",
        {"1.3": "First", "1.6": "Last", "3": "my@test.com", "2.5": "2678"},
        datetime(2014, 9, 14, 2, 47, 6, tzinfo=UTC),
    ),
    Sample(
        "gravityforms/entry-mostly-empty.json",
        gravity_forms.plugin,
        "forms.example.com:453",
        {"1.3": "My", "5": "First Choice"},
        datetime(2014, 9, 14, 2, 47, 14, tzinfo=UTC),
    ),
    Sample(
        "netlify/contact-2021.json",
        netlify.plugin,
        "614d2b91e3695a1fb8eb52c5",
        {"email": "kevin@example.com"},
        datetime(2021, 9, 24, 1, 36, 17, 633000, UTC),
    ),
    Sample(
        "netlify/contact-2019-no-referrer.json",
        netlify.plugin,
        "5c3e5813f203baba9782ba13",
        {"comments": "Default value"},
        datetime(2019, 1, 15, 22, 0, 51, 691000, UTC),
    ),
    Sample(
        "unbounce/form-post.body.txt",
        unbounce.plugin,
        "sha256:",
        {"userfield1": "asdfasdf"},
        datetime(2017, 11, 15, 11, 45, tzinfo=UTC),
        media=FORM_TYPES[0],
    ),
    Sample(
        "webflow/contact-us-numeric-phone.json",
        webflow.plugin,
        "6321ca84df3949bfc6752327",
        {"Phone Number": "15550000000", "First Name": "Zaphod"},
        datetime(2022, 9, 14, 12, 35, 16, 117000, UTC),
    ),
    Sample(
        "webflow/contact-simple.json",
        webflow.plugin,
        "65a5d3c8f7e2b40012345678",
        {"email": "john.doe@example.com"},
        datetime(2024, 1, 15, 14, 30, tzinfo=UTC),
    ),
    Sample(
        "webflow/email-form-with-headers.json",
        webflow.plugin,
        "66a947f35b9d7ba400e22733",
        {"Email 2": "hello@gmail.com"},
        datetime(2024, 7, 30, 20, 7, 15, 220000, UTC),
        within="body",
    ),
    Sample(
        "elementor/advanced-data-utm.body.txt",
        wordpress.elementor,
        "sha256:",
        {"name": "Teste", "email": "teste@example.com", "utm_campaign": "organico", "phone": "(85) 90000-0000"},
        media=FORM_TYPES[0],
    ),
    Sample(
        "googleforms/response.json",
        google_forms.plugin,
        "ACYDBNhq7TU3h6Vk",
        {"7e8f9a0b": "Very Satisfied", "respondentEmail": "respondent@example.com"},
        datetime(2026, 4, 15, 10, 30, tzinfo=UTC),
    ),
    Sample(
        "fillout/submissions-list.json",
        hosted.fillout,
        "1602a627-7846-4073-8eec-da61a81f7abd",
        {"fFnyxwWa3KV6nBdfBDCHEA": "0", "kc6S6ThWu3cT5PVZkwKUg4": "bobby@fillout.com"},
        datetime(2024, 2, 27, 21, 12, 23, 199000, UTC),
        within="responses.0",
    ),
    Sample(
        "jotform/api-submission-legacy.json",
        jotform.plugin,
        "5747236631235621087",
        {"3.first": "Johnny", "4": "johnny@cloudpipe.com"},
        datetime(2023, 12, 1, 0, 13, 47, tzinfo=UTC),
    ),
)  # fmt: skip


def body_of(sample: Sample) -> bytes:
    raw = (SAMPLES / sample.file).read_bytes()
    if not sample.within:
        return raw
    found = orjson.loads(raw)
    for step in sample.within.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return urlencode(found).encode() if sample.media in FORM_TYPES else orjson.dumps(found)


def built(plugin: Plugin[Any], options: Mapping[str, Any]) -> Any:
    return plugin.make(plugin.options.model_validate(dict(options)), lent_tools("forms"))


def read(sample: Sample) -> Submission:
    options = {**LOCKED, **sample.options}
    source, body = built(sample.plugin, options), body_of(sample)
    if sample.plugin is jotform.plugin:  # an item of the API
        return source.submission(orjson.loads(body), NOON, body)  # type: ignore[no-any-return]
    return source.receive(WebRequest("POST", {"content-type": sample.media}, {}, body, NOON)).submissions[0]  # type: ignore[no-any-return]


@beside
@pytest.mark.parametrize("sample", SAMPLED, ids=lambda sample: sample.file)
def test_captured_bodies_are_read(sample: Sample) -> None:
    submission = read(sample)

    found = {answer.id: answer.value for answer in submission.answers}
    assert {own: found.get(own) for own in sample.some} == dict(sample.some)
    assert submission.key.startswith(sample.key)
    assert submission.submitted_at == sample.at
    assert not submission.problem


@beside
def test_a_captured_raw_request_of_jotform_is_read() -> None:
    raw = (SAMPLES / "jotform/rawRequest-date-time-address-file.json").read_text("utf-8")
    body, media = multipart(
        [("formID", "253117572694059"), ("submissionID", "6384587270219720384"), ("rawRequest", raw)]
    )

    source = built(jotform.plugin, LOCKED)
    (submission,) = source.receive(WebRequest("POST", {"content-type": media}, {}, body, NOON)).submissions

    found = {answer.id: answer.value for answer in submission.answers}
    assert (found["3"], found["4"], found["5"]) == ("test", "12:42 AM", "2025-11-18")
    assert str(found["10"]).startswith("https://www.jotform.com/uploads/")
    assert found.keys() >= {"7.city", "8", "9"}
    assert found.keys().isdisjoint({"slug", "timeToSubmit", "path", "file_server"})


@dataclass(frozen=True)
class Scheme:
    plugin: Plugin[Any]
    options: Mapping[str, Any] = field(default_factory=dict)


SCHEMES = {
    "webflow": Scheme(webflow.plugin),
    "standard-webhooks": Scheme(formbricks.plugin),
    "framer": Scheme(framer.plugin),
    "formspree": Scheme(endpoints.formspree),
    "netlify": Scheme(netlify.plugin),
    "hubspot-v3": Scheme(hubspot_forms.plugin, {"url": "https://leads.example.com/hooks/hubspot?src=a"}),
    "opnform": Scheme(hosted_alone.opnform),
    "formstack (format from memory)": Scheme(formstack.plugin),
}


def vectors() -> list[dict[str, Any]]:
    return [one for one in orjson.loads(VECTORS.read_bytes()) if one["scheme"] in SCHEMES] if VECTORS.exists() else []


def signed(vector: Mapping[str, Any]) -> WebRequest:
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    stamps = [value for name, value in headers.items() if name.endswith("timestamp")]
    stamps += [part[2:] for value in headers.values() for part in value.split(",") if part.startswith("t=")]
    seconds = int(stamps[0]) / (1000 if len(stamps[0]) > 10 else 1) if stamps else NOON.timestamp()
    at = datetime.fromtimestamp(seconds, UTC)
    return WebRequest("POST", {"content-type": JSON_TYPE, **headers}, {}, vector["body"].encode(), at)


@beside
@pytest.mark.filterwarnings("ignore:The HMAC key is")  # the key of a vector is a short one
@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["scheme"])
def test_every_signature_vector_opens_and_nothing_that_is_near_it(vector: Mapping[str, Any]) -> None:
    scheme = SCHEMES[vector["scheme"]]
    source, request = built(scheme.plugin, {"secret": vector["secret"], **scheme.options}), signed(vector)

    source.posting.proof.of_bytes(source.options, request)

    wrong = vector["secret"][:-2] + ("AA" if vector["secret"][-2:] != "AA" else "BB")
    stranger = built(scheme.plugin, {"secret": wrong, **scheme.options})
    with pytest.raises(Unauthenticated):
        stranger.posting.proof.of_bytes(stranger.options, request)
    for place in (0, len(request.body) // 2, len(request.body) - 1):
        bent = request.body[:place] + bytes([request.body[place] ^ 1]) + request.body[place + 1 :]
        with pytest.raises(Unauthenticated):
            source.posting.proof.of_bytes(source.options, replace(request, body=bent))
