"""HTML forms and scripts that post straight to us."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from pydantic import ValidationError

from connectors.sources.form import Options, WebForm, plugin
from syncd.connector import Answer, AnswerKind, Rejected, Submission, TooLarge, Unauthenticated, WebReply, WebRequest
from syncd.errors import UnsupportedBody
from syncd.testing import NOON, SourceContract, lent_tools

FORM = "application/x-www-form-urlencoded"
SITE = "https://www.acme.example"


def form(**options: Any) -> WebForm:
    return WebForm(Options.model_validate(options), lent_tools("contact"))


def post(body: bytes | Mapping[str, str], kind: str = FORM, method: str = "POST", **headers: str) -> WebRequest:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = body if isinstance(body, bytes) else urlencode(body).encode()
    return WebRequest(method, {"content-type": kind, **given}, {}, sent, NOON)


def received(source: WebForm, request: WebRequest) -> Submission:
    (submission,) = source.receive(request).submissions
    return submission


def reply(source: WebForm, request: WebRequest) -> WebReply:
    answer = source.receive(request).reply
    assert answer is not None
    return answer


def answers(submission: Submission) -> dict[str, Any]:
    return {answer.id: answer.value for answer in submission.answers}


class TestContract(SourceContract):
    plugin = plugin

    @pytest.fixture
    def source(self) -> WebForm:
        return form(origins=[SITE], traps=["_gotcha"])

    def delivery(self) -> WebRequest:
        return post({"name": "Zoë", "email": "zoe@acme.example", "topics[]": "a", "message": "Hello\r\nthere"})

    def signed(self, body: bytes) -> WebRequest:
        kinds = (FORM, "multipart/form-data; boundary=x", "application/json", "text/plain")
        return post(body, kinds[len(body) % len(kinds)])

    def forged(self) -> list[WebRequest]:
        return [
            post({"name": "Eva"}, origin=origin) for origin in ("https://evil.example", "null", SITE + ".evil.example")
        ]


def test_fields_become_answers_and_control_fields_do_not() -> None:
    submission = received(
        form(), post(b"name=Eva&topics[]=a&topics[]=b&empty=&_next=https://x.example/&_form=Contact&utm_source=fair")
    )

    assert submission.answers == (
        Answer("name", "Eva"),
        Answer("topics", ("a", "b")),
        Answer("utm_source", "fair", kind=AnswerKind.HIDDEN),
    )
    assert submission.context.form_name == "Contact"
    assert submission.source == "contact"


def test_page_and_referrer_come_from_fields_and_else_from_the_header() -> None:
    told = {
        "name": "Eva",
        "page_url": SITE + "/a?utm_source=x",
        "landing_page": SITE + "/b",
        "_referrer": "https://news.example/",
    }

    context = received(form(), post(told, referer=SITE + "/header")).context
    without = received(form(), post({"name": "Eva"}, referer=SITE + "/header")).context

    assert (context.page_url, context.landing_url, context.referrer) == (
        SITE + "/a?utm_source=x",
        SITE + "/b",
        "https://news.example/",
    )
    assert (without.page_url, without.referrer) == (SITE + "/header", "")


def test_question_that_is_called_referrer_stays_an_answer() -> None:
    submission = received(form(), post({"referrer": "my friend Bob", "page": "pricing"}))

    assert answers(submission) == {"referrer": "my friend Bob", "page": "pricing"}


def test_browser_tells_its_language_and_its_name() -> None:
    context = received(form(), post({"name": "Eva"}, accept_language="de-AT,de;q=0.9", user_agent="Firefox")).context

    assert (context.language, context.user_agent) == ("de-AT", "Firefox")


def test_trap_is_told_and_answered_like_any_other_post() -> None:
    source = form()

    for body in ({"name": "Eva", "_gotcha": "spam"}, {"_honey": "spam"}):
        submission = received(source, post(body))
        assert submission.context.honeypot
        assert "spam" not in answers(submission).values()
        assert reply(source, post(body)) == reply(source, post({"name": "Eva"}))
    assert not received(source, post({"name": "Eva", "_gotcha": ""})).context.honeypot


def test_trap_with_an_ordinary_name_is_no_answer() -> None:
    submission = received(form(traps=["fax"]), post({"name": "Eva", "fax": "1"}))

    assert answers(submission) == {"name": "Eva"}
    assert submission.context.honeypot


@pytest.mark.parametrize(
    ("ago", "seconds"), [(timedelta(seconds=12), 12.0), (timedelta(-1), None), (timedelta(days=3), None)]
)
def test_time_to_fill_in_is_weak_evidence(ago: timedelta, seconds: float | None) -> None:
    started = str(int((NOON - ago).timestamp() * 1000))

    context = received(form(), post({"name": "Eva", "_started": started})).context

    assert context.seconds_to_submit == seconds


@pytest.mark.parametrize("started", ["", "soon", "-5", "9" * 40, "\u0661"])
def test_nonsense_about_the_time_is_no_evidence(started: str) -> None:
    assert received(form(), post({"name": "Eva", "_started": started})).context.seconds_to_submit is None


def test_second_click_is_the_same_for_a_quarter_of_an_hour() -> None:
    one, two = received(form(), post({"a": "1", "b": "2"})), received(form(), post(b"b=2&a=1&_next=x&csrf_token=9"))

    assert one.key == two.key
    assert one.window == timedelta(minutes=15)


def test_id_of_the_page_makes_a_repeat_a_repeat_for_ever() -> None:
    by_field = received(form(), post({"a": "1", "_id": "page-1"}))
    by_header = received(form(), post({"a": "1"}, idempotency_key="page-1"))

    assert by_field.key == by_header.key
    assert by_field.window is None


def test_fixed_id_in_a_page_never_makes_two_people_one() -> None:
    one, two = (received(form(), post({"name": name, "_id": "contact-form"})) for name in ("Eva", "Bob"))

    assert one.key != two.key


@pytest.mark.parametrize("body", [b"", b"a=&b=%20", b"_next=https://x.example/"])
def test_empty_post_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        form().receive(post(body))


def test_json_of_a_script_becomes_answers() -> None:
    body = b'{"name":"Eva","topics":["a","b"],"company":{"name":"Acme"},"age":null,"_form":"Chat"}'

    for kind in ("application/json", "text/plain;charset=UTF-8"):
        submission = received(form(), post(body, kind))
        assert answers(submission) == {"name": "Eva", "topics": ("a", "b"), "company.name": "Acme"}
        assert submission.context.form_name == "Chat"
        assert submission.raw == body


@pytest.mark.parametrize("body", [b"[]", b'"Eva"', b"name=Eva", b""])
def test_other_json_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        form().receive(post(body, "application/json"))


def test_too_many_fields_are_refused() -> None:
    body = b"{" + b",".join(b'"k%d":1' % number for number in range(201)) + b"}"

    with pytest.raises(TooLarge):
        form().receive(post(body, "application/json"))


@pytest.mark.parametrize("kind", ["", "text/html", "application/xml", "application/octet-stream"])
def test_other_content_types_are_unsupported(kind: str) -> None:
    with pytest.raises(UnsupportedBody):
        form().receive(post(b"name=Eva", kind))


def test_uploads_are_told_by_name_and_never_kept() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nEva\r\n'
        b'--x\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\n\r\nCONTENTS\r\n--x--\r\n'
    )

    submission = received(form(), post(body, "multipart/form-data; boundary=x"))

    assert submission.answers == (Answer("name", "Eva"), Answer("cv", "cv.pdf", kind=AnswerKind.FILE))
    assert b"CONTENTS" not in submission.raw
    assert answers(received(form(), post(submission.raw, submission.content_type))) == {"name": "Eva", "cv": "cv.pdf"}


# replies


def test_people_see_a_line_of_thanks() -> None:
    given = reply(form(thanks_text="Danke & <bis> bald"), post({"name": "Eva"}))

    assert (given.status, given.content_type) == (200, "text/html; charset=utf-8")
    assert b"<p>Danke &amp; &lt;bis&gt; bald</p>" in given.body


def test_people_are_sent_to_the_page_of_the_config() -> None:
    given = reply(form(thanks=SITE + "/thanks"), post({"name": "Eva"}))

    assert (given.status, given.headers) == (303, {"location": SITE + "/thanks"})


def test_form_may_choose_among_the_listed_pages() -> None:
    source = form(thanks=SITE + "/thanks", redirects=[SITE + "/de/"])

    for wanted, page in (
        (SITE + "/de/danke?x=1", SITE + "/de/danke?x=1"),
        ("https://evil.example/", SITE + "/thanks"),
        (SITE + "/de/\r\nset-cookie: a=b", SITE + "/thanks"),
        ("//evil.example/de/", SITE + "/thanks"),
    ):
        assert reply(source, post({"name": "Eva", "_next": wanted})).headers["location"] == page


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "application/json"},
        {"accept": "text/html, application/json;q=0.9"},
        {"sec_fetch_dest": "empty"},
    ],
)
def test_script_gets_json(headers: dict[str, str]) -> None:
    given = reply(form(thanks=SITE), post({"name": "Eva"}, **headers))

    assert (given.status, given.content_type, given.body) == (200, "application/json", b'{"ok":true}')


def test_preflight_is_answered_for_listed_sites_only() -> None:
    source = form(origins=[SITE])

    welcome = reply(source, post(b"", method="OPTIONS", origin=SITE))
    stranger = reply(source, post(b"", method="OPTIONS", origin="https://evil.example"))

    assert (welcome.status, stranger.status) == (204, 204)
    assert welcome.headers["access-control-allow-origin"] == SITE
    assert welcome.headers["access-control-allow-methods"] == "POST"
    assert "access-control-allow-origin" not in stranger.headers
    assert welcome.headers["vary"] == stranger.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in welcome.headers


def test_script_of_a_listed_site_may_read_the_answer() -> None:
    given = reply(
        form(origins=[SITE.upper().replace("HTTPS", "https")]), post(b'{"a":1}', "application/json", origin=SITE)
    )

    assert given.headers["access-control-allow-origin"] == SITE


def test_post_from_another_site_is_refused_and_without_origin_taken() -> None:
    source = form(origins=[SITE])

    with pytest.raises(Unauthenticated):
        source.receive(post({"name": "Eva"}, origin="https://evil.example"))
    assert answers(received(source, post({"name": "Eva"})))


def test_pages_that_hide_where_they_are_may_be_let_in() -> None:
    assert answers(received(form(origins=[SITE, "null"]), post({"name": "Eva"}, origin="null")))


# options


@pytest.mark.parametrize(
    "options",
    [
        {"origins": ["www.acme.example"]},
        {"origins": [SITE + "/"]},
        {"origins": ["*"]},
        {"thanks": "/thanks"},
        {"thanks": "javascript:alert(1)"},
        {"redirects": ["https://user@acme.example/"]},
        {"redirect": [SITE]},
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        form(**options)


def test_check_says_who_may_post() -> None:
    (who, then, _) = form(origins=[SITE]).check()
    (anybody, *_) = form().check()

    assert (who.detail, who.remedy) == (f"from {SITE}", "")
    assert anybody.detail == "from every site"
    assert anybody.remedy
    assert then.ok


def test_long_visit_of_odd_characters_keeps_every_letter() -> None:
    text = "Grüße 🎈 \u202eabc"

    assert answers(received(form(), post(f"m={quote(text)}".encode()))) == {"m": text}
