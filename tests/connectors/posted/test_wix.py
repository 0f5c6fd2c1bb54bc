"""What Wix lists by its Forms API, and what it signs and posts to an app."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.sources.posted import wix
from syncd.connector import AnswerKind, Submission, Unauthenticated, WebRequest
from syncd.testing import NOON, FakeClock, PolledSourceContract, ServerTrouble, SourceContract, lent_tools
from tests.connectors.posted.case import TOKEN
from tests.fakes.wix import API_KEY, SITE, FakeWix

MINUTE = timedelta(minutes=1)
PERSON = {"first_name_1a2b": "Ines", "last_name_3c4d": "Brandão", "email_5e6f": "ines@brandao.example"}


def asked(target: str, label: Any, identifier: str = "TEXT_INPUT", kind: str = "STRING", **more: Any) -> dict[str, Any]:
    typed = {"componentType": "TEXT_INPUT", "validation": {}, "textInputOptions": {"label": label}, **more}
    return {
        "id": f"id-{target}",
        "identifier": identifier,
        "fieldType": "INPUT",
        "inputOptions": {"target": target, "inputType": kind, f"{kind.lower()}Options": typed},
    }


RICH = {"nodes": [{"type": "PARAGRAPH", "nodes": [{"type": "TEXT", "textData": {"text": "Send me the newsletter"}}]}]}
OFFER = {
    "id": "f1",
    "name": "Offer",
    "formFields": [
        asked("first_name_1a2b", "Vorname", "CONTACTS_FIRST_NAME"),
        asked("email_5e6f", "E-Mail", "CONTACTS_EMAIL"),
        asked("seats", "How many seats?"),
        asked("subscribe", RICH, "CONTACTS_SUBSCRIBE", "BOOLEAN"),
        {"id": "b", "identifier": "SUBMIT_BUTTON", "fieldType": "DISPLAY", "displayOptions": {}},
    ],
}


def options(**more: Any) -> wix.Options:
    return wix.Options.model_validate({"token": TOKEN, **more})


def fetching(fake: FakeWix, **more: Any) -> wix.Options:
    where = {"base_url": fake.url, "api_token": API_KEY, "site_id": SITE, "page_size": 3, "history": "all"}
    return options(**{**where, **more})


class TestBackfill(ServerTrouble, PolledSourceContract):
    plugin = wix.plugin
    secrets = (API_KEY, TOKEN)

    @pytest.fixture
    def source(self) -> Iterator[Any]:
        with FakeWix([OFFER]) as self.fake:
            for number in range(8):
                fields = {"email_5e6f": f"ines{number}@brandao.example"}
                self.fake.submit("f1" if number % 2 else "f2", f"s{number}", NOON - (30 - number) * MINUTE, fields)
            self.tools = lent_tools("forms", FakeClock(NOON), patience=1)
            yield self.plugin.make(fetching(self.fake), self.tools)
            self.tools.http.close()

    def test_answers_have_the_labels_of_their_form(self, source: Any) -> None:
        self.fake.submit("f1", "s9", NOON - MINUTE, {**PERSON, "seats": 40, "subscribe": True})

        found = self.of(source, "s9")

        told = {answer.id: (answer.value, answer.label, answer.kind) for answer in found.answers}
        assert told == {
            "field:first_name_1a2b": ("Ines", "Vorname", AnswerKind.TEXT),
            "field:last_name_3c4d": ("Brandão", "last name", AnswerKind.TEXT),
            "field:email_5e6f": ("ines@brandao.example", "E-Mail", AnswerKind.EMAIL),
            "field:seats": ("40", "How many seats?", AnswerKind.TEXT),
            "field:subscribe": ("yes", "Send me the newsletter", AnswerKind.CONSENT),
        }
        assert (found.context.form_id, found.context.form_name) == ("f1", "Offer")
        assert found.submitted_at == NOON - MINUTE + timedelta(milliseconds=123)

    def test_a_box_that_asks_for_consent_and_was_left_says_no(self, source: Any) -> None:
        self.fake.submit("f1", "s9", NOON - MINUTE, PERSON)

        consents = [one.value for one in self.of(source, "s9").answers if one.kind is AnswerKind.CONSENT]

        assert consents == ["no"]

    def test_uploads_are_links_and_an_address_has_parts(self, source: Any) -> None:
        file = {"fileId": "u1", "displayName": "plan.pdf", "url": "https://files.example/u1", "fileType": "pdf"}
        self.fake.submit("f2", "s9", NOON - MINUTE, {"plan": [file], "address": {"city": "Porto", "country": "PT"}})

        told = {answer.id: answer.value for answer in self.of(source, "s9").answers}

        assert told == {
            "field:plan": "https://files.example/u1",
            "field:address.city": "Porto",
            "field:address.country": "PT",
        }

    def test_a_form_that_may_not_be_read_costs_the_labels_and_no_lead(self, source: Any) -> None:
        self.fake.shows_forms = False
        self.fake.submit("f1", "s9", NOON - MINUTE, PERSON)

        kinds = {answer.label: answer.kind for answer in self.of(source, "s9").answers}

        assert kinds == {"first name": AnswerKind.TEXT, "last name": AnswerKind.TEXT, "email": AnswerKind.EMAIL}

    def test_one_form_alone_is_fetched_where_it_is_named(self, source: Any) -> None:
        built = self.plugin.make(fetching(self.fake, form_id="f1"), self.tools)

        assert [one.key for one in self.fetched(built)[0]] == ["s1", "s3", "s5", "s7"]

    def test_automation_and_list_meet_under_one_key(self, source: Any) -> None:
        posted = {"data": {"formId": "f1", "submissionId": "s3", "field:email_5e6f": "ines3@brandao.example"}}
        request = WebRequest("POST", {"content-type": "application/json"}, {}, json.dumps(posted).encode(), NOON)

        (submission,) = source.receive(request).submissions

        assert submission.key in {one.key for one in self.fetched(source)[0]}

    def of(self, source: Any, key: str) -> Submission:
        return {one.key: one for one in self.fetched(source)[0]}[key]


def test_to_fetch_needs_a_site() -> None:
    with pytest.raises(ValueError, match="site_id"):
        options(api_token=API_KEY)


# what is signed


@cache
def key_pair(number: int) -> tuple[rsa.RSAPrivateKey, str]:
    """Private key, and the public one in PEM; one pair for each number."""
    private = rsa.generate_private_key(65537, 2048)
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return private, private.public_key().public_bytes(serialization.Encoding.PEM, info).decode()


def in_pem(private: rsa.RSAPrivateKey) -> str:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def submission(**more: Any) -> dict[str, Any]:
    return FakeWix([]).submit("f1", "s1", NOON - MINUTE, PERSON, **more)


def event(slug: str = "created", as_text: bool = False, **more: Any) -> dict[str, Any]:
    entity = submission(**more)
    created = {"entityAsJson": json.dumps(entity)} if as_text else {"entity": entity}
    fqdn = "wix.forms.v4.submission"
    return {"id": "e1", "entityFqdn": fqdn, "slug": slug, "entityId": "s1", f"{slug}Event": created}


def sent(told: Any, ends: datetime = NOON + timedelta(hours=1), by: int = 0) -> WebRequest:
    inner = {"data": json.dumps(told), "instanceId": "i1", "eventType": "wix.forms.v4.submission_created"}
    claims = {"data": json.dumps(inner), "iat": int(NOON.timestamp()), "exp": int(ends.timestamp())}
    body = jwt.encode(claims, key_pair(by)[0], algorithm="RS256").encode()
    return WebRequest("POST", {"content-type": "text/plain"}, {}, body, NOON)


def app() -> Any:
    return wix.plugin.make(wix.Options(public_key=key_pair(0)[1]), lent_tools("forms", FakeClock(NOON)))


class TestEvents(SourceContract):
    plugin = wix.plugin
    secrets = (TOKEN,)

    @pytest.fixture
    def source(self) -> Any:
        return app()

    def delivery(self) -> WebRequest:
        return sent(event())

    def signed(self, body: bytes) -> WebRequest:
        token = jwt.PyJWS().encode(body, key_pair(0)[0], algorithm="RS256").encode()
        return replace(self.delivery(), body=token)

    def forged(self) -> Iterable[WebRequest]:
        whole = self.delivery()
        yield sent(event(), by=1)
        yield sent(event(), ends=NOON - timedelta(hours=1))
        head, payload, signature = whole.body.split(b".")
        yield replace(whole, body=b".".join([head, payload, signature[:-2] + b"AA"]))
        yield replace(whole, body=b".".join([head, payload[:-4] + b"AAAA", signature]))
        yield replace(whole, body=f"{jwt.encode({'data': '{}'}, 'k' * 32, algorithm='HS256')}".encode())
        yield replace(whole, body=b".".join([head, payload, b""]))
        plain = json.dumps({"data": {"submissionId": "s1", "field:seats": "40"}}).encode()
        yield replace(whole, body=plain, headers={"content-type": "application/json"})


@pytest.mark.parametrize("as_text", [False, True], ids=["entity", "entity as text"])
def test_an_event_is_the_submission_that_the_list_has(as_text: bool) -> None:
    (found,) = app().receive(sent(event(as_text=as_text))).submissions

    assert (found.key, found.context.form_id) == ("s1", "f1")
    assert found.submitted_at == NOON - MINUTE + timedelta(milliseconds=123)
    assert {answer.label: answer.value for answer in found.answers} == {
        "first name": "Ines",
        "last name": "Brandão",
        "email": "ines@brandao.example",
    }


@pytest.mark.parametrize(
    "other",
    [
        event("updated"),
        event("deleted"),
        event(namespace="wix.bookings.v2.bookings"),
        {"entityFqdn": "wix.crm.contact"},
    ],
    ids=["updated", "deleted", "another app's form", "another thing"],
)
def test_other_events_are_let_go(other: dict[str, Any]) -> None:
    assert app().receive(sent(other)).submissions == []


def test_of_one_form_others_are_let_go() -> None:
    given = wix.Options(public_key=key_pair(0)[1], form_id="f2")
    source = wix.plugin.make(given, lent_tools("forms", FakeClock(NOON)))

    assert source.receive(sent(event())).submissions == []


def test_what_wix_signed_and_nobody_can_read_is_kept() -> None:
    token = jwt.PyJWS().encode(b'{"data": "no JSON"}', key_pair(0)[0], algorithm="RS256").encode()

    (found,) = app().receive(replace(sent(event()), body=token)).submissions

    assert found.problem


def test_a_public_key_is_told_from_anything_else() -> None:
    in_one_line = key_pair(0)[1].replace("\n", "\\n")
    assert wix.Options(public_key=in_one_line).public_key == key_pair(0)[1]
    for wrong in ("no key", in_pem(key_pair(0)[0])):
        with pytest.raises(ValueError, match="BEGIN PUBLIC KEY"):
            wix.Options(public_key=wrong)


def test_without_a_key_nobody_is_believed() -> None:
    source = wix.plugin.make(wix.Options.model_validate({"api_token": API_KEY, "site_id": SITE}), lent_tools("forms"))

    with pytest.raises(Unauthenticated):
        source.receive(sent(event()))
