"""What the three have in common: a post that is checked first, with a mail in it, whole or taken apart."""

from collections.abc import Sequence
from typing import Protocol

from syncd.connector import (
    Finding,
    FormLimits,
    Mails,
    MailSourceOptions,
    Received,
    Rejected,
    Tools,
    WebRequest,
    raw_fields,
)

ROOM = 4 / 3 * 1.05
"""Of a mail whose attachments are in base64 once more, with what stands around it."""
_MANY_BYTES = 64 * 2**20
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class Service(Protocol):
    @property
    def takes(self) -> tuple[str, ...]: ...

    @property
    def locks(self) -> str:
        """What a sender has to prove, in words; empty for anybody."""
        ...

    def prove(self, request: WebRequest) -> None:
        """Raises Unauthenticated."""
        ...

    def mail_in(self, request: WebRequest) -> bytes:
        """The mail as it was sent, or put together again. Raises Rejected and its kinds."""
        ...


class PostedMail:
    """The source of one service."""

    def __init__(self, options: MailSourceOptions, tools: Tools, service: Service) -> None:
        self.options, self.service, self.takes = options, service, service.takes
        self.mails = Mails(tools, options)
        self.largest_body = round(self.mails.largest * ROOM)

    def receive(self, request: WebRequest) -> Received:
        self.service.prove(request)
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too, which may also have the mail itself."""
        if request.content_type == "message/rfc822":
            return Received([self.mails.submission(request.body, request.received_at)])
        try:
            raw = self.service.mail_in(request)
        except Rejected as error:
            if not self.service.locks:
                raise
            return Received([self.mails.parked(request.body, request.received_at, str(error))])
        return Received([self.mails.submission(raw, request.received_at)])

    def check(self) -> Sequence[Finding]:
        locks = self.service.locks
        remedy = "" if locks else "anybody may post mails: set a secret"
        return [Finding("posts", ok=True, detail=locks or "from anybody", remedy=remedy)]

    def close(self) -> None:
        """Nothing is open."""


def fields_of(request: WebRequest) -> dict[str, bytes]:
    """Of a form; of several of one name the first, and no files. Raises Rejected and its kinds."""
    limits = FormLimits(value=_MANY_BYTES)
    found: dict[str, bytes] = {}
    for field in raw_fields(request.body, request.header("content-type"), limits):
        if not field.file:
            found.setdefault(field.name.decode("utf-8", "replace"), field.value)
    return found
