"""Typeform: the webhook, and what the Responses API has of what it missed."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.sources.typeform import Options, Typeform, plugin
from syncd.connector import (
    AnswerKind,
    AuthFailed,
    Page,
    RateLimited,
    Refused,
    Rejected,
    Retryable,
    Submission,
    UnsupportedBody,
    WebRequest,
)
from syncd.testing import NOON, FakeClock, PolledSourceContract, ServerTrouble, SourceContract, lent_tools
from tests.fakes.typeform import API_TOKEN, FakeTypeform
from tests.outside import SHARED, needs

SECRET = "canary-typeform-secret"
FIXTURES = Path(__file__).parents[1] / "fixtures/typeform"
FORM: dict[str, Any] = json.loads((FIXTURES / "form.json").read_text())
DELIVERY = (FIXTURES / "delivery.json").read_bytes()
SAMPLES = SHARED / "samples/typeform"


def response(number: int, at: datetime | None = None) -> dict[str, Any]:
    """As the API gives it; by default one each minute from half an hour ago."""
    submitted = at or NOON - timedelta(minutes=30) + timedelta(minutes=number)
    field = {"id": "fldMail", "type": "email", "ref": "mail"}
    return {
        "token": f"tok-{number}",
        "response_id": f"tok-{number}",
        "landed_at": f"{submitted - timedelta(seconds=90):%Y-%m-%dT%H:%M:%SZ}",
        "submitted_at": f"{submitted:%Y-%m-%dT%H:%M:%SZ}",
        "metadata": {"user_agent": "Firefox", "referer": "https://acme.typeform.com/to/Kx7demo9?utm_source=x"},
        "answers": [{"type": "email", "email": f"p{number}@acme.example", "field": field}],
    }


@pytest.fixture
def fake() -> Iterator[FakeTypeform]:
    with FakeTypeform(FORM) as fake:
        yield fake


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def polled(fake: FakeTypeform, clock: FakeClock) -> Iterator[Typeform]:
    yield from built(fake, clock)


def built(fake: FakeTypeform, clock: FakeClock, patience: float = 20, **options: Any) -> Iterator[Typeform]:
    given = {"form_id": FORM["id"], "api_token": API_TOKEN, "base_url": fake.url, "page_size": 3, **options}
    tools = lent_tools("demos", clock, patience=patience)
    yield Typeform(Options.model_validate(given), tools)
    tools.http.close()


def typeform(**options: Any) -> Typeform:
    return Typeform(
        Options.model_validate({"form_id": FORM["id"], **(options or {"secret": SECRET})}), lent_tools("demos")
    )


def signed(body: bytes, secret: str = SECRET, kind: str = "application/json") -> WebRequest:
    proof = "sha256=" + base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    return WebRequest("POST", {"content-type": kind, "typeform-signature": proof}, {}, body, NOON)


def received(body: object) -> Submission:
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    (submission,) = typeform().receive(signed(sent)).submissions
    return submission


def keys(pages: list[Page]) -> list[list[str]]:
    return [[one.key for one in page.submissions] for page in pages if page.submissions]


class TestWebhookContract(SourceContract):
    secrets = (SECRET,)
    plugin = plugin

    @pytest.fixture
    def source(self) -> Typeform:
        return typeform()

    def delivery(self) -> WebRequest:
        return signed(DELIVERY)

    def signed(self, body: bytes) -> WebRequest:
        return signed(body)

    def forged(self) -> list[WebRequest]:
        unsigned = WebRequest("POST", {"content-type": "application/json"}, {}, DELIVERY, NOON)
        return [unsigned, signed(DELIVERY, "another-secret")]


class TestBackfillContract(ServerTrouble, PolledSourceContract):
    secrets = (API_TOKEN,)
    plugin = plugin

    @pytest.fixture
    def source(self, fake: FakeTypeform, clock: FakeClock) -> Iterator[Typeform]:
        self.fake = fake
        fake.responses += [response(number) for number in range(8)]
        yield from built(fake, clock, patience=1)


# the webhook


def test_each_type_of_answer_is_told_in_words() -> None:
    given = {answer.id: (answer.value, answer.ref, answer.kind) for answer in received(DELIVERY).answers}

    assert given == {
        "fldName": ("Ines Brandão", "full_name", AnswerKind.TEXT),
        "fldMail": ("ines@brandao.example", "mail", AnswerKind.EMAIL),
        "fldPhone": ("+351210000000", "phone", AnswerKind.PHONE),
        "fldSite": ("https://brandao.example", "site", AnswerKind.URL),
        "fldSeats": ("40", "seats", AnswerKind.NUMBER),
        "fldStart": ("2026-04-01", "start", AnswerKind.DATE),
        "fldPlan": ("Team", "plan", AnswerKind.CHOICE),
        "fldNeeds": (("Import", "Routing", "Reports"), "needs", AnswerKind.CHOICE),
        "fldCall": ("yes", "call", AnswerKind.CHOICE),
        "fldTerms": ("no", "terms", AnswerKind.CONSENT),
        "fldFile": (
            "https://api.typeform.com/forms/Kx7demo9/responses/q8r2demo5t1w9x3y/fields/fldFile/files/brief.pdf",
            "brief",
            AnswerKind.FILE,
        ),
        "fldPay": ("29.00", "deposit", AnswerKind.TEXT),
        "utm_source": ("newsletter", "", AnswerKind.HIDDEN),
        "account": ("4711", "", AnswerKind.HIDDEN),
        "tier": ("gold", "", AnswerKind.HIDDEN),
    }


def test_questions_inside_a_block_have_their_labels() -> None:
    labels = {answer.id: answer.label for answer in received(DELIVERY).answers}

    assert (labels["fldMail"], labels["fldTerms"]) == ("E-mail", "You may write to me about news")


def test_answers_keep_their_questions_when_earlier_ones_were_skipped() -> None:
    delivery = orjson.loads(DELIVERY)
    delivery["form_response"]["answers"] = [one for one in delivery["form_response"]["answers"] if "choice" in one]

    (told,) = [answer for answer in received(delivery).answers if answer.kind is not AnswerKind.HIDDEN]

    assert (told.id, told.label, told.value) == ("fldPlan", "Which plan?", "Team")


def test_submission_knows_its_form_and_times() -> None:
    submission = received(DELIVERY)

    assert (submission.source, submission.key, submission.window) == ("demos", "q8r2demo5t1w9x3y", None)
    assert submission.submitted_at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert submission.context.seconds_to_submit == 90
    assert (submission.context.form_id, submission.context.form_name) == ("Kx7demo9", "Ask for a demo")


def test_another_form_is_taken_and_told() -> None:
    assert received(DELIVERY.replace(b'"form_id": "Kx7demo9"', b'"form_id": "Other"')).context.form_id == "Other"


def test_other_events_are_taken_and_hold_nothing() -> None:
    assert typeform().receive(signed(b'{"event_type":"form_response_partial"}')).submissions == ()


def test_answer_of_a_type_that_nobody_knows_is_kept() -> None:
    unknown = {
        "type": "calendly",
        "calendly": {"schedule": {"at": "noon", "with": ["Eva", "Bob"]}},
        "field": {"id": "x"},
    }

    submission = received({"form_response": {"token": "t", "answers": [unknown]}})

    assert [(answer.id, answer.value) for answer in submission.answers] == [("x", "noon; Eva; Bob")]


def test_test_requests_are_marked_and_samples_of_the_documentation_are_not() -> None:
    """As captured from the button: the delivery's id is the token as well, and the address is nobody's."""
    delivery = orjson.loads(DELIVERY)
    same = {**delivery, "event_id": delivery["form_response"]["token"]}
    field = {"id": "fldMail", "type": "email", "ref": "mail"}
    old = {"type": "email", "email": "an_account@example.com", "field": field}

    assert received(same).context.test
    assert received({"event_id": "hQJi65uTRz", "form_response": {"token": "t", "answers": [old]}}).context.test
    assert not received(delivery).context.test


@pytest.mark.parametrize("without", [{"answers": []}, {"answers": None, "hidden": None}, {}])
def test_response_without_answers_is_kept_and_has_none(without: dict[str, Any]) -> None:
    submission = received({"event_id": "e", "form_response": {"token": "t", **without}})

    assert (submission.key, submission.answers, submission.problem) == ("t", (), "")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"type": "choice", "choice": {"id": "c1", "label": "Other", "other": "A barge"}}, ("Other", "A barge")),
        ({"type": "choice", "choice": {"other": "A barge"}}, "A barge"),
        ({"type": "choices", "choices": {"ids": ["a"], "labels": ["Import"]}}, "Import"),
        ({"type": "choices", "choices": {"ids": ["a", "b"]}}, "a; b"),
        ({"type": "payment", "payment": {"amount": 29, "success": False}}, "29"),
        ({"type": "date", "date": "2026-04-01T00:00:00Z"}, "2026-04-01T00:00:00Z"),
        ({"type": "multi_format", "multi_format": {"video_url": "https://v.example/1"}}, "https://v.example/1"),
    ],
)
def test_choices_payments_and_what_has_parts_are_told(given: dict[str, Any], text: str | tuple[str, ...]) -> None:
    answer = {**given, "field": {"id": "x", "type": "any"}}

    (told,) = received({"event_id": "e", "form_response": {"token": "t", "answers": [answer]}}).answers

    assert told.value == text


def test_a_score_is_told_once_with_or_without_variables() -> None:
    response = {"token": "t", "calculated": {"score": 7}}
    variables = [{"key": "score", "type": "number", "number": 7}]

    for body in (response, {**response, "variables": variables}):
        (told,) = received({"event_id": "e", "form_response": body}).answers
        assert (told.id, told.value, told.kind) == ("score", "7", AnswerKind.HIDDEN)


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"form_response":{}}', b'{"form_response":{"answers":[]}}'])
def test_unreadable_delivery_is_kept_when_signed_and_rejected_when_not(body: bytes) -> None:
    assert received(body).problem
    with pytest.raises(Rejected):
        typeform(unsigned=True).receive(signed(body))


def test_a_token_in_the_address_does_instead_of_a_secret() -> None:
    source = typeform(token="token-of-the-address")

    assert source.receive(WebRequest("POST", {"content-type": "application/json"}, {}, DELIVERY, NOON)).submissions
    assert source.takes_posts


def test_body_must_be_json() -> None:
    with pytest.raises(UnsupportedBody):
        typeform().receive(signed(DELIVERY, kind="text/plain"))


@needs(SAMPLES.exists(), "the captured deliveries of Typeform are not beside this checkout")
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_captured_deliveries_are_read(path: Path) -> None:
    submission = received(path.read_bytes())

    assert submission.answers
    assert all(answer.label or answer.kind is AnswerKind.HIDDEN for answer in submission.answers)


# fetching


def test_first_fetch_notes_where_it_began_and_takes_nothing_old(
    fake: FakeTypeform, polled: Typeform, clock: FakeClock
) -> None:
    fake.responses = [response(1, NOON - timedelta(days=9))]

    pages = list(polled.pages(None))

    assert [(page.submissions, page.cursor) for page in pages] == [((), NOON.isoformat())]
    clock.advance(days=2)
    fake.responses.append(response(2, NOON + timedelta(hours=1)))
    assert keys(list(polled.pages(pages[-1].cursor))) == [["tok-2"]]


def test_first_fetch_may_begin_long_ago(fake: FakeTypeform, clock: FakeClock) -> None:
    fake.responses = [response(1, NOON - timedelta(days=90))]
    (source,) = built(fake, clock, since="2025-11-01")

    assert keys(list(source.pages(None))) == [["tok-1"]]


def test_the_first_fetch_begins_where_history_says(fake: FakeTypeform, clock: FakeClock) -> None:
    fake.responses = [response(1, NOON - timedelta(days=90)), response(2, NOON - timedelta(days=2))]
    (everything,) = built(fake, clock, history="all")
    (lately,) = built(fake, clock, history="2026-02-20")

    assert keys(list(everything.pages(None))) == [["tok-1", "tok-2"]]
    assert keys(list(lately.pages(None))) == [["tok-2"]]


def test_pages_are_oldest_first_and_the_cursor_is_the_newest_time(fake: FakeTypeform, polled: Typeform) -> None:
    fake.responses = [response(number) for number in (4, 0, 3, 1, 2)]

    pages = list(polled.pages((NOON - timedelta(minutes=20)).isoformat()))

    assert keys(pages) == [["tok-0", "tok-1", "tok-2"], ["tok-3", "tok-4"]]
    assert [page.cursor for page in pages] == [
        (NOON - timedelta(minutes=20)).isoformat(),
        (NOON - timedelta(minutes=20)).isoformat(),
    ]
    assert (
        list(polled.pages((NOON - timedelta(hours=1)).isoformat()))[-1].cursor
        == (NOON - timedelta(minutes=26)).isoformat()
    )


def test_late_response_is_found_within_the_overlap(fake: FakeTypeform, polled: Typeform) -> None:
    fake.responses = [response(1, NOON - timedelta(minutes=29)), response(2, NOON)]

    assert keys(list(polled.pages(NOON.isoformat()))) == [["tok-1", "tok-2"]]
    assert fake.asked()[0]["since"] == "2026-03-02T11:30:00"


def test_more_responses_in_one_second_than_fit_a_page_are_all_found(fake: FakeTypeform, polled: Typeform) -> None:
    at = NOON - timedelta(minutes=10)
    fake.responses = [*(response(number, at) for number in range(10)), response(10, at + timedelta(seconds=1))]

    found = keys(list(polled.pages(NOON.isoformat())))

    assert sorted(key for page in found for key in page) == sorted(f"tok-{number}" for number in range(11))


def test_responses_that_are_not_finished_are_left_until_they_are(fake: FakeTypeform, polled: Typeform) -> None:
    fake.responses = [{**response(1), "response_type": "partial"}, response(2)]

    assert keys(list(polled.pages(NOON.isoformat()))) == [["tok-2"]]
    fake.responses[0]["response_type"] = "completed"
    assert keys(list(polled.pages(NOON.isoformat()))) == [["tok-1", "tok-2"]]


def test_unfinished_responses_are_left_out_whatever_the_service_gives(fake: FakeTypeform, polled: Typeform) -> None:
    page = orjson.dumps({"items": [{**response(1), "response_type": "started"}, response(2)]})
    fake.order_fault("answer", status=200, body=page)

    assert keys(list(polled.pages(NOON.isoformat()))) == [["tok-2"]]


def test_responses_with_no_token_but_an_id_are_all_found(fake: FakeTypeform, polled: Typeform) -> None:
    given = [response(one) for one in range(7)]
    fake.responses = [{name: value for name, value in one.items() if name != "token"} for one in given]

    found = keys(list(polled.pages(NOON.isoformat())))

    assert [key for page in found for key in page] == [f"tok-{number}" for number in range(7)]


def test_server_that_repeats_itself_is_not_asked_for_ever(fake: FakeTypeform, polled: Typeform) -> None:
    page = orjson.dumps({"items": [response(1)] * 3})
    fake.order_fault("answer", status=200, body=page, count=10)

    list(polled.pages(NOON.isoformat()))

    assert 0 < fake.calls.total() < 5


def test_time_to_come_does_not_move_the_cursor_past_now(fake: FakeTypeform, polled: Typeform) -> None:
    fake.responses = [response(1, NOON + timedelta(days=1000))]

    assert list(polled.pages(NOON.isoformat()))[-1].cursor == NOON.isoformat()


def test_same_response_has_the_same_key_and_answers_in_both_ways(fake: FakeTypeform, polled: Typeform) -> None:
    item = orjson.loads(DELIVERY)["form_response"]
    del item["definition"], item["form_id"]
    fake.responses = [item]

    (page,) = [page for page in polled.pages("2026-03-02T10:00:00+00:00") if page.submissions]

    (fetched,) = page.submissions
    pushed = received(DELIVERY)
    assert (fetched.key, fetched.answers, fetched.context) == (pushed.key, pushed.answers, pushed.context)


def test_definition_is_fetched_once_and_again_for_a_question_that_is_new(fake: FakeTypeform, polled: Typeform) -> None:
    fake.responses = [response(number) for number in range(8)]
    definition = f"/forms/{FORM['id']}"

    list(polled.pages(NOON.isoformat()))
    list(polled.pages(NOON.isoformat()))
    assert fake.calls["GET", definition] == 1

    fake.responses[0]["answers"][0]["field"]["id"] = "fldNew"
    list(polled.pages(NOON.isoformat()))
    assert fake.calls["GET", definition] == 2


def test_context_of_a_fetched_response_is_its_metadata(fake: FakeTypeform, polled: Typeform) -> None:
    fake.responses = [response(1)]

    (submission,) = [one for page in polled.pages(NOON.isoformat()) for one in page.submissions]

    assert submission.context.page_url == "https://acme.typeform.com/to/Kx7demo9?utm_source=x"
    assert (submission.context.user_agent, submission.context.seconds_to_submit) == ("Firefox", 90)


def test_one_response_that_cannot_be_read_does_not_stop_the_others(fake: FakeTypeform, polled: Typeform) -> None:
    broken = {**response(1), "token": "", "response_id": None}
    fake.responses = [broken, response(2)]

    given = [one for page in polled.pages(NOON.isoformat()) for one in page.submissions]

    assert [bool(one.problem) for one in given] == [True, False]


def test_half_a_surrogate_pair_does_not_stop_the_fetch(fake: FakeTypeform, polled: Typeform) -> None:
    page = orjson.dumps({"items": [response(1)]}).replace(b"p1@acme.example", b"p1\\ud800@acme.example")
    fake.order_fault("answer", status=200, body=page)

    (submission,) = [one for page in polled.pages(NOON.isoformat()) for one in page.submissions]

    assert submission.answers[0].value == "p1\ufffd@acme.example"


def test_without_api_token_nothing_is_fetched() -> None:
    assert list(typeform().pages(None)) == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AuthFailed), (403, AuthFailed), (404, Refused), (429, RateLimited), (500, Retryable), (502, Retryable)],
)
def test_each_answer_says_what_happens_next(
    fake: FakeTypeform, polled: Typeform, status: int, error: type[Exception]
) -> None:
    fake.order_fault("answer", status=status, retry_after=7, body=b'{"code":"X","description":"Said so."}')

    with pytest.raises(error, match="Said so") as caught:
        list(polled.pages(NOON.isoformat()))

    assert API_TOKEN not in str(caught.value)
    if isinstance(caught.value, RateLimited):
        assert caught.value.after == timedelta(seconds=7)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b""])
def test_page_of_a_proxy_is_nobodys_answer(fake: FakeTypeform, polled: Typeform, body: bytes) -> None:
    fake.order_fault("answer", status=200, body=body)

    with pytest.raises(Retryable):
        list(polled.pages(NOON.isoformat()))


def test_check_asks_with_the_token(fake: FakeTypeform, clock: FakeClock, polled: Typeform) -> None:
    (wrong,) = built(fake, clock, api_token="tfp_canary_wrong")

    good, bad = polled.check()[-1], wrong.check()[-1]

    assert (good.ok, good.detail) == (True, "Ask for a *demo*")
    assert not bad.ok
    assert bad.remedy
    assert "canary" not in f"{good} {bad}"


# options


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"api_token": "t", "page_size": 1001},
        {"api_token": "t", "form_id": "a/b"},
        {"api_token": "t", "base_url": "x"},
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({"form_id": FORM["id"], **options})
