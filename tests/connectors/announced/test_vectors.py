"""Signature vectors of ad platforms, schedulers and chats: one bit, another key or time, and they are refused."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from connectors.sources import linkedin, meta
from connectors.sources.linkedin.responses import SIGNATURE as LINKEDIN
from connectors.sources.meta.leads import SIGNATURES as META
from connectors.sources.posted import google_ads, zoom
from connectors.sources.posted.calcom import SIGNATURE as CALCOM
from connectors.sources.posted.calendly import SIGNATURE as CALENDLY
from connectors.sources.posted.intercom import SIGNATURE as INTERCOM
from connectors.sources.posted.tiktok import SIGNATURE as TIKTOK
from connectors.sources.posted.zoom import SIGNATURE as ZOOM
from connectors.sources.surveymonkey.source import SIGNATURE as SURVEYMONKEY
from connectors.sources.surveymonkey.source import Options
from syncd.connector import Signature, Unauthenticated, WebRequest, verify
from syncd.testing import NOON, lent_tools
from tests.outside import SHARED, needs

VECTORS = SHARED / "samples/signatures/vectors.json"
FOUND: list[Any] = json.loads(VECTORS.read_text()) if VECTORS.exists() else []
SCHEMES = {
    "calcom": CALCOM, "calendly": CALENDLY, "intercom": INTERCOM, "linkedin": LINKEDIN, "meta": META[0],
    "surveymonkey": SURVEYMONKEY, "tiktok-developer": TIKTOK, "zoom": ZOOM, "zoom-url-validation": ZOOM,
}  # fmt: skip
given = needs(VECTORS.exists(), "the signature vectors are not beside this checkout")


def vector(scheme: str) -> Any:
    return next(one for one in FOUND if one["scheme"].startswith(scheme))


def keys_of(one: Any, secret: str) -> Sequence[SecretStr]:
    if "api_key" not in one:
        return [SecretStr(secret)]
    told = {"api_key": one["api_key"], "secret": secret, "api_token": "x"}
    return Options.model_validate(told).keys


def request_of(one: Any) -> WebRequest:
    headers = {name.lower(): text for name, text in one["headers"].items()}
    stamps = [headers[name] for name in headers if "timestamp" in name]
    stamps += [part[2:] for text in headers.values() for part in text.split(",") if part.startswith("t=")]
    at = datetime.fromtimestamp(int(stamps[0]), UTC) if stamps else NOON
    return WebRequest("POST", {"content-type": "application/json", **headers}, {}, one["body"].encode(), at)


@given
@pytest.mark.parametrize(("scheme", "signature"), SCHEMES.items())
def test_a_vector_is_accepted_and_nothing_beside_it(scheme: str, signature: Signature) -> None:
    one = next(each for each in FOUND if each["scheme"] == scheme)
    request, keys = request_of(one), keys_of(one, one["secret"])

    verify(signature, keys, request)

    forged = [
        (keys_of(one, "another-secret-of-eight"), request),
        (keys, replace(request, body=request.body[:-1] + bytes([request.body[-1] ^ 1]))),
    ]
    if "{timestamp}" in signature.template:
        late = signature.tolerance + timedelta(seconds=1)
        forged += [(keys, replace(request, received_at=request.received_at + way * late)) for way in (1, -1)]
    for key, sent in forged:
        with pytest.raises(Unauthenticated):
            verify(signature, key, sent)


@given
def test_handshakes_are_answered_as_the_vectors_say() -> None:
    one = vector("zoom-url-validation")
    source = zoom.plugin.make(zoom.plugin.options.model_validate({"secret": one["secret"]}), lent_tools("events"))
    assert orjson.loads(source.receive(request_of(one)).reply.body) == one["expected_response"]

    one = vector("linkedin-challenge")
    told = {"secret": one["secret"], "api_token": "x"}
    source = linkedin.plugin.make(linkedin.plugin.options.model_validate(told), lent_tools("ads"))
    asked = WebRequest("GET", {}, {"challengeCode": one["expected_response"]["challengeCode"]}, b"", NOON)
    assert orjson.loads(source.receive(asked).reply.body) == one["expected_response"]

    one = vector("meta-verify")
    told = {"secret": "app-secret", "verify_token": one["secret"], "api_token": "x"}
    source = meta.plugin.make(meta.plugin.options.model_validate(told), lent_tools("ads"))
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": one["secret"]}
    assert source.receive(WebRequest("GET", {}, query, b"", NOON)).reply.body == b"1158201444"


@given
def test_the_key_of_google_is_compared() -> None:
    one = vector("google-ads")
    made = google_ads.plugin.make
    body = one["body"].encode().replace(b"[]", b'[{"column_id": "EMAIL", "string_value": "a@acme.example"}]')
    asked = WebRequest("POST", {"content-type": "application/json"}, {}, body, NOON)

    good = made(google_ads.plugin.options.model_validate({"secret": one["secret"]}), lent_tools("ads"))
    (submission,) = good.receive(asked).submissions
    assert submission.context.test

    bad = made(google_ads.plugin.options.model_validate({"secret": "another-secret"}), lent_tools("ads"))
    with pytest.raises(Unauthenticated):
        bad.receive(asked)
