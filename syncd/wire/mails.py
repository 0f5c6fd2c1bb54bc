"""What every door through which mails come shares: whose mails they are, as options, and a mail as a submission."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from pydantic import Field

from syncd.core.mail import MailRules, Reading, mail_submission, read_mail
from syncd.model import Submission
from syncd.wire.content_key import unreadable
from syncd.wire.mail_templates import MailTemplate
from syncd.wire.options import SourceOptions

MAIL = "message/rfc822"
MIB = 2**20
HEAD_BYTES = 64 * 1024
"""Kept of a mail that is too large, where its head does not end before."""


class MailSourceOptions(SourceOptions):
    """The options of a source that brings mails."""

    own_domains: tuple[str, ...] = Field(
        (), description="mail domains of colleagues, beside company.domains: what they write is no enquiry"
    )
    own_addresses: tuple[str, ...] = Field((), description="addresses of colleagues elsewhere")
    trusted_hosts: tuple[str, ...] = Field(
        (), description="your mail servers, by the name with which their Authentication-Results begin"
    )
    vouched: bool = Field(False, description="your mail server lets no forged mail through: every sender is believed")
    templates: tuple[MailTemplate, ...] = Field(
        (), description="forms whose mails syncd does not know; `syncd mail read` suggests one; tried before its own"
    )
    largest: int = Field(25, ge=1, le=40, description="MiB; of a larger mail only the head is kept, for a person")


class Lent(Protocol):
    """What is needed of `Tools`."""

    @property
    def name(self) -> str: ...
    @property
    def domains(self) -> Sequence[str]: ...


class Mails:
    """Of one source."""

    def __init__(self, tools: Lent, options: MailSourceOptions, mailboxes: Iterable[str] = ()) -> None:
        """`mailboxes`: the addresses that are read, where they are known."""
        self.source, self.largest = tools.name, options.largest * MIB
        self.too_large = f"larger than {options.largest} MiB: only its head is kept"
        self._rules = MailRules(
            own_domains=_lower(*options.own_domains, *tools.domains),
            own_addresses=_lower(*options.own_addresses, *(one for one in mailboxes if "@" in one)),
            country=options.country,
            templates=tuple(each.template() for each in options.templates),
            trusted_hosts=_lower(*options.trusted_hosts),
            vouched=options.vouched,
        )

    def submission(self, raw: bytes, received_at: datetime, *, spam: bool = False) -> Submission:
        """Whatever the bytes are; `spam`: the mail server says that it is.

        Somebody who asks has answers, what is no lead has its reason in the context, and what only a person can
        judge has a problem.
        """
        if len(raw) > self.largest:
            return self.parked(_head(raw), received_at, self.too_large)
        return mail_submission(self.read(raw, spam=spam), self.source, raw, received_at)

    def read(self, raw: bytes, *, spam: bool = False) -> Reading:
        """What is in it, and why it is taken for what it is."""
        return read_mail(raw, replace(self._rules, from_spam_folder=True) if spam else self._rules)

    def parked(self, raw: bytes, received_at: datetime, why: str) -> Submission:
        """What there is of a mail that cannot be had whole."""
        return unreadable(self.source, raw, received_at, why, MAIL)


def _head(raw: bytes) -> bytes:
    ends = [end for mark in (b"\r\n\r\n", b"\n\n") if (end := raw.find(mark, 0, HEAD_BYTES)) >= 0]
    return raw[: min(ends, default=HEAD_BYTES)]


def _lower(*texts: str) -> frozenset[str]:
    return frozenset(text.strip().lower() for text in texts if text.strip())
