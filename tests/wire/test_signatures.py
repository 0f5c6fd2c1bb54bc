"""Signatures: published and own vectors, the window of time, rotation, and damage of every kind."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from syncd.errors import Unauthenticated
from syncd.wire.signatures import STANDARD_WEBHOOKS, Signature, same_secret, verify, whsec_key
from syncd.wire.web import WebRequest
from tests.outside import SHARED, needs

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = SecretStr("a-secret-for-tests")
BODY = '{"name":"Zoë"}'.encode()
VECTORS = SHARED / "samples/signatures/vectors.json"

WEBFLOW = Signature("x-webflow-signature", template="{timestamp}:{body}", timestamp_header="x-webflow-timestamp")
CALENDLY = Signature("calendly-webhook-signature", prefix="v1=", template="{timestamp}.{body}")
ZOOM = Signature(
    "x-zm-signature", prefix="v0=", template="v0:{timestamp}:{body}", timestamp_header="x-zm-request-timestamp"
)
SCHEMES = {
    "typeform": Signature("typeform-signature", encoding="base64", prefix="sha256="),
    "tally": Signature("tally-signature", encoding="base64"),
    "webflow": WEBFLOW,
    "calendly": CALENDLY,
    "formspree": replace(CALENDLY, header="formspree-signature"),
    "tiktok-developer": replace(CALENDLY, header="tiktok-signature", prefix="s="),
    "calcom": Signature("x-cal-signature-256"),
    "zoom": ZOOM,
    "meta": Signature("x-hub-signature-256", prefix="sha256="),
    "linkedin": Signature("x-li-signature", template="hmacsha256={body}"),
    "standard-webhooks": STANDARD_WEBHOOKS[0],
    "framer": Signature(
        "framer-signature", prefix="sha256=", template="{body}{id}", id_header="framer-webhook-submission-id"
    ),
    "intercom": Signature("x-hub-signature", algorithm="sha1", prefix="sha1="),
    "opnform": Signature("x-webhook-signature", prefix="sha256="),
}


def request(headers: Mapping[str, str], body: bytes = BODY, at: datetime = NOW) -> WebRequest:
    return WebRequest("POST", {name.lower(): text for name, text in headers.items()}, {}, body, at)


def hex_of(signed: bytes, secret: SecretStr = SECRET, algorithm: str = "sha256") -> str:
    return hmac.new(secret.get_secret_value().encode(), signed, algorithm).hexdigest()


def stamped(at: datetime, secret: SecretStr = SECRET) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {"x-zm-request-timestamp": stamp, "x-zm-signature": "v0=" + hex_of(b"v0:%s:%s" % (stamp.encode(), BODY))}


def vectors() -> list[Any]:
    found = json.loads(VECTORS.read_text()) if VECTORS.exists() else []
    return [one for one in found if one["scheme"] in SCHEMES and "secret" in one and "body" in one]


@needs(VECTORS.exists(), "the signature vectors are not beside this checkout")
@pytest.mark.parametrize("vector", vectors(), ids=lambda one: one["scheme"])
def test_vectors_of_providers_are_accepted_and_only_with_their_secret(vector: Any) -> None:
    scheme, headers = SCHEMES[vector["scheme"]], vector["headers"]
    stamps = [text for name, text in headers.items() if "timestamp" in name.lower()]
    stamps += [item[2:] for text in headers.values() for item in text.split(",") if item.startswith("t=")]
    seconds = int(stamps[0]) if stamps else 0
    at = datetime.fromtimestamp(seconds / 1000 if seconds > 10**11 else seconds, UTC)
    given = request(headers, vector["body"].encode(), at)

    verify(scheme, [SecretStr(vector["secret"])], given)

    with pytest.raises(Unauthenticated):
        verify(scheme, [SecretStr("whsec_" + base64.b64encode(b"another").decode())], given)


def test_standard_webhooks_as_its_specification_signs() -> None:
    key = b"0123456789abcdef01234567"
    secret = SecretStr("whsec_" + base64.b64encode(key).decode())
    stamp = str(int(NOW.timestamp()))
    digest = hmac.new(key, b"msg_1." + stamp.encode() + b"." + BODY, hashlib.sha256).digest()
    proof = base64.b64encode(digest).decode()

    for family, scheme in zip(("webhook", "svix"), STANDARD_WEBHOOKS, strict=True):
        headers = {
            f"{family}-id": "msg_1",
            f"{family}-timestamp": stamp,
            f"{family}-signature": f"v1a,AAAA v1,bm90IHRoaXMgb25l v1,{proof}",
        }
        verify(scheme, [secret], request(headers))
        with pytest.raises(Unauthenticated):
            verify(scheme, [secret], request({**headers, f"{family}-id": "msg_2"}))


@pytest.mark.parametrize(("seconds", "taken"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_window_of_time_holds_both_ways(seconds: int, taken: bool) -> None:
    given = request(stamped(NOW + timedelta(seconds=seconds)))

    if taken:
        verify(ZOOM, [SECRET], given)
    else:
        with pytest.raises(Unauthenticated, match="clock"):
            verify(ZOOM, [SECRET], given)


def test_any_of_several_secrets_may_have_signed() -> None:
    scheme = Signature("x-signature")
    given = request({"X-Signature": hex_of(BODY).upper()})

    verify(scheme, [SecretStr("another-secret"), SECRET], given)

    with pytest.raises(Unauthenticated):
        verify(scheme, [SecretStr("another-secret")], given)


@pytest.mark.parametrize("secrets", [[], [SecretStr("")]])
def test_without_a_secret_nobody_is_let_in(secrets: list[SecretStr]) -> None:
    given = request({"x-signature": hex_of(BODY, SecretStr(""))})

    with pytest.raises(Unauthenticated):
        verify(Signature("x-signature"), secrets, given)


def test_signature_is_over_the_raw_bytes() -> None:
    given = request({"x-signature": hex_of(BODY)}, body=BODY + b" ")

    with pytest.raises(Unauthenticated):
        verify(Signature("x-signature"), [SECRET], given)


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "1.5", "9" * 16, "9" * 40, "\u0661\u0662"])
def test_timestamps_that_are_no_times_are_refused(stamp: str) -> None:
    signed = b"v0:" + stamp.encode() + b":" + BODY

    with pytest.raises(Unauthenticated):
        verify(
            ZOOM,
            [SECRET],
            request({"x-zm-request-timestamp": stamp, "x-zm-signature": "v0=" + hex_of(signed)}),
        )


@given(st.sampled_from(sorted(SCHEMES)), st.text(max_size=80), st.text(max_size=20), st.data())
def test_no_made_up_header_is_accepted_or_crashes(scheme: str, text: str, stamp: str, data: Any) -> None:
    how = SCHEMES[scheme]
    proof = data.draw(st.sampled_from([text, how.prefix + text, f"t={stamp},{how.prefix}{text}"]))
    given_headers = {how.header: proof, how.timestamp_header: stamp, how.id_header: stamp}

    with pytest.raises(Unauthenticated):
        verify(how, [SECRET], request(given_headers))


@given(st.data())
def test_right_signature_with_one_change_is_refused(data: Any) -> None:
    right = "sha256=" + hex_of(BODY)
    place = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.characters().filter(lambda one: one.lower() != right[place]))
    wrong = right[:place] + other + right[place + 1 :]

    with pytest.raises(Unauthenticated):
        verify(Signature("x-signature", prefix="sha256="), [SECRET], request({"x-signature": wrong}))


def test_messages_hold_neither_secret_nor_signature() -> None:
    with pytest.raises(Unauthenticated) as caught:
        verify(Signature("x-signature"), [SECRET], request({"x-signature": hex_of(b"other")}))

    assert SECRET.get_secret_value() not in str(caught.value)
    assert hex_of(b"other") not in str(caught.value)


def test_shared_secrets_of_any_length_are_compared() -> None:
    assert same_secret("a-secret-for-tests", [SecretStr("other"), SECRET])
    assert not same_secret("a-secret-for-test", [SECRET])
    assert not same_secret("", [SecretStr("")])
    assert not same_secret("\ud800", [SECRET])


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64", "whsec_\u00e9", ""])
def test_secrets_that_are_not_base64_have_no_key(secret: str) -> None:
    assert whsec_key(secret) is None
