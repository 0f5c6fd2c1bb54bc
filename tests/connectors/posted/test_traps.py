"""What single providers do that the table does not show."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from connectors.sources.posted import (
    cognito,
    formbricks,
    formstack,
    google_forms,
    gravity_forms,
    hubspot_forms,
    jotform,
    webflow,
    wordpress,
    wufoo,
)
from syncd.connector import Answer, AnswerKind, Page, Plugin, Submission, Unauthenticated, WebRequest
from syncd.testing import NOON, Call, FakeClock, FakeServer, lent_tools
from syncd.testing import Answer as Answered
from tests.connectors.posted.case import LOCKED, OTHER_SECRET, SECRET, SIGNED, TOKEN, hmac_hex
from tests.connectors.posted.sites import webflow_proof

FORM = "application/x-www-form-urlencoded"


def built(plugin: Plugin[Any], clock: FakeClock | None = None, **options: Any) -> Any:
    tools = lent_tools("forms", clock, patience=1)
    return plugin.make(plugin.options.model_validate(options or LOCKED), tools)


def post(body: Any, kind: str = "application/json", **headers: str) -> WebRequest:
    sent = body if isinstance(body, bytes) else urlencode(body).encode() if kind == FORM else orjson.dumps(body)
    return WebRequest("POST", {"content-type": kind, **headers}, {}, sent, NOON)


def found(pages: Iterator[Page]) -> list[Submission]:
    return [one for page in pages for one in page.submissions]


def told(submission: Submission) -> dict[str, Answer]:
    return {answer.id: answer for answer in submission.answers}


def test_a_signature_of_formstack_may_come_without_its_prefix() -> None:
    body = orjson.dumps({"FormID": "1", "UniqueID": "2", "Email": "a@b.example"})
    request = post(body, **{"x-fs-signature": hmac_hex(SECRET, body)})

    assert built(formstack.plugin, **SIGNED).receive(request).submissions[0].key == "2"
    with pytest.raises(Unauthenticated):
        built(formstack.plugin, secret=OTHER_SECRET).receive(request)


def test_a_wrong_signature_of_formstack_is_not_mended_by_the_key_in_the_body() -> None:
    body = orjson.dumps({"UniqueID": "2", "HandshakeKey": SECRET})

    with pytest.raises(Unauthenticated):
        built(formstack.plugin, **SIGNED).receive(post(body, **{"x-fs-signature": "sha256=00"}))


def test_webflow_may_sign_the_compact_form_of_what_it_sends() -> None:
    item = {"triggerType": "form_submission", "payload": {"id": "w1", "data": {"Name": "Zoë"}}}
    spread, compact = orjson.dumps(item, option=orjson.OPT_INDENT_2), orjson.dumps(item)
    request = post(spread, **webflow_proof(compact, SECRET))

    assert built(webflow.plugin, **SIGNED).receive(request).submissions[0].key == "w1"
    with pytest.raises(Unauthenticated):
        built(webflow.plugin, **SIGNED).receive(replace(request, body=spread.replace(b"w1", b"w2")))


def test_other_events_of_webflow_are_let_go() -> None:
    assert built(webflow.plugin).receive(post({"triggerType": "site_publish", "payload": {}})).submissions == []


def test_only_finished_responses_of_formbricks_are_taken() -> None:
    partial = {"event": "responseCreated", "data": {"id": "r1", "data": {"q": "x"}}}

    assert built(formbricks.plugin).receive(post(partial)).submissions == []


def test_entries_of_two_forms_of_wufoo_never_share_a_key() -> None:
    source = built(wufoo.plugin, token=TOKEN, form_id="first")
    structure = '{"Name":"Other","Hash":"second"}'

    one = source.receive(post([("EntryId", "7"), ("Field1", "a")], FORM)).submissions[0]
    other = source.receive(post([("EntryId", "7"), ("Field1", "a"), ("FormStructure", structure)], FORM)).submissions[0]

    assert (one.key, other.key) == ("first:7", "second:7")


def test_a_time_of_jotform_is_of_the_accounts_zone_in_summer_and_winter() -> None:
    source = built(jotform.plugin, token=TOKEN, zone="America/New_York")

    given = [source.submitted_at({"created_at": at}) for at in ("2026-01-15 12:00:00", "2026-07-15 12:00:00")]

    assert given == [datetime(2026, 1, 15, 17, tzinfo=UTC), datetime(2026, 7, 15, 16, tzinfo=UTC)]


def test_a_zone_that_is_none_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="Europe/Berlin"):
        built(jotform.plugin, token=TOKEN, zone="Mars/Olympus")


def test_hubspot_forms_needs_its_address_to_check_a_signature() -> None:
    with pytest.raises(ValueError, match="set url"):
        built(hubspot_forms.plugin, **SIGNED)


def test_boxes_of_consent_in_hubspots_list_say_yes_or_no() -> None:
    names = ("LEGAL_CONSENT.subscription_type_9", "LEGAL_CONSENT.processing")
    values = [{"name": name, "value": value} for name, value in zip(names, ("Checked", "Not Checked"), strict=True)]
    values += [{"name": "topics", "value": "a"}, {"name": "topics", "value": "b"}]
    source = built(hubspot_forms.plugin, api_token="a-private-app")

    answers = told(source.submission({"conversionId": "c1", "values": values}, NOON, b""))

    consent = answers[names[0]]
    assert (consent.value, consent.kind, consent.label) == ("yes", AnswerKind.CONSENT, "Marketing consent")
    assert answers[names[1]].value == "no"
    assert answers["topics"].value == ("a", "b")


def test_text_of_contact_form_7_that_is_json_is_read_as_json() -> None:
    (submission,) = built(wordpress.cf7).receive(post({"your-name": "Eva"}, "text/plain")).submissions

    assert told(submission)["your-name"].value == "Eva"


def test_a_form_of_elementor_is_not_the_name_of_a_person() -> None:
    fields = [("form[name]", "Contact us"), ("fields[email][raw_value]", "a@b.example")]

    (submission,) = built(wordpress.elementor).receive(post(fields, FORM)).submissions

    assert submission.context.form_name == "Contact us"
    assert list(told(submission)) == ["email"]


class GravitySite(FakeServer):
    """A form with a box that asks for consent, and no entries."""

    def answer(self, call: Call) -> Answered:
        if call.path == "/forms/47":
            consent = {"id": 6, "label": "News", "type": "consent", "checkboxLabel": "Send me the newsletter"}
            name = {"id": 1, "label": "Name", "type": "name", "inputs": [{"id": 1.3, "label": "First"}]}
            return Answered(200, {"fields": [consent, name]})
        return Answered(200, {"entries": []})


def test_what_was_asked_in_gravity_forms_is_known_to_posts_after_the_first_fetch() -> None:
    with GravitySite() as site:
        source = built(gravity_forms.plugin, token=TOKEN, base_url=site.url, form_id="47", api_token="cs_1")
        entry = {"id": "1", "form_id": "47", "1.3": "Ines", "6.1": ""}
        before = told(source.receive(post(entry)).submissions[0])

        list(source.pages(None))

        after = told(source.receive(post(entry)).submissions[0])
        ticked = told(source.receive(post({**entry, "6.1": "1"})).submissions[0])
    assert "6.1" not in before
    assert (after["1.3"].label, after["6.1"].value, after["6.1"].kind) == ("Name First", "no", AnswerKind.CONSENT)
    assert (ticked["6.1"].value, ticked["6.1"].label) == ("yes", "Send me the newsletter")


class CognitoForm(FakeServer):
    """Entries by number, some of which somebody has deleted."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__()
        self.numbers = numbers

    def answer(self, call: Call) -> Answered:
        form, number = call.path.split("/")[2], int(call.path.split("/")[4])
        if call.headers.get("authorization") != "Bearer key-of-cognito":
            return Answered(401, {"message": "no"})
        if form != "Offer" or number not in self.numbers:
            return Answered(404, {"message": "Entry not found"})
        day = (NOON - timedelta(days=100 - number)).isoformat()
        return Answered(200, {"Email": f"p{number}@b.example", "Entry": {"Number": number, "DateSubmitted": day}})


@pytest.fixture
def entries() -> Iterator[CognitoForm]:
    with CognitoForm([*range(1, 31), *range(33, 70)]) as form:
        yield form


def walker(form: CognitoForm, **options: Any) -> Any:
    given = {"form_id": "Offer", "token": TOKEN, "api_token": "key-of-cognito", "base_url": form.url}
    return built(cognito.plugin, **given, **options)


def test_the_numbers_of_cognito_are_walked_over_gaps_to_the_end(entries: CognitoForm) -> None:
    pages = list(walker(entries, history="all").pages(None))

    assert [one.key for one in found(iter(pages))] == [f"Offer:{number}" for number in entries.numbers]
    assert pages[-1].cursor == "69"


def test_a_fresh_start_at_cognito_finds_the_newest_number_in_a_few_calls(entries: CognitoForm) -> None:
    source = walker(entries)

    first, *_, last = source.pages(None)

    assert (first.cursor, last.cursor) == ("69", "69")
    assert entries.calls.total() < 60
    entries.numbers.append(70)
    assert "Offer:70" in [one.key for one in found(source.pages("69"))]


def test_cognito_begins_at_a_day_and_looks_back_from_one(entries: CognitoForm) -> None:
    day = NOON - timedelta(days=35, hours=1)
    wanted = [f"Offer:{number}" for number in range(65, 70)]

    by_history = found(walker(entries, history=day.date().isoformat()).pages(None))
    source = walker(entries)
    looked_back = found(source.pages(source.since(day)))

    assert [one.key for one in by_history] == wanted
    assert [one.key for one in looked_back] == wanted


class GoogleService(FakeServer):
    """Tokens that end sooner than they say, and responses in no order."""

    def __init__(self) -> None:
        super().__init__()
        self.given, self.refused = 0, 0
        self.responses = [
            {
                "responseId": f"r{number}",
                "lastSubmittedTime": f"2026-03-02T09:{number:02}:00Z",
                "respondentEmail": "a@b.example",
            }
            for number in (3, 0, 2, 1)
        ]

    def answer(self, call: Call) -> Answered:
        if call.path == "/token":
            self.given += 1
            return Answered(200, {"access_token": f"access-{self.given}", "expires_in": 3600})
        if call.headers.get("authorization") != f"Bearer access-{self.given}" or self.refused:
            self.refused = 0
            return Answered(401, {"error": {"message": "Invalid credentials"}})
        if call.path == "/forms/f1":
            return Answered(200, {"items": [{"title": "Topic", "questionItem": {"question": {"questionId": "q1"}}}]})
        start = int(call.first("pageToken") or 0)
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(self.responses) else {}
        return Answered(200, {"responses": self.responses[start : start + 2], **more})


def test_google_forms_renews_its_login_and_hands_over_in_order(tmp_path: Any) -> None:
    with GoogleService() as service:
        login = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
        given = {"form_id": "f1", "login": login, "base_url": service.url, "token_url": f"{service.url}/token"}
        options = google_forms.Options.model_validate({**given, "history": "all"})
        source = google_forms.plugin.make(options, lent_tools("forms", FakeClock(NOON), tmp_path, patience=1))
        first = found(source.pages(None))
        service.refused = 1

        again = found(source.pages(NOON.isoformat()))

    assert [one.key for one in first] == ["r0", "r1", "r2", "r3"]
    assert [one.key for one in again] == ["r0", "r1", "r2", "r3"]
    assert service.given == 2


def test_google_forms_is_asked_or_told_and_never_both() -> None:
    login = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}

    with pytest.raises(ValueError, match="either login, or a token"):
        built(google_forms.plugin, form_id="f1", login=login, token=TOKEN)
