"""Mailgun's routes: forward("https://.../in/<source>?as=mime") posts the mail whole, for the address ends with "mime".

https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http
https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Self

from connectors.sources.inbound_mail.posted import FORMS, fields_of
from connectors.sources.inbound_mail.rebuilt import rebuilt
from syncd.connector import (
    MailSourceOptions,
    Recent,
    Rejected,
    SignedSourceOptions,
    Unauthenticated,
    WebRequest,
    json_value,
    model_validator,
    moment_of,
)

TOLERANCE = timedelta(hours=9)
"""Mailgun tries again for eight hours, and nothing says that it signs anew each time."""
REMEMBERED = 10_000
_TOKEN = 200


class MailgunOptions(MailSourceOptions, SignedSourceOptions):
    @model_validator(mode="after")
    def _has_a_way_in(self) -> Self:
        if not (self.keys or self.unsigned or self.token):
            raise ValueError("set secret: the HTTP webhook signing key that Mailgun shows; or a token")
        return self


class Mailgun:
    takes = FORMS

    def __init__(self, options: MailgunOptions) -> None:
        self.options = options
        self._seen: Recent[str, bytes] = Recent(REMEMBERED)  # token -> what it came with

    @property
    def locks(self) -> str:
        return "signed" if self.options.keys else "with the token in the address" if self.options.token else ""

    def prove(self, request: WebRequest) -> None:
        """Mailgun signs the time and a random token, not the mail: a token brings one mail, however often it comes."""
        if not self.options.keys:
            return
        try:
            fields = fields_of(request)
        except Rejected as error:
            raise Unauthenticated(f"no signature in it: {error}") from error
        stamp, token, given = (fields.get(name, b"")[:_TOKEN] for name in ("timestamp", "token", "signature"))
        if not any(_is_signed(key.get_secret_value(), stamp, token, given) for key in self.options.keys):
            raise Unauthenticated("the signature is missing or wrong")
        at = moment_of(stamp.decode("ascii", "replace"))
        if at is None or abs(request.received_at - at) > TOLERANCE:
            raise Unauthenticated("signed too long ago: an old message sent again, or a clock that is wrong")
        self._insist_on_one_mail(token.decode("utf-8", "replace"), fields)

    def _insist_on_one_mail(self, token: str, fields: dict[str, bytes]) -> None:
        mail = hashlib.sha256(b"\0".join(fields.get(name, b"") for name in _CONTENT)).digest()
        before = self._seen.get(token)
        if before is not None and not hmac.compare_digest(before, mail):
            raise Unauthenticated("another mail came with this token before")
        self._seen.put(token, mail)

    def mail_in(self, request: WebRequest) -> bytes:
        fields = fields_of(request)
        if fields.get("body-mime", b"").strip():
            return fields["body-mime"]
        headers = list(_headers(json_value(fields.get("message-headers", b"[]"))))
        if not headers:
            raise Rejected("mailgun: neither body-mime nor message-headers in it")
        text, html = (fields.get(name, b"").decode("utf-8", "replace") for name in ("body-plain", "body-html"))
        return rebuilt(headers, text, html)


_CONTENT = ("body-mime", "message-headers", "body-plain", "body-html")


def _is_signed(key: str, stamp: bytes, token: bytes, given: bytes) -> bool:
    expected = hmac.new(key.encode(), stamp + token, hashlib.sha256).hexdigest().encode()
    return hmac.compare_digest(expected, given.lower())


def _headers(said: Any) -> Iterator[tuple[str, str]]:
    """A list of pairs."""
    for pair in said if isinstance(said, Sequence) else ():
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair):
            yield pair[0], pair[1]
