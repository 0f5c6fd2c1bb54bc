"""Logs hold no secret and no person, and one event is one line."""

import json

import pytest

from syncd import log


@pytest.mark.parametrize("key", ["token", "client_secret", "authorization", "email", "phone", "body", "api_key"])
def test_what_a_key_names_as_secret_or_personal_is_hidden(key: str) -> None:
    event = log.redact(None, "info", {"event": "x", key: "value"})

    assert event[key] == log.MASK


@pytest.mark.parametrize(
    "text",
    ["ada@example.com asked", "call +49 30 1234567", "Bearer abc.def", "pat-na1-12345678-abcd", "whsec_c2VjcmV0"],
)
def test_what_looks_like_a_person_or_a_secret_is_hidden_under_any_key(text: str) -> None:
    event = log.redact(None, "info", {"event": "x", "reason": text, "more": [text], "deep": {"a": text}})

    shown = json.dumps(event)
    assert not any(part in shown for part in ("ada@", "1234567", "abc.def", "12345678", "c2VjcmV0"))


def test_ids_and_counts_stay_readable() -> None:
    event = log.redact(None, "info", {"event": "order delivered", "order": 7, "lead": "Labc", "took_ms": 83})

    assert event == {"event": "order delivered", "order": 7, "lead": "Labc", "took_ms": 83}


def test_a_value_cannot_begin_a_second_line() -> None:
    assert "\n" not in log.plain("first\nsecond\r\n\x1b[2Jthird")
