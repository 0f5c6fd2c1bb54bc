"""A chat message tells who must act, and names nobody unless that is allowed."""

import html
from collections.abc import Iterator, Sequence

import pytest

from connectors.alerts.chat import Chat, ChatOptions, plugin
from syncd.connector import AlertMessage, SecretStr
from syncd.testing import AlertContract, Answer, Call, FakeServer, ServerTrouble, lent_tools

MESSAGE = AlertMessage(
    "L1-overdue", "Lead overdue", "Ada Beispiel is waiting.", "eva@example.com", "https://s.example/L1"
)


class FakeChannel(FakeServer):
    """An incoming webhook as Slack has them: JSON with a text that is not empty, answered with `ok`.

    https://api.slack.com/messaging/webhooks
    """

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    @property
    def hook(self) -> str:
        return f"{self.url}/services/very-secret"

    def answer(self, call: Call) -> Answer:
        if (call.method, call.path) != ("POST", "/services/very-secret"):
            return Answer(404, b"no_service")
        said = call.json()
        if call.headers.get("content-type") != "application/json" or not isinstance(said, dict) or not said.get("text"):
            return Answer(400, b"no_text")
        self.texts.append(said["text"])
        return Answer(200, b"ok")


@pytest.fixture
def channel() -> Iterator[FakeChannel]:
    with FakeChannel() as channel:
        yield channel


def chat(channel: FakeChannel, *, personal: bool = False) -> Chat:
    options = ChatOptions(base_url=SecretStr(channel.hook), personal=personal)
    return Chat(options, lent_tools("team", patience=1))


class TestChat(ServerTrouble, AlertContract):
    plugin = plugin
    secrets = ("very-secret",)
    knows_marks = False  # a webhook has no key by which it would know a message again
    fake: FakeChannel

    @pytest.fixture
    def alert(self, channel: FakeChannel) -> Iterator[Chat]:
        self.fake = channel
        built = chat(channel)
        yield built
        built.close()

    def received(self) -> Sequence[str]:
        return self.fake.texts

    def refuse_login(self) -> None:
        self.fake.order_fault("answer", status=403, body=b"invalid_token", count=None)

    def lose_answers(self) -> None:
        self.fake.order_fault("commit_then_drop", count=None)


class TestChatThatMayNameTheLead(TestChat):
    @pytest.fixture
    def alert(self, channel: FakeChannel) -> Iterator[Chat]:
        self.fake = channel
        built = chat(channel, personal=True)
        yield built
        built.close()


@pytest.mark.parametrize("personal", [True, False])
def test_the_leads_name_stands_in_it_only_when_that_is_allowed(channel: FakeChannel, personal: bool) -> None:
    ref = chat(channel, personal=personal).send(MESSAGE)

    (text,) = channel.texts
    assert ("Ada" in text) is personal
    assert "https://s.example/L1" in text
    assert ref.id == "L1-overdue"


def test_words_of_a_stranger_are_words_and_no_command_to_the_channel(channel: FakeChannel) -> None:
    text = "<!channel> <https://evil.example|our price list> & more"

    chat(channel, personal=True).send(AlertMessage("L1", "Lead overdue", text, url="https://s.example/L1?a=1&b=2"))

    (said,) = channel.texts
    assert "<" not in said
    assert html.unescape(said) == f"Lead overdue - {text} - https://s.example/L1?a=1&b=2"
    assert said.endswith(" - https://s.example/L1?a=1&b=2")


def test_marks_of_long_ago_are_forgotten(channel: FakeChannel) -> None:
    sent = chat(channel)
    for number in range(1_100):
        sent.send(AlertMessage(f"L{number}", "Lead overdue", ""))

    for number in (0, 1_099):
        sent.send(AlertMessage(f"L{number}", "Lead overdue", ""))

    assert len(channel.texts) == 1_101
