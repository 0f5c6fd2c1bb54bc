"""Whatever program posts JSON or form fields."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.sources.webhook import Options, Webhook, plugin
from syncd.connector import Answer, AnswerKind, Rejected, Submission, Unauthenticated, UnsupportedBody, WebRequest
from syncd.testing import NOON, SourceContract, lent_tools

SECRET = "canary-signing-secret"
SIGNED = {
    "secret": SECRET,
    "signature": {"header": "x-sign", "template": "{timestamp}.{body}", "timestamp_header": "x-time"},
}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def webhook(**options: Any) -> Webhook:
    return Webhook(Options.model_validate({"unsigned": True, **options}), lent_tools("zap"))


def post(body: object, kind: str = JSON, **headers: str) -> WebRequest:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    return WebRequest("POST", {"content-type": kind, **given}, {}, sent, NOON)


def signed(body: bytes, kind: str = JSON, secret: str = SECRET, at: datetime = NOON) -> WebRequest:
    stamp = str(int(at.timestamp()))
    proof = hmac.new(secret.encode(), stamp.encode() + b"." + body, "sha256").hexdigest()
    return post(body, kind, x_sign=proof, x_time=stamp)


def received(source: Webhook, request: WebRequest) -> Submission:
    (submission,) = source.receive(request).submissions
    return submission


def answers(submission: Submission) -> dict[str, Any]:
    return {answer.id: answer.value for answer in submission.answers}


class TestSignedContract(SourceContract):
    secrets = (SECRET,)
    plugin = plugin

    @pytest.fixture
    def source(self) -> Webhook:
        return webhook(**SIGNED, unsigned=False, items="leads", id="id", time="at", form_id="form", test="test")

    def delivery(self) -> WebRequest:
        leads = [
            {"id": number, "at": "2026-03-02T10:00:00Z", "email": f"p{number}@acme.example"} for number in range(3)
        ]
        return signed(orjson.dumps({"leads": leads}))

    def signed(self, body: bytes) -> WebRequest:
        kinds = (
            JSON,
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/cloudevents+json",
        )
        return signed(body, kinds[len(body) % len(kinds)])

    def forged(self) -> list[WebRequest]:
        body = self.delivery().body
        return [
            post(body),
            signed(body, secret="another-secret"),
            signed(body, at=NOON - timedelta(hours=1)),
            post(body, x_sign="\u00e9", x_time="9" * 30),
        ]


class TestUnsignedContract(SourceContract):
    plugin = plugin

    @pytest.fixture
    def source(self) -> Webhook:
        return webhook()

    def delivery(self) -> WebRequest:
        return post({"contact": {"name": "Eva", "emails": ["eva@acme.example"]}, "n": 1})

    def signed(self, body: bytes) -> WebRequest:
        return post(body)


def test_nested_object_is_told_by_dotted_paths() -> None:
    body = {"contact": {"full_name": "Eva", "emails": ["e@a.example", "f@a.example"]}, "list": [{"x": 1}], "no": None}

    submission = received(webhook(), post(body))

    assert answers(submission) == {
        "contact.full_name": "Eva",
        "contact.emails": ("e@a.example", "f@a.example"),
        "list.0.x": "1",
    }


def test_last_part_of_a_path_is_a_hint_unless_it_is_about_something_else() -> None:
    body = {"lead": {"name": "Eva"}, "company": {"name": "Acme"}, "form": {"title": "A"}, "people": [{"name": "B"}]}

    refs = {answer.id: answer.ref for answer in received(webhook(), post(body)).answers}

    assert refs == {"lead.name": "name", "company.name": "", "form.title": "", "people.0.name": ""}


def test_tracking_parameters_are_known_at_any_depth() -> None:
    (answer,) = received(webhook(), post({"meta": {"utm_source": "fair"}})).answers

    assert answer == Answer("meta.utm_source", "fair", label="utm_source", kind=AnswerKind.HIDDEN)


def test_named_paths_get_their_names_and_the_rest_is_kept() -> None:
    source = webhook(fields={"email": "data.0.value", "job": "title"})

    submission = received(source, post({"data": [{"value": "e@a.example"}, {"value": "x"}], "title": "CEO"}))

    assert answers(submission) == {"email": "e@a.example", "data.1.value": "x", "job": "CEO"}


def test_list_is_a_batch_with_bytes_of_its_own_for_each() -> None:
    given = webhook().receive(post([{"a": 1}, {"a": 2}])).submissions

    assert [answers(one) for one in given] == [{"a": "1"}, {"a": "2"}]
    assert [one.raw for one in given] == [b'{"a":1}', b'{"a":2}']
    assert len({one.key for one in given}) == 2


def test_one_bad_item_does_not_hide_its_neighbours() -> None:
    first, bad, empty, last = webhook().receive(post([{"a": 1}, "text", {}, {"a": 2}])).submissions

    assert (answers(first), answers(last)) == ({"a": "1"}, {"a": "2"})
    assert bad.problem
    assert bad.raw == b'"text"'
    assert empty.problem


def test_empty_list_is_taken_and_holds_nothing() -> None:
    assert webhook().receive(post([])).submissions == []


def test_own_id_wins_over_headers_and_headers_over_content() -> None:
    source = webhook(id="meta.id")

    by_id = received(source, post({"meta": {"id": 2**60 + 1}, "a": 1}, idempotency_key="k"))
    by_header = received(source, post({"a": 1}, x_request_id="r", webhook_id="w"))
    by_content = received(source, post({"a": 1}))

    assert (by_id.key, by_id.window) == (str(2**60 + 1), None)
    assert (by_header.key, by_header.window) == ("w", None)
    assert by_content.key.startswith("sha256:")
    assert by_content.window == timedelta(hours=24)


def test_items_of_one_delivery_share_its_id_and_not_their_keys() -> None:
    given = webhook().receive(post([{"a": 1}, {"a": 1}], idempotency_key="k")).submissions

    assert [one.key for one in given] == ["k#0", "k#1"]


def test_headers_that_a_proxy_sets_can_be_left_out() -> None:
    source = webhook(id_headers=["idempotency-key"])

    assert received(source, post({"a": 1}, x_request_id="r")).key.startswith("sha256:")


def test_time_form_and_test_are_read_where_the_options_say() -> None:
    source = webhook(time="created", form_id="form.id", test="flags.test")

    submission = received(source, post({"created": 1772445600, "form": {"id": 7}, "flags": {"test": True}}))

    assert submission.submitted_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert submission.context.form_id == "7"
    assert submission.context.test
    assert not received(source, post({"flags": {"test": False}})).context.test


def test_name_with_a_dot_in_it_is_one_name() -> None:
    assert received(webhook(id="lead.id"), post({"lead.id": "7", "a": 1})).key == "7"


def test_form_fields_are_taken_as_well() -> None:
    source = webhook(id="id")

    submission = received(source, post(b"id=7&name=Eva&t=a&t=b&empty=", FORM))

    assert submission.key == "7"
    assert answers(submission) == {"id": "7", "name": "Eva", "t": ("a", "b")}


def test_uploads_are_not_kept() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\n\r\nCONTENTS\r\n--x--\r\n'

    submission = received(webhook(), post(body, "multipart/form-data; boundary=x"))

    assert answers(submission) == {"cv": "cv.pdf"}
    assert b"CONTENTS" not in submission.raw


def test_unreadable_body_of_a_signed_sender_is_kept_and_of_a_stranger_rejected() -> None:
    source = webhook(**SIGNED, unsigned=False)

    kept = received(source, signed(b"{oops"))

    assert (kept.raw, kept.answers) == (b"{oops", ())
    assert kept.problem
    with pytest.raises(Rejected):
        webhook().receive(post(b"{oops"))


@pytest.mark.parametrize("kind", ["", "text/plain", "text/csv", "application/xml"])
def test_other_content_types_are_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedBody):
        webhook(**SIGNED, unsigned=False).receive(signed(b"{}", kind))


def test_path_that_leads_nowhere_is_a_problem_to_look_at() -> None:
    kept = received(webhook(**SIGNED, unsigned=False, items="data.leads"), signed(b'{"leads":[]}'))

    assert kept.problem == "webhook: no object or list at data.leads"


def test_numbers_keep_every_digit() -> None:
    assert answers(received(webhook(), post(b'{"phone":4915112345678901234567}'))) == {
        "phone": "4915112345678901234567"
    }


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}])
def test_sender_without_the_secret_header_is_refused(headers: Mapping[str, str]) -> None:
    source = webhook(unsigned=False, header_secret={"name": "Authorization", "value": "Bearer 0123456789"})

    with pytest.raises(Unauthenticated):
        source.receive(post({"a": 1}, **headers))
    assert answers(received(source, post({"a": 1}, authorization="Bearer 0123456789")))


def test_door_without_a_lock_must_be_meant() -> None:
    with pytest.raises(ValidationError, match="unsigned"):
        Options.model_validate({})


def test_check_tells_the_locks() -> None:
    (locked,) = webhook(**SIGNED, unsigned=False, token="token-of-the-address").check()
    (open_door,) = webhook().check()

    assert locked.detail == "signed, with the token in the address"
    assert (open_door.detail, bool(open_door.remedy)) == ("anybody", True)
