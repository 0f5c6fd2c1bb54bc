"""Tally's webhook."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.sources.tally import plugin
from connectors.sources.tally.answers import as_posted
from syncd.connector import AnswerKind, Rejected, Submission, Unauthenticated, UnsupportedBody, WebRequest
from syncd.testing import NOON, SourceContract, lent_tools
from tests.outside import SHARED, needs

SECRET = "canary-tally-secret"
DELIVERY = (Path(__file__).parents[1] / "fixtures/tally/delivery.json").read_bytes()
SAMPLES = SHARED / "samples/tally"


def tally(**options: Any) -> Any:
    return plugin.make(plugin.options.model_validate(options or {"secret": SECRET}), lent_tools("quotes"))


def signed(body: bytes, secret: str = SECRET, kind: str = "application/json") -> WebRequest:
    proof = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    return WebRequest("POST", {"content-type": kind, "tally-signature": proof}, {}, body, NOON)


def received(body: object) -> Submission:
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    submissions: list[Submission] = tally().receive(signed(sent)).submissions
    (submission,) = submissions
    return submission


def with_fields(*fields: object, **data: object) -> Submission:
    return received({"eventType": "FORM_RESPONSE", "data": {"submissionId": "s1", "fields": fields, **data}})


class TestContract(SourceContract):
    secrets = (SECRET,)
    plugin = plugin

    @pytest.fixture
    def source(self) -> Any:
        return tally()

    def delivery(self) -> WebRequest:
        return signed(DELIVERY)

    def signed(self, body: bytes) -> WebRequest:
        return signed(body)

    def forged(self) -> list[WebRequest]:
        unsigned = WebRequest("POST", {"content-type": "application/json"}, {}, DELIVERY, NOON)
        return [unsigned, signed(DELIVERY, "another-secret")]


def test_each_type_of_question_is_told_in_words() -> None:
    given = {answer.id: (answer.value, answer.kind) for answer in received(DELIVERY).answers}

    assert given == {
        "question_name": ("Tomasz Wróbel", AnswerKind.TEXT),
        "question_mail": ("tomasz@wrobel.example", AnswerKind.EMAIL),
        "question_tel": ("+48221234567", AnswerKind.PHONE),
        "question_site": ("https://wrobel.example", AnswerKind.URL),
        "question_seats": ("12", AnswerKind.NUMBER),
        "question_day": ("2026-04-01", AnswerKind.DATE),
        "question_plan": ("Team", AnswerKind.CHOICE),
        "question_old": ("At a fair", AnswerKind.CHOICE),
        "question_needs": (("Import", "Other", "o-gone"), AnswerKind.CHOICE),
        "question_needs_other": ("Reports", AnswerKind.TEXT),
        "question_news": ("no", AnswerKind.CHOICE),
        "question_matrix": (("Speed: good", "Price: good, fair"), AnswerKind.CHOICE),
        "question_file": (
            ("https://storage.tally.so/private/a.pdf", "https://storage.tally.so/private/b.pdf"),
            AnswerKind.FILE,
        ),
        "utm_source": ("newsletter", AnswerKind.HIDDEN),
        "points": ("7", AnswerKind.HIDDEN),
    }


def test_submission_knows_its_form_and_time() -> None:
    submission = received(DELIVERY)

    assert (submission.source, submission.key, submission.window) == ("quotes", "zD3mo1", None)
    assert submission.submitted_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert (submission.context.form_id, submission.context.form_name) == ("fO4mId", "Request a quote")


def test_another_delivery_of_the_same_submission_has_the_same_key() -> None:
    again = DELIVERY.replace(b"0d0c3f8e-demo", b"11111111-demo")

    assert received(again).key == received(DELIVERY).key


def test_two_questions_may_share_label_and_key() -> None:
    question = {"key": "q", "label": "Other", "type": "INPUT_TEXT"}

    submission = with_fields({**question, "value": "a"}, {**question, "value": "b"})

    assert [answer.value for answer in submission.answers] == ["a", "b"]


def test_boxes_are_not_told_one_by_one_even_if_none_is_ticked() -> None:
    group = {"key": "q", "label": "Needs", "type": "CHECKBOXES", "value": None, "options": [{"id": "o", "text": "A"}]}
    box = {"key": "q_o", "label": "Needs (A)", "type": "CHECKBOXES", "value": False}

    assert with_fields(group, box).answers == ()


def test_submission_without_ids_is_the_same_for_two_days() -> None:
    field = {"key": "q", "label": "Name", "type": "INPUT_TEXT", "value": "Eva"}
    one, two = (received({"data": {"formId": "f", "fields": [field]}, "createdAt": at}) for at in ("a", "b"))

    assert one.key == two.key
    assert one.window == timedelta(hours=48)


def test_other_events_are_taken_and_hold_nothing() -> None:
    assert tally().receive(signed(b'{"eventType":"FORM_UPDATED","data":{"fields":[]}}')).submissions == []


@pytest.mark.parametrize("body", [b"{", b"7", b'{"eventType":"FORM_RESPONSE"}', b'{"data":{"fields":{}}}'])
def test_unreadable_delivery_is_kept(body: bytes) -> None:
    assert received(body).problem


@pytest.mark.parametrize("body", [b"{", b"7"])
def test_what_is_no_object_is_rejected_from_strangers(body: bytes) -> None:
    with pytest.raises(Rejected):
        tally(unsigned=True).receive(signed(body))


def test_body_must_be_json() -> None:
    with pytest.raises(UnsupportedBody):
        tally().receive(signed(DELIVERY, kind="text/plain"))


def test_secret_or_a_clear_word_is_needed() -> None:
    with pytest.raises(ValidationError, match="unsigned"):
        plugin.options.model_validate({})


def test_a_token_in_the_address_does_instead_of_a_secret() -> None:
    source = tally(token="token-of-the-address")

    assert source.receive(WebRequest("POST", {"content-type": "application/json"}, {}, DELIVERY, NOON)).submissions
    assert source.check()[0].detail == "with the token in the address"


def test_unsigned_source_takes_posts_and_says_so() -> None:
    source = tally(unsigned=True)

    assert source.receive(WebRequest("POST", {"content-type": "application/json"}, {}, DELIVERY, NOON)).submissions
    assert source.check()[0].detail == "anybody"


@needs(SAMPLES.exists(), "the captured deliveries of Tally are not beside this checkout")
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_captured_deliveries_are_read(path: Path) -> None:
    submission = received(path.read_bytes())

    assert submission.answers
    assert not submission.problem


def test_hidden_values_and_skipped_questions_of_the_list_are_those_of_the_webhook() -> None:
    questions = [{"id": "h", "type": "HIDDEN_FIELDS"}, {"id": "m", "title": "E-mail", "type": "INPUT_EMAIL"}]
    hidden = {"questionId": "h", "answer": {"utm_source": "newsletter"}}
    skipped = {"questionId": "m", "answer": None}

    item = as_posted({"id": "s1", "responses": [hidden, skipped]}, {"questions": questions}, "f1")

    (answer,) = tally().fetched(item, NOON, b"{}").answers
    assert (answer.id, answer.value, answer.kind) == ("utm_source", "newsletter", AnswerKind.HIDDEN)


def test_with_a_key_to_fetch_by_and_no_secret_nothing_is_taken_from_strangers() -> None:
    source = tally(api_token="key-for-the-api", form_id="f1")

    with pytest.raises(Unauthenticated):
        source.receive(signed(DELIVERY))
