"""Logs hold no secret and no person, and one event is one line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from syncd import log


@pytest.mark.parametrize(
    "key",
    ["token", "client_secret", "authorization", "email", "phone", "body", "api_key", "password", "Cookie", "answers"],
)
def test_what_a_key_names_as_secret_or_personal_is_hidden(key: str) -> None:
    event = log.redact(None, "info", {"event": "x", key: "value", "deep": {key: "value"}, "list": [{key: "value"}]})

    assert (event[key], event["deep"], event["list"]) == (log.MASK, {key: log.MASK}, [{key: log.MASK}])


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com asked", "call +49 30 1234567", "Bearer abc.def", "pat-na1-12345678-abcd", "whsec_c2VjcmV0",
        "postgresql://syncd:abc.def@db/leads", "x" * 490 + " ada@example.com", "\u200bada@exämple.com",
    ],
)  # fmt: skip
def test_what_looks_like_a_person_or_a_secret_is_hidden_under_any_key(text: str) -> None:
    event = log.redact(
        None, "info", {"event": "x", "reason": text, "more": [text], "deep": {"a": text}, "error": KeyError(text)}
    )

    shown = json.dumps(event)
    assert not any(part in shown for part in ("ada@", "1234567", "abc.def", "12345678", "c2VjcmV0"))


def test_ids_and_counts_stay_readable() -> None:
    facts = {
        "event": "order delivered",
        "order": 7,
        "lead": "Labc",
        "took_ms": 83,
        "token_count": 5,
        "ok": True,
        "at": None,
    }

    assert log.redact(None, "info", dict(facts)) == facts


@pytest.mark.parametrize("text", ["first\nsecond\r\nthird", "a\x1b[2Jb", "a\u2028b\x85c", "\x00"])
def test_a_value_cannot_begin_a_second_line(text: str) -> None:
    assert all(char.isprintable() for char in log.plain(text))


def test_a_value_has_a_length_that_ends() -> None:
    assert len(log.redact(None, "info", {"event": "x" * 10**6})["event"]) == 500


PROGRAM = """
import logging, sys
from syncd import log
log.set_up("info", sys.argv[1])
logger = log.get("test")
logger.debug("too fine")
logger.info("order delivered", order=7, email="ada@example.com", reason="first\\nsecond +49 30 1234567")
message = "answered 500\\nDETAIL: Failing row contains (Ada Beispiel, geheim)"
def fail(secret_of_a_variable="pa55word"):
    try:
        {}["ada@example.com"]
    except KeyError as error:
        raise ValueError(message) from error
try:
    fail()
except ValueError as error:
    logger.error("sending failed", exc_info=error)
logging.getLogger("vendor").info("too fine")
logging.getLogger("vendor").warning("library speaks of %s", "ada@example.com")
logging.getLogger("urllib3.connection").warning("https://hooks.example/T0/B0/geheim failed")
if len(sys.argv) > 2:
    sys.stderr.close()
    logger.error("nobody listens")
    print("still alive")
"""


def spoken(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What a program of its own says, with our set-up and nobody else's."""
    root = Path(__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True, cwd=root, timeout=60
    )


def test_for_machines_each_event_is_one_line_of_json() -> None:
    said = spoken("json").stderr

    events: list[dict[str, Any]] = [json.loads(line) for line in said.splitlines()]
    assert [(event["level"], event["event"]) for event in events] == [
        ("info", "order delivered"), ("error", "sending failed"), ("warning", "library speaks of [hidden]"),
    ]  # fmt: skip
    assert (events[0]["part"], events[0]["order"], events[0]["reason"]) == ("test", 7, "first second [hidden]")
    assert [error["type"] for error in events[1]["exception"]] == ["ValueError", "KeyError"]
    assert events[1]["exception"][0]["message"] == "answered 500"
    assert events[1]["exception"][0]["frames"]


@pytest.mark.parametrize("form", ["json", "console", "auto"])
def test_neither_form_tells_secrets_people_or_the_values_of_variables(form: str) -> None:
    said = spoken(form).stderr

    assert "ValueError: answered 500" in said or '"answered 500"' in said
    assert not [word for word in ("ada@example", "1234567", "geheim", "Beispiel, ", "pa55word") if word in said]


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    assert spoken("json", "close").stdout == "still alive\n"
