"""Mails, mailboxes and a source that reads them, for the tests of the imap source."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.sources.imap import Imap, Options
from syncd.connector import Page, Submission
from syncd.testing import NOON, FakeClock, lent_tools
from tests.fakes.imap import PASSWORD, USER, FakeImap
from tests.fakes.imap.dovecot import Dovecot

Server = FakeImap | Dovecot


def mail(number: int, body: str = "What does it cost for so many people?", more: str = "") -> bytes:
    """Of a person, to the mailbox; its parts are as unlike others' as real ones."""
    at = NOON - timedelta(days=1) + timedelta(minutes=number)
    return (
        f"From: Ada Beispiel {number} <ada{number}@acme{number}.example>\r\nTo: {USER}\r\nSubject: Offer {number}\r\n"
        f"Message-ID: <m{number}@acme.example>\r\nDate: {at:%a, %d %b %Y %H:%M:%S} +0000\r\n{more}\r\n"
        f"Hello,\r\n\r\n{body} We are {number}.\r\n\r\nAda Beispiel\r\n"
    ).encode()


@dataclass
class Reading:
    """A source, and where it has got to; the core's part of it."""

    source: Imap
    cursor: str | None = None
    kept: list[Submission] = field(default_factory=list)

    def poll(self) -> list[Submission]:
        """Everything that is new, each page settled."""
        new: list[Submission] = []
        for page in self.source.pages(self.cursor):
            new += page.submissions
            self.commit(page)
            if page.settle:
                page.settle()
        return new

    def commit(self, page: Page) -> None:
        self.kept += page.submissions
        self.cursor = page.cursor or self.cursor

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.kept]


def options(server: Server, **said: Any) -> Options:
    user = server.manners.user if isinstance(server, FakeImap) else server.user
    usual = {"host": server.host, "port": server.port, "tls": "off", "user": user, "history": "all"}
    secret = {} if "oauth" in said else {"password": PASSWORD}
    return Options.model_validate({**usual, **secret, **said})


class Read(ExitStack):
    """Makes sources that are closed in the end, and wait so many seconds for an answer."""

    def __init__(self, patience: float = 20) -> None:
        super().__init__()
        self.clock, self._patience = FakeClock(NOON), patience

    def __call__(self, server: Server, folder: Path = Path(), **said: Any) -> Reading:
        tools = lent_tools("mailbox", self.clock, folder, patience=self._patience)
        source = Imap(options(server, **said), tools)
        self.callback(source.close)
        self.callback(tools.http.close)
        return Reading(source)


def deliver(server: Server, *numbers: int, folder: str = "INBOX", at: datetime = NOON - timedelta(hours=1)) -> None:
    for number in numbers:
        server.deliver(mail(number), folder, at)


def senders(found: Iterable[Submission]) -> list[int]:
    """The numbers of the mails."""
    return [int(one.raw.partition(b"Subject: Offer ")[2].partition(b"\r")[0]) for one in found]
