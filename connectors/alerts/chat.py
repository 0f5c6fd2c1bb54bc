"""A line into a chat channel: Slack, Microsoft Teams, Mattermost and others take `{"text": ...}` by POST.

https://api.slack.com/messaging/webhooks
"""

from collections import deque
from collections.abc import Sequence

from syncd.connector import (
    AlertMessage,
    AlertRef,
    ConnectorOptions,
    Field,
    Finding,
    Plugin,
    SecretStr,
    Tools,
    raise_for_status,
)


class ChatOptions(ConnectorOptions):
    base_url: SecretStr = Field(description="the channel's incoming-webhook address; it is a secret")
    personal: bool = Field(False, description="whether the lead's name and company may stand in the message")


REMEMBERED = 1_000


class Chat:
    """A webhook knows no message again: a mark is remembered here, until the daemon ends."""

    def __init__(self, options: ChatOptions, tools: Tools) -> None:
        self.options, self.tools = options, tools
        self._sent: deque[str] = deque(maxlen=REMEMBERED)

    def send(self, message: AlertMessage) -> AlertRef:
        """Raises what `syncd.http_client` raises; a lost answer may double a message, which does no harm."""
        if message.mark in self._sent:
            return AlertRef(message.mark)
        words = [*map(_plain, (message.title, message.text if self.options.personal else message.to)), message.url]
        reply = self.tools.http.call(
            "POST",
            self.options.base_url.get_secret_value(),
            what=f"{self.tools.name}: chat message",
            writes=False,
            json={"text": " - ".join(word for word in words if word)},
        )
        raise_for_status(reply, f"{self.tools.name}: chat message", writes=False)
        self._sent.append(message.mark)
        return AlertRef(message.mark)

    def check(self) -> Sequence[Finding]:
        address = self.options.base_url.get_secret_value()
        return [Finding("chat address", ok=address.startswith(("https://", "http://127.0.0.1", "http://localhost")),
                        remedy="use the https address that the chat service gave")]  # fmt: skip

    def close(self) -> None:
        self.tools.http.close()


def _plain(text: str) -> str:
    """A stranger's words must not call the whole channel, as <!channel> would, or hide where a link leads.

    https://api.slack.com/reference/surfaces/formatting#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


plugin = Plugin(ChatOptions, Chat)
