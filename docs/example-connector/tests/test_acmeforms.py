"""Acmeforms keeps the contract of sources, and each of its answers is read."""

import hmac
from collections.abc import Iterable

import pytest
from syncd.connector import WebRequest
from syncd.testing import NOON, SourceContract, lent_tools
from syncd_acmeforms import Acmeforms, Options, plugin

SECRET = "canary-of-acmeforms"
DELIVERY = b"""{"id": "r-1", "sent_at": "2026-03-02T11:58:00Z", "form": {"id": "f-9", "name": "Ask us"}, "answers": [
  {"question": "Your name", "type": "text", "answer": "Ada Beispiel"},
  {"question": "E-mail", "type": "email", "answer": "ada@beispiel.example"},
  {"question": "What about?", "type": "choice", "answer": ["Prices", "A demo"]},
  {"question": "Anything else?", "type": "text", "answer": null}]}"""


def signed(body: bytes, secret: str = SECRET) -> WebRequest:
    proof = hmac.digest(secret.encode(), body, "sha256").hex()
    return WebRequest("POST", {"content-type": "application/json", "x-acmeforms-signature": proof}, {}, body, NOON)


class TestContract(SourceContract):
    plugin = plugin
    secrets = (SECRET,)

    @pytest.fixture
    def source(self) -> Acmeforms:
        return Acmeforms(Options.model_validate({"secret": SECRET}), lent_tools("acmeforms"))

    def delivery(self) -> WebRequest:
        return signed(DELIVERY)

    def signed(self, body: bytes) -> WebRequest:
        return signed(body)

    def forged(self) -> Iterable[WebRequest]:
        unsigned = WebRequest("POST", {"content-type": "application/json"}, {}, DELIVERY, NOON)
        return [unsigned, signed(DELIVERY, "of somebody else")]

    def test_each_answer_is_told_in_words(self, source: Acmeforms) -> None:
        (submission,) = source.receive(self.delivery()).submissions

        assert submission.key == "r-1"
        assert {answer.id: answer.value for answer in submission.answers} == {
            "Your name": "Ada Beispiel",
            "E-mail": "ada@beispiel.example",
            "What about?": ("Prices", "A demo"),
        }
