"""Postmark's inbound stream: JSON, in which "Include raw email content" puts the mail as RawEmail.

https://postmarkapp.com/developer/webhooks/inbound-webhook. Postmark signs nothing: user name and password in the
address of the webhook (https://user:password@host/in/<source>), or a token in its path.
"""

from collections.abc import Iterator
from typing import Any

from connectors.sources.inbound_mail.rebuilt import rebuilt
from syncd.connector import (
    LockedSourceOptions,
    MailSourceOptions,
    Rejected,
    UnsupportedBody,
    WebRequest,
    json_value,
    list_in,
    open_locks,
    text_in,
)


class PostmarkOptions(MailSourceOptions, LockedSourceOptions):
    """Nothing of its own."""


class Postmark:
    takes = ("application/json",)

    def __init__(self, options: PostmarkOptions) -> None:
        self.options = options

    @property
    def locks(self) -> str:
        return ", ".join(self.options.locks())

    def prove(self, request: WebRequest) -> None:
        open_locks(self.options, request)

    def mail_in(self, request: WebRequest) -> bytes:
        if request.content_type != "application/json":
            raise UnsupportedBody("postmark: the body is not JSON")
        said = json_value(request.body)
        if raw := text_in(said, "RawEmail"):
            return raw.encode("utf-8", "replace")
        if not (text_in(said, "From") or text_in(said, "TextBody") or text_in(said, "HtmlBody")):
            raise Rejected("postmark: no mail in it")
        return rebuilt(_headers(said), text_in(said, "TextBody"), text_in(said, "HtmlBody"))


def _headers(said: Any) -> Iterator[tuple[str, str]]:
    """The list leaves out what stands beside it."""
    listed = [one for one in list_in(said, "Headers") if isinstance(one, dict)]
    there = {text_in(one, "Name").lower() for one in listed}
    for one in listed:
        yield text_in(one, "Name"), text_in(one, "Value")
    for name, header in _BESIDE.items():
        if header.lower() not in there and text_in(said, name):
            yield header, text_in(said, name)


_BESIDE = {"From": "From", "To": "To", "Cc": "Cc", "ReplyTo": "Reply-To", "Subject": "Subject", "Date": "Date"}
