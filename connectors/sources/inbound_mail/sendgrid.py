"""SendGrid's Inbound Parse: with "POST the raw, full MIME message" on, the mail stands in the field `email`.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks
"""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from connectors.sources.inbound_mail.posted import FORMS, fields_of
from connectors.sources.inbound_mail.rebuilt import rebuilt
from syncd.connector import (
    Field,
    LockedSourceOptions,
    MailSourceOptions,
    Rejected,
    Unauthenticated,
    WebRequest,
    field_validator,
    moment_of,
    open_locks,
)

SIGNATURE, STAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"
TOLERANCE = timedelta(days=3, hours=1)
"""SendGrid tries again for three days, and nothing says that it signs anew each time."""


class SendGridOptions(MailSourceOptions, LockedSourceOptions):
    public_key: str = Field("", description="of the security policy (base64), if the posts are signed")

    @field_validator("public_key")
    @classmethod
    def _is_a_key(cls, text: str) -> str:
        if text:
            _key(text)
        return text

    def locks(self) -> Iterator[str]:
        if self.public_key:
            yield "signed"
        yield from super().locks()


class SendGrid:
    takes = FORMS

    def __init__(self, options: SendGridOptions) -> None:
        self.options = options
        self._key = _key(options.public_key) if options.public_key else None

    @property
    def locks(self) -> str:
        return ", ".join(self.options.locks())

    def prove(self, request: WebRequest) -> None:
        if self._key is not None:
            _verify(self._key, request)
        open_locks(self.options, request)

    def mail_in(self, request: WebRequest) -> bytes:
        fields = fields_of(request)
        if fields.get("email", b"").strip():
            return fields["email"]
        if not fields.get("headers", b"").strip():
            raise Rejected("sendgrid: neither email nor headers in it")
        charsets = _charsets(fields.get("charsets", b""))
        text, html = (_decoded(fields.get(name, b""), charsets.get(name, "")) for name in ("text", "html"))
        return rebuilt(_headers(fields["headers"].decode("utf-8", "replace")), text, html)


def _key(text: str) -> EllipticCurvePublicKey:
    """Raises ValueError."""
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise ValueError("no public key: it begins with MFkw and is one long line") from None
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("not a key for ECDSA")  # noqa: TRY004 - pydantic tells values, not types
    return key


def _verify(key: EllipticCurvePublicKey, request: WebRequest) -> None:
    """Over the time and the raw body. Raises Unauthenticated."""
    stamp, given = request.header(STAMP), request.header(SIGNATURE)
    try:
        key.verify(base64.b64decode(given, validate=True), stamp.encode() + request.body, ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        raise Unauthenticated(f"{SIGNATURE} is missing or does not match the body") from None
    at = moment_of(stamp)
    if at is None or abs(request.received_at - at) > TOLERANCE:
        raise Unauthenticated("signed too long ago: an old message sent again, or a clock that is wrong")


def _headers(block: str) -> Iterator[tuple[str, str]]:
    """Unfolded."""
    lines: list[str] = []
    for line in block.splitlines():
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += line
        else:
            lines.append(line)
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(), value


def _charsets(said: bytes) -> dict[str, str]:
    try:
        found = json.loads(said or b"{}")
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _decoded(text: bytes, charset: str) -> str:
    try:
        return text.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return text.decode("utf-8", "replace")
