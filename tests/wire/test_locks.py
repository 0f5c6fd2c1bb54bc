"""The locks that a source may have: which sets of options hold together, and what opens them."""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from syncd.errors import Unauthenticated
from syncd.wire.locks import LockedSourceOptions, open_locks
from syncd.wire.web import WebRequest

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HMAC = {"header": "X-Sign", "prefix": "sha256="}


def options(**given: Any) -> LockedSourceOptions:
    return LockedSourceOptions.model_validate(given)


def request(headers: Mapping[str, str]) -> WebRequest:
    return WebRequest("POST", {name.lower(): text for name, text in headers.items()}, {}, b"{}", NOON)


def opens(locked: LockedSourceOptions, **headers: str) -> bool:
    try:
        open_locks(locked, request({name.replace("_", "-"): text for name, text in headers.items()}))
    except Unauthenticated:
        return False
    return True


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"secret": "long-enough"},
        {"signature": HMAC},
        {"signature": HMAC, "secret": "short"},
        {"signature": HMAC, "secrets": ["short"]},
        {"signature": HMAC, "scheme": "standard", "secret": "whsec_MDEyMzQ1Njc4OWFi"},
        {"scheme": "standard", "secret": "not base64 at all"},
        {"signature": {**HMAC, "template": "{timestamp}"}, "secret": "long-enough"},
        {"signature": {**HMAC, "template": "{id}{body}"}, "secret": "long-enough"},
        {"signature": {**HMAC, "timestamp_header": "x-time"}, "secret": "long-enough"},
        {"signature": {**HMAC, "id_header": "x-id"}, "secret": "long-enough"},
        {"signature": HMAC, "secret": "long-enough", "unsigned": True},
        {"token": ""},
        {"token": "short"},
        {"header_secret": {"name": "x-key", "value": ""}},
        {"basic": {"user": "eva", "password": "short"}},
        {"unsigned": "no"},
    ],
)
def test_door_that_would_stand_open_or_never_open_is_a_config_error(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        options(**given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"unsigned": "yes"}, []),
        ({"token": "long-enough"}, ["with the token in the address"]),
        ({"signature": HMAC, "secret": "long-enough"}, ["signed"]),
        ({"scheme": "standard", "secrets": ["whsec_MDEyMzQ1Njc4OWFi"]}, ["signed"]),
    ],
)
def test_locks_are_told_in_words(given: dict[str, Any], said: list[str]) -> None:
    assert list(options(**given).locks()) == said


def test_signature_opens_and_nothing_else_does() -> None:
    locked = options(signature=HMAC, secret="long-enough", secrets=["the-old-one"])

    for secret, taken in (("long-enough", True), ("the-old-one", True), ("some-other", False)):
        proof = hmac.new(secret.encode(), b"{}", "sha256").hexdigest()
        assert opens(locked, x_sign=f"sha256={proof}") is taken
    assert not opens(locked)


def test_secret_header_opens() -> None:
    locked = options(header_secret={"name": "Authorization", "value": "Bearer 0123456789"})

    assert opens(locked, authorization="Bearer 0123456789")
    assert not opens(locked, authorization="Bearer 012345678")
    assert not opens(locked)


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("Basic " + base64.b64encode(b"eva:pass:word").decode(), True),
        ("basic  " + base64.b64encode(b"eva:pass:word").decode(), True),
        ("Basic " + base64.b64encode(b"eva:other").decode(), False),
        ("Basic " + base64.b64encode(b"\xff\xfe").decode(), False),
        ("Basic eva:pass:word", False),
        ("Basic \u00e9", False),
        ("Basic", False),
        ("", False),
        ("Bearer " + base64.b64encode(b"eva:pass:word").decode(), False),
    ],
)
def test_login_opens(header: str, taken: bool) -> None:
    locked = options(basic={"user": "eva", "password": "pass:word"})

    assert opens(locked, authorization=header) is taken


def test_all_locks_must_open() -> None:
    locked = options(
        basic={"user": "eva", "password": "password"}, header_secret={"name": "x-key", "value": "0123456789"}
    )
    login = "Basic " + base64.b64encode(b"eva:password").decode()

    assert opens(locked, authorization=login, x_key="0123456789")
    assert not opens(locked, authorization=login)
    assert not opens(locked, x_key="0123456789")


def test_repr_of_options_hides_every_secret() -> None:
    locked = options(
        signature=HMAC,
        secret="canary-one",
        secrets=["canary-two"],
        token="canary-three",
        basic={"user": "eva", "password": "canary-four"},
        header_secret={"name": "x", "value": "canary-five"},
    )

    assert "canary" not in f"{locked!r} {locked}"
