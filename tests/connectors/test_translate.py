"""A dry run says exactly what would be kept: `translate` is `receive` without the locks."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.sources import form, tally, typeform, webhook
from syncd.connector import Plugin, Received, Rejected, Translating, Unauthenticated, WebRequest
from syncd.testing import NOON, lent_tools

SECRET = "canary-signing-secret"
FIXTURES = Path(__file__).parents[1] / "fixtures"
JSON = "application/json"


@dataclass(frozen=True)
class Sender:
    """A locked source, and what its provider sends."""

    plugin: Plugin[Any]
    options: Mapping[str, Any]
    body: bytes
    content_type: str
    proof: tuple[str, str]  # header, and what stands before the signature
    unread: bytes = b"{"

    def source(self) -> Any:
        options = self.plugin.options.model_validate(dict(self.options))
        return self.plugin.make(options, lent_tools("forms"))

    def unsigned(self, body: bytes) -> WebRequest:
        return WebRequest("POST", {"content-type": self.content_type}, {}, body, NOON)

    def signed(self, body: bytes) -> WebRequest:
        header, prefix = self.proof
        proof = prefix + base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
        return replace(self.unsigned(body), headers={"content-type": self.content_type, header: proof})


SIGNED = {
    "typeform": Sender(
        typeform.plugin, {"form_id": "Kx7demo9", "secret": SECRET},
        (FIXTURES / "typeform/delivery.json").read_bytes(), JSON, ("typeform-signature", "sha256="),
    ),
    "tally": Sender(
        tally.plugin, {"secret": SECRET},
        (FIXTURES / "tally/delivery.json").read_bytes(), JSON, ("tally-signature", ""),
    ),
    "webhook": Sender(
        webhook.plugin, {"secret": SECRET, "signature": {"header": "x-sign", "encoding": "base64"}, "items": "leads"},
        b'{"leads": [{"email": "a@acme.example"}, {"email": "b@acme.example"}, 7]}', JSON, ("x-sign", ""),
    ),
}  # fmt: skip


@pytest.fixture(params=SIGNED)
def sender(request: pytest.FixtureRequest) -> Sender:
    return SIGNED[request.param]


def test_an_unsigned_payload_gives_the_submissions_of_the_signed_one(sender: Sender) -> None:
    source = sender.source()

    kept, dry = source.receive(sender.signed(sender.body)), source.translate(sender.unsigned(sender.body))

    assert isinstance(source, Translating)
    assert kept.submissions
    assert dry == kept


def test_receiving_still_asks_for_the_signature(sender: Sender) -> None:
    with pytest.raises(Unauthenticated):
        sender.source().receive(sender.unsigned(sender.body))


def test_what_cannot_be_read_is_told_as_it_would_be_kept(sender: Sender) -> None:
    source = sender.source()

    kept, dry = source.receive(sender.signed(sender.unread)), source.translate(sender.unsigned(sender.unread))

    assert dry.submissions[0].problem
    assert dry == kept


def test_another_kind_of_body_is_refused_in_a_dry_run_too(sender: Sender) -> None:
    request = replace(sender.unsigned(sender.body), headers={"content-type": "text/html"})

    with pytest.raises(Rejected):
        sender.source().translate(request)


def test_a_form_is_translated_from_whichever_site_it_was_posted() -> None:
    options = form.Options.model_validate({"origins": ["https://www.acme.example"]})
    source = form.plugin.make(options, lent_tools("contact"))
    body = b"name=Zoe&email=zoe%40acme.example&message=Hello"

    welcome, foreign = (_post(body, origin) for origin in ("https://www.acme.example", "https://evil.example"))

    assert _submissions(source.translate(foreign)) == _submissions(source.receive(welcome))
    with pytest.raises(Unauthenticated):
        source.receive(foreign)


def _post(body: bytes, origin: str) -> WebRequest:
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": origin}
    return WebRequest("POST", headers, {}, body, NOON)


def _submissions(received: Received) -> list[Any]:
    return list(received.submissions)
