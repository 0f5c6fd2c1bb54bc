"""A chat message tells who must act, and names nobody unless that is allowed."""

import json
from pathlib import Path

import pytest
import responses
from responses import matchers

from connectors.alerts.chat import Chat, ChatOptions
from syncd.clock import SystemClock
from syncd.connector import AlertMessage, HttpClient, RateLimited, SecretStr, Tools

HOOK = "https://chat.example.com/hooks/very-secret"
MESSAGE = AlertMessage(
    "L1-overdue", "Lead overdue", "Ada Beispiel is waiting.", "eva@example.com", "https://s.example/L1"
)


def chat(*, personal: bool) -> Chat:
    tools = Tools("team", SystemClock(), HttpClient(), Path())
    return Chat(ChatOptions(base_url=SecretStr(HOOK), personal=personal), tools)


@pytest.mark.parametrize("personal", [True, False])
@responses.activate
def test_the_leads_name_stands_in_it_only_when_that_is_allowed(personal: bool) -> None:
    sent = responses.post(HOOK, body="ok", match=[matchers.header_matcher({"content-type": "application/json"})])

    ref = chat(personal=personal).send(MESSAGE)

    text = json.loads(sent.calls[0].request.body)["text"]
    assert ("Ada" in text) is personal
    assert "https://s.example/L1" in text
    assert ref.id == "L1-overdue"


@responses.activate
def test_being_told_to_slow_down_is_passed_on_without_the_secret_address() -> None:
    responses.post(HOOK, status=429, headers={"Retry-After": "7"})

    with pytest.raises(RateLimited) as raised:
        chat(personal=False).send(MESSAGE)

    assert raised.value.after.total_seconds() == 7
    assert "very-secret" not in str(raised.value)
