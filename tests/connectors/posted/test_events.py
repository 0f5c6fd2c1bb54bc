"""What schedulers, webinars and chats list, and what they ask before they post."""

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.sources.posted import calcom, calendly, gotowebinar, intercom, zoom
from syncd.connector import WebRequest
from syncd.testing import NOON, FakeClock, PolledSourceContract, ServerTrouble, lent_tools
from tests.connectors.posted import ads, events
from tests.connectors.posted.case import SECRET, SIGNED, TOKEN, Case
from tests.fakes.calendars import (
    API_TOKEN,
    CLIENT,
    FakeCalCom,
    FakeCalendar,
    FakeCalendly,
    FakeGoToWebinar,
    FakeIntercom,
    FakeZoom,
    stamp,
)


def minute(number: int) -> datetime:
    return NOON - timedelta(minutes=30 - number)


def bookings() -> list[dict[str, Any]]:
    """Eight events, the last of which two people share."""
    found = []
    for number in range(8):
        own = f"https://api.calendly.com/scheduled_events/E{number}"
        invitees = [
            {
                "uri": f"{own}/invitees/I{seat}",
                "name": "Ines Brandão",
                "email": f"ines{number}{seat}@brandao.example",
                "created_at": stamp(minute(number)),
                "questions_and_answers": [],
                "tracking": {},
            }
            for seat in range(2 if number == 7 else 1)
        ]
        times = {"created_at": stamp(minute(number)), "updated_at": stamp(minute(number))}
        starts = stamp(NOON + timedelta(days=7 - number))
        limit = {"invitees_counter": {"limit": 2 if number == 7 else 1}}
        found.append({"uri": own, "name": "Demo", "start_time": starts, "invitees": invitees, **times, **limit})
    return found


def registrants() -> list[dict[str, Any]]:
    return [
        {
            "id": f"R{number}" if number else "",
            "email": f"ines{number}@brandao.example",
            "first_name": "Ines",
            "status": "pending" if number == 4 else "approved",
            "create_time": stamp(minute(number)),
        }
        for number in range(8)
    ]


class Backfill(ServerTrouble, PolledSourceContract):
    """Override `fake` and `given`."""

    secrets = (API_TOKEN, SECRET, CLIENT[1])

    def made(self) -> FakeCalendar:
        raise NotImplementedError

    @property
    def given(self) -> dict[str, Any]:
        return {"api_token": API_TOKEN}

    @pytest.fixture
    def source(self) -> Iterator[Any]:
        with self.made() as self.fake:
            options = {"base_url": self.fake.url, "history": "all", "page_size": 3, **self.given}
            self.tools = lent_tools("events", FakeClock(NOON), patience=1)
            yield self.plugin.make(self.plugin.options.model_validate(options), self.tools)
            self.tools.http.close()

    def test_all_are_there(self, source: Any) -> None:
        assert len(self.fetched(source)[0]) >= 8


class TestCalendly(Backfill):
    plugin = calendly.plugin

    def made(self) -> FakeCalendly:
        return FakeCalendly(bookings())

    def test_a_webhook_and_the_list_meet_under_one_key(self, source: Any) -> None:
        event = self.fake.items[3]
        posted = {"event": "invitee.created", "payload": {**event["invitees"][0], "scheduled_event": event}}

        (submission,) = source.translate(posted_as(posted)).submissions

        assert submission.key in {one.key for one in self.fetched(source)[0]}

    def test_of_bookings_that_have_not_changed_nobody_is_asked_for(self, source: Any) -> None:
        self.fake.forget()

        list(source.lists(minute(5)))

        asked = [call.path for call in self.fake.log if call.path.endswith("/invitees")]
        assert asked == [f"/scheduled_events/E{number}/invitees" for number in (5, 6, 7)]


class TestCalCom(Backfill):
    plugin = calcom.plugin

    def made(self) -> FakeCalCom:
        return FakeCalCom(
            [
                {
                    "uid": f"b{number}",
                    "title": "Demo",
                    "start": stamp(NOON + timedelta(days=1)),
                    "createdAt": stamp(minute(number)),
                    "attendees": [{"name": "Ines Brandão", "email": f"ines{number}@brandao.example"}],
                    "bookingFieldsResponses": {"seats": "40"},
                }
                for number in range(8)
            ]
        )

    def test_a_webhook_and_the_list_meet_under_one_key(self, source: Any) -> None:
        (submission,) = source.translate(posted_as(events.cal("BOOKING_CREATED", uid="b3"))).submissions

        assert submission.key in {one.key for one in self.fetched(source)[0]}


class TestZoom(Backfill):
    plugin = zoom.plugin

    def made(self) -> FakeZoom:
        return FakeZoom(registrants())

    @property
    def given(self) -> dict[str, Any]:
        login = {"account_id": "ACC", "client_id": CLIENT[0], "client_secret": CLIENT[1]}
        return {"oauth": {**login, "token_url": f"{self.fake.url}/token"}, "secret": SECRET}

    def test_a_token_is_asked_for_once_and_again_when_it_runs_out(self, source: Any) -> None:
        self.fetched(source)
        self.fetched(source)
        assert self.fake.calls["POST", "/token"] == 1

        self.tools.clock.advance(hours=1)
        self.fetched(source)

        assert self.fake.calls["POST", "/token"] == 2

    def test_a_token_that_is_withdrawn_before_its_time_is_renewed_at_once(self, source: Any) -> None:
        before, _ = self.fetched(source)
        self.fake.tokens.clear()

        assert self.fetched(source)[0] == before

    @pytest.mark.parametrize("talk", [FakeZoom.WEBINAR, str(FakeZoom.WEBINAR)])
    def test_a_webhook_and_the_list_meet_under_one_key(self, source: Any, talk: object) -> None:
        event = events.registered(talk=talk)
        event["payload"]["object"]["registrant"] = self.fake.items[3]

        (submission,) = source.translate(posted_as(event)).submissions

        assert submission.key in {one.key for one in self.fetched(source)[0]}


class TestGoToWebinar(Backfill):
    plugin = gotowebinar.plugin
    secrets = (API_TOKEN, TOKEN)

    def made(self) -> FakeGoToWebinar:
        return FakeGoToWebinar(
            [
                {
                    "registrantKey": 24_576_065_432_313_123_457 + number,
                    "firstName": "Ines",
                    "email": f"ines{number}@brandao.example",
                    "registrationDate": stamp(minute(number)),
                }
                for number in range(8)
            ]
        )

    @property
    def given(self) -> dict[str, Any]:
        return {"api_token": API_TOKEN, "organizer": "77", "token": TOKEN}

    def test_keys_lose_no_digit(self, source: Any) -> None:
        assert self.fetched(source)[0][0].key == "4511665432126123457:24576065432313123457"


class TestIntercom(Backfill):
    plugin = intercom.plugin

    def made(self) -> FakeIntercom:
        return FakeIntercom(
            [
                {
                    "id": f"19520894500287{number}",
                    "created_at": int(minute(number).timestamp()),
                    "source": {
                        "body": "<p>What does it cost?</p>",
                        "author": {"name": "Ines", "email": f"ines{number}@brandao.example"},
                    },
                }
                for number in range(8)
            ]
        )

    def test_a_webhook_and_the_list_meet_under_one_key(self, source: Any) -> None:
        posted = {"topic": "conversation.user.created", "data": {"item": self.fake.items[3]}}

        (submission,) = source.translate(posted_as(posted)).submissions

        assert submission.key in {one.key for one in self.fetched(source)[0]}


def posted_as(event: object) -> WebRequest:
    return WebRequest("POST", {"content-type": "application/json"}, {}, orjson.dumps(event), NOON)


def case_of(name: str) -> Case:
    return next(case for case in (*ads.CASES, *events.CASES) if case.name == name)


def test_zoom_is_told_that_its_secret_is_known_and_nobody_else_is() -> None:
    case = case_of("zoom")
    body = orjson.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}})

    received = case.source().receive(case.request(body))

    encrypted = hmac.digest(SECRET.encode(), b"qgg8vlvZRS6UYooatFL8Aw", "sha256").hex()
    assert received.submissions == ()
    assert orjson.loads(received.reply.body) == {
        "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
        "encryptedToken": encrypted,
    }
    with pytest.raises(Exception, match="signature"):
        case.source().receive(posted_as(orjson.loads(body)))


def test_google_gets_an_empty_object() -> None:
    case = case_of("google_ads")

    reply = case.source().receive(case.request()).reply

    assert (reply.status, reply.body, reply.content_type) == (200, b"{}", "application/json")


def test_a_test_lead_of_google_is_marked() -> None:
    case = case_of("google_ads")
    body = case.sent.replace(b'"is_test": false', b'"is_test": true')

    assert case.source().receive(case.request(body)).submissions[0].context.test


def test_intercom_finds_somebody_there_before_it_posts() -> None:
    source = intercom.plugin.make(intercom.plugin.options.model_validate(SIGNED), lent_tools("chat"))

    assert source.receive(WebRequest("HEAD", {}, {}, b"", NOON)).reply.status == 200


def test_a_contact_whose_address_comes_later_is_told_once_more() -> None:
    case = case_of("intercom-contact")
    added = case.sent.replace(b"contact.lead.created", b"contact.lead.added_email")

    keys = [case.source().receive(case.request(body)).submissions[0].key for body in (case.sent, added)]

    assert keys == ["contact:6620fa1e", "contact:6620fa1e:email"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("calcom", b'{"triggerEvent": "MEETING_ENDED", "uid": "8f2b6c1a", "title": "Demo"}'),
        ("zoom", b'{"event": "meeting.participant_joined", "payload": {"object": {"id": 1}}}'),
        ("intercom", b'{"topic": "ping", "data": {"item": {"type": "ping"}}}'),
        ("calendly", b'{"event": "invitee_no_show.created", "payload": {"uri": "x"}}'),
    ],
)
def test_other_events_are_let_go(name: str, body: bytes) -> None:
    case = case_of(name)

    assert case.source().receive(case.request(body)).submissions == []


def test_tiktok_is_taken_by_those_alone_who_know_that_it_is_a_guess() -> None:
    plugin = case_of("tiktok").plugin

    with pytest.raises(ValueError, match="has not published"):
        plugin.options.model_validate(SIGNED)
