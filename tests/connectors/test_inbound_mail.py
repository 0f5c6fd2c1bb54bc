"""Mails that a service has received and posts: Mailgun, SendGrid, Postmark."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from connectors.sources.inbound_mail import mailgun, postmark, sendgrid
from syncd.connector import Plugin, Rejected, Submission, Unauthenticated, WebRequest
from syncd.testing import NOON, SourceContract, lent_tools

KEY = "mailgun-key-canary"
PASSWORD = "postmark-password-canary"
SENDGRID_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    SENDGRID_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
MAIL = (
    "From: Ada Beispiel <ada@acme-werke.com>\r\nTo: sales@shop.example.com\r\nSubject: Angebot für zehn\r\n"
    "Message-ID: <m1@acme-werke.com>\r\nDate: Fri, 20 Nov 2026 09:30:00 +0000\r\n"
    "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGrüße! What is the price?\r\n"
).encode("latin-1")
PARTS = {
    "Message-Id": "<m1@acme-werke.com>",
    "From": "Ada Beispiel <ada@acme-werke.com>",
    "Subject": "Offer",
    "Date": "Fri, 20 Nov 2026 09:30:00 +0000",
    "Content-Type": "text/plain; charset=iso-8859-1",
}


def source(plugin: Plugin[Any], **said: Any) -> Any:
    return plugin.make(plugin.options.model_validate(said), lent_tools("mails"))


def post(body: bytes, content_type: str, **headers: str) -> WebRequest:
    return WebRequest("POST", {"content-type": content_type, **headers}, {}, body, NOON)


def form(fields: dict[str, bytes]) -> tuple[bytes, str]:
    """As multipart, the way these services send it."""
    boundary = uuid4().hex
    parts = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in fields.items()
    )
    return parts + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def by_mailgun(
    fields: dict[str, bytes], *, key: str = KEY, at: datetime = NOON, token: str = "", **change: bytes
) -> WebRequest:
    stamp, word = str(int(at.timestamp())), token or uuid4().hex
    signature = hmac.new(key.encode(), f"{stamp}{word}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": stamp.encode(), "token": word.encode(), "signature": signature.encode(), **change}
    return post(*form({**fields, **signed}))


def by_sendgrid(body: bytes, content_type: str, *, key: Any = SENDGRID_KEY, at: datetime = NOON) -> WebRequest:
    stamp = str(int(at.timestamp()))
    signature = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    headers = {
        "x-twilio-email-event-webhook-signature": signature,
        "x-twilio-email-event-webhook-timestamp": stamp,
    }
    return post(body, content_type, **headers)


def by_postmark(said: Any, login: str = f"postmark:{PASSWORD}") -> WebRequest:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return post(body, "application/json", authorization=f"Basic {base64.b64encode(login.encode()).decode()}")


class TestMailgun(SourceContract):
    plugin, secrets = mailgun, (KEY,)

    @pytest.fixture
    def source(self) -> Any:
        return source(mailgun, secret=KEY)

    def delivery(self) -> WebRequest:
        return by_mailgun({"body-mime": MAIL, "recipient": b"sales@shop.example.com"}, token="t1")

    def signed(self, body: bytes) -> WebRequest:
        return by_mailgun({"body-mime": body})

    def forged(self) -> Iterable[WebRequest]:
        fields = {"body-mime": MAIL}
        yield by_mailgun(fields, key="another")
        yield by_mailgun(fields, signature=b"")
        yield by_mailgun(fields, signature=b"0" * 64)
        yield by_mailgun(fields, token="t2", timestamp=str(int(NOON.timestamp()) + 1).encode())
        yield by_mailgun(fields, at=NOON - timedelta(hours=10))
        yield by_mailgun(fields, at=NOON + timedelta(hours=10))
        yield by_mailgun(fields, timestamp=b"\xff")
        yield post(*form(fields))
        yield post(b"{}", "application/json")


class TestSendGrid(SourceContract):
    plugin, secrets = sendgrid, (PASSWORD,)

    @pytest.fixture
    def source(self) -> Any:
        return source(sendgrid, public_key=PUBLIC)

    def delivery(self) -> WebRequest:
        return by_sendgrid(*form({"email": MAIL, "envelope": b"{}", "spam_score": b"0.1"}))

    def signed(self, body: bytes) -> WebRequest:
        return by_sendgrid(*form({"email": body}))

    def forged(self) -> Iterable[WebRequest]:
        right = self.delivery()
        yield by_sendgrid(*form({"email": MAIL}), key=ec.generate_private_key(ec.SECP256R1()))
        yield by_sendgrid(*form({"email": MAIL}), at=NOON - timedelta(days=4))
        yield WebRequest("POST", right.headers, {}, right.body + b" ", NOON)
        for name, value in (("signature", ""), ("signature", "no base64!"), ("timestamp", ""), ("timestamp", "x")):
            yield WebRequest(
                "POST", {**right.headers, f"x-twilio-email-event-webhook-{name}": value}, {}, right.body, NOON
            )


class TestPostmark(SourceContract):
    plugin, secrets = postmark, (PASSWORD,)

    @pytest.fixture
    def source(self) -> Any:
        return source(postmark, basic={"user": "postmark", "password": PASSWORD})

    def delivery(self) -> WebRequest:
        return by_postmark({"From": "ada@acme-werke.com", "MessageID": "p1", "RawEmail": MAIL.decode("latin-1")})

    def signed(self, body: bytes) -> WebRequest:
        return by_postmark(body)

    def forged(self) -> Iterable[WebRequest]:
        yield by_postmark({"RawEmail": "x"}, login="postmark:wrong-password")
        yield post(b"{}", "application/json")


def told(found: Iterable[Submission]) -> Iterator[tuple[str, str]]:
    for one in found:
        assert not one.problem
        yield from ((answer.id, answer.text) for answer in one.answers)


Taken = Callable[[], Iterable[Submission]]


def parsed_ways() -> list[Any]:
    """The same mail, taken apart in the way of each service."""
    text, html = "Grüße! What is the price?\r\n", "<p>Grüße! What is the price?</p>"
    headers = json.dumps([[name, value] for name, value in PARTS.items()]).encode()
    of_mailgun = {"message-headers": headers, "body-plain": text.encode(), "body-html": html.encode()}
    of_sendgrid = {
        "headers": "\n".join(f"{name}: {value}" for name, value in PARTS.items()).encode(),
        "text": text.encode("latin-1"),
        "html": html.encode(),
        "charsets": b'{"text": "iso-8859-1", "html": "utf-8"}',
    }
    beside = {name: PARTS[name] for name in ("From", "Subject", "Date")}
    of_postmark = {
        **beside,
        "Headers": [{"Name": "Message-Id", "Value": PARTS["Message-Id"]}],
        "TextBody": text,
        "HtmlBody": html,
    }
    return [
        pytest.param(mailgun, {"secret": KEY}, by_mailgun(of_mailgun), id="mailgun"),
        pytest.param(sendgrid, {"public_key": PUBLIC}, by_sendgrid(*form(of_sendgrid)), id="sendgrid"),
        pytest.param(
            postmark,
            {"basic": {"user": "postmark", "password": PASSWORD}},
            by_postmark(of_postmark),
            id="postmark",
        ),
    ]


@pytest.mark.parametrize(("plugin", "said", "request_"), parsed_ways())
def test_a_mail_that_was_taken_apart_is_read_like_a_whole_one(
    plugin: Plugin[Any], said: dict[str, Any], request_: WebRequest
) -> None:
    made = source(plugin, **said)

    first, second = (made.receive(request_).submissions for _ in range(2))

    answers = dict(told(first))
    assert "ada@acme-werke.com" in answers.values()
    assert any("Grüße! What is the price?" in text for text in answers.values())
    assert [one.key for one in first] == [one.key for one in second]
    assert first[0].submitted_at == datetime.fromisoformat("2026-11-20T09:30:00Z")


@pytest.mark.parametrize("content_type", ["multipart", "urlencoded"])
def test_a_mail_keeps_its_bytes_whatever_their_charset(content_type: str) -> None:
    request = by_mailgun({"body-mime": MAIL})
    if content_type == "urlencoded":
        stamp = str(int(NOON.timestamp()))
        signature = hmac.new(KEY.encode(), f"{stamp}t".encode(), hashlib.sha256).hexdigest()
        body = urlencode({"body-mime": MAIL, "timestamp": stamp, "token": "t", "signature": signature}).encode()
        request = post(body, "application/x-www-form-urlencoded")

    (found,) = source(mailgun, secret=KEY).receive(request).submissions

    assert found.raw == MAIL
    assert any("Grüße" in text for _, text in told([found]))


def test_one_mail_has_one_key_by_whichever_service_it_comes() -> None:
    plain = MAIL.replace("ü".encode("latin-1"), b"ue").replace("ß".encode("latin-1"), b"ss")
    arrivals = [
        source(mailgun, secret=KEY).receive(by_mailgun({"body-mime": plain})),
        source(sendgrid, public_key=PUBLIC).receive(by_sendgrid(*form({"email": plain}))),
        source(postmark, token="token-in-path").receive(by_postmark({"RawEmail": plain.decode()})),
    ]

    assert len({one.key for received in arrivals for one in received.submissions}) == 1


def test_a_token_of_mailgun_brings_one_mail_however_often_it_comes() -> None:
    made = source(mailgun, secret=KEY)
    first = made.receive(by_mailgun({"body-mime": MAIL}, token="t1"))

    again = made.receive(by_mailgun({"body-mime": MAIL}, token="t1", at=NOON - timedelta(hours=8)))
    with pytest.raises(Unauthenticated, match="another mail"):
        made.receive(by_mailgun({"body-mime": MAIL.replace(b"price", b"prize")}, token="t1"))

    assert [one.key for one in first.submissions] == [one.key for one in again.submissions]


def test_what_holds_no_mail_is_kept_and_parked_if_the_sender_is_known_and_else_refused() -> None:
    known = source(mailgun, secret=KEY)
    anybody = source(mailgun, unsigned=True)

    (parked,) = known.receive(by_mailgun({"subject": b"no mail"})).submissions

    assert "neither body-mime nor message-headers" in parked.problem
    with pytest.raises(Rejected):
        anybody.receive(post(*form({"subject": b"no mail"})))


def test_a_header_that_holds_line_ends_makes_no_other_header() -> None:
    headers = json.dumps([["From", "ada@acme-werke.com\r\nX-Evil: 1"], ["X Evil", "1"], ["Subject", "Hi"]]).encode()

    (found,) = (
        source(mailgun, secret=KEY)
        .receive(by_mailgun({"message-headers": headers, "body-plain": b"Hello there"}))
        .submissions
    )

    assert not any(line.startswith((b"X-Evil", b"X Evil")) for line in found.raw.splitlines())


def test_a_post_may_be_as_large_as_the_mails_that_are_read() -> None:
    assert source(postmark, token="token-in-path", largest=10).largest_body > 13 * 2**20


@pytest.mark.parametrize(
    ("plugin", "said", "words"),
    [
        (mailgun, {}, "signing key"),
        (mailgun, {"secret": "short"}, "secret"),
        (sendgrid, {}, "anybody could post"),
        (sendgrid, {"public_key": "no key"}, "no public key"),
        (postmark, {}, "anybody could post"),
    ],
)
def test_mistakes_in_the_config_are_told(plugin: Plugin[Any], said: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        plugin.options.model_validate(said)
