"""Mails that are handed over one by one: by a mail server or procmail, to `syncd mail pipe`."""

from collections.abc import Sequence

from syncd.connector import Field, Finding, Mails, MailSourceOptions, Plugin, Received, Tools, WebRequest


class Options(MailSourceOptions):
    mailboxes: tuple[str, ...] = Field((), description="addresses whose mails are handed over")


class Mail:
    """Nobody calls, and nobody is called: the mail server starts a program for each mail."""

    takes = ("message/rfc822",)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options = options
        self.mails = Mails(tools, options, options.mailboxes)

    def translate(self, request: WebRequest) -> Received:
        """What is kept of a mail."""
        return Received([self.mails.submission(request.body, request.received_at)])

    def check(self) -> Sequence[Finding]:
        return [Finding("mails", ok=True, detail="by `syncd mail pipe`")]

    def close(self) -> None:
        """Nothing is open."""


plugin = Plugin(Options, Mail)
