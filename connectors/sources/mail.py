"""Mails that are handed over one by one: by a mail server or procmail, to `syncd mail pipe`."""

from collections.abc import Sequence

from syncd.connector import About, Field, Finding, Mails, MailSourceOptions, Plugin, Received, Tools, WebRequest


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


plugin = Plugin(
    Options,
    Mail,
    About(
        "Mails from a mail server or procmail",
        setup=("A line in the mail server's configuration hands each mail to `syncd mail pipe`: docs/mail.md.",),
        missed="Nothing: the mail server keeps what it could not hand over, and tries again.",
        tested="The command on SQLite and PostgreSQL, beside a daemon and without one. The lines for Postfix, Exim and "
        "procmail are from their manuals, and were not tried with them.",
        notes=("Message-ID, sender, date and text make the key.",),
        example={"mailboxes": "[sales@example.com]"},
    ),
)
