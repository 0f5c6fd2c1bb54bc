"""Schedulers, webinars and chats, as they post."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sources.posted import calcom, calendly, drift, gotowebinar, intercom, zoom
from syncd.connector import AnswerKind
from tests.connectors.posted.case import LOCKED, SECRET, SIGNED, STAMP, Case, hmac_hex

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
INVITEE = "https://api.calendly.com/scheduled_events/AAA/invitees/BBB"


def calendly_proof(body: bytes, secret: str, stamp: str = STAMP) -> Mapping[str, str]:
    return {"calendly-webhook-signature": f"t={stamp},v1={hmac_hex(secret, stamp.encode(), b'.', body)}"}


def calcom_proof(body: bytes, secret: str) -> Mapping[str, str]:
    return {"x-cal-signature-256": hmac_hex(secret, body)}


def zoom_proof(body: bytes, secret: str, stamp: str = STAMP) -> Mapping[str, str]:
    signature = hmac_hex(secret, b"v0:", stamp.encode(), b":", body)
    return {"x-zm-request-timestamp": stamp, "x-zm-signature": f"v0={signature}"}


def intercom_proof(body: bytes, secret: str) -> Mapping[str, str]:
    return {"x-hub-signature": "sha1=" + hmac.digest(secret.encode(), body, "sha1").hex()}


def booked(event: str = "invitee.created", **more: Any) -> dict[str, Any]:
    return {
        "event": event,
        "created_at": "2026-03-02T10:15:01.000000Z",
        "payload": {
            "uri": INVITEE,
            "name": "Ines Brandão",
            "email": "ines@brandao.example",
            "first_name": None,
            "text_reminder_number": "+351210000000",
            "timezone": "Europe/Lisbon",
            "created_at": "2026-03-02T10:15:00.000000Z",
            "status": "active",
            "questions_and_answers": [{"question": "What about?", "answer": "An offer", "position": 0}],
            "tracking": {"utm_source": "newsletter", "utm_campaign": None, "salesforce_uuid": None},
            "scheduled_event": {
                "name": "Demo",
                "start_time": "2026-03-10T09:00:00.000000Z",
                "event_type": "https://api.calendly.com/event_types/CCC",
            },
            **more,
        },
    }


MEETING = {
    "name": ("Ines Brandão", AnswerKind.NAME, "name"),
    "email": ("ines@brandao.example", AnswerKind.EMAIL, "email"),
    "text_reminder_number": ("+351210000000", AnswerKind.PHONE, "text_reminder_number"),
    "meeting_name": "Demo",
    "meeting_start": "2026-03-10T09:00:00.000000Z",
    "timezone": "Europe/Lisbon",
    "What about?": "An offer",
    "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
}


def cal(event: str, **more: Any) -> dict[str, Any]:
    return {
        "triggerEvent": event,
        "createdAt": "2026-03-02T10:15:00.000Z",
        "payload": {
            "uid": "8f2b6c1a",
            "bookingId": 5502391,
            "eventTypeId": 48213,
            "eventTitle": "30 Min Meeting",
            "startTime": "2026-03-10T09:00:00Z",
            "attendees": [{"name": "Ines Brandão", "email": "ines@brandao.example", "timeZone": "Europe/Lisbon"}],
            "responses": {
                "name": {"label": "your_name", "value": "Ines Brandão"},
                "email": {"label": "email_address", "value": "ines@brandao.example"},
                "seats": {"label": "How many seats?", "value": ["10", "20"]},
                "location": {"label": "location", "value": {"value": "integrations:zoom"}},
                "guests": {"label": "additional_guests", "value": []},
            },
            **more,
        },
    }


CAL = {
    "name": ("Ines Brandão", AnswerKind.NAME, "your_name"),
    "email": ("ines@brandao.example", AnswerKind.EMAIL, "email_address"),
    "seats": (("10", "20"), AnswerKind.TEXT, "How many seats?"),
    "meeting_start": "2026-03-10T09:00:00Z",
}


def registered(event: str = "webinar.registration_created", talk: object = 84_392_028_671) -> dict[str, Any]:
    registrant = {
        "id": "hK8fgZVOQkOKgOTgMFM2Jw",
        "first_name": "Ines",
        "last_name": "Brandão",
        "email": "ines@brandao.example",
        "org": "Brandão Lda",
        "custom_questions": [{"title": "Why?", "value": "An offer"}],
        "create_time": "2026-03-02T10:15:00Z",
        "status": "approved",
        "join_url": "https://zoom.us/w/1",
    }
    told = {"id": talk, "topic": "Product tour", "start_time": "2026-03-10T09:00:00Z", "registrant": registrant}
    return {"event": event, "event_ts": 1_772_446_500_000, "payload": {"account_id": "A", "object": told}}


REGISTRANT = {
    "first_name": ("Ines", AnswerKind.TEXT, "First name"),
    "last_name": "Brandão",
    "email": ("ines@brandao.example", AnswerKind.EMAIL, "Email"),
    "org": ("Brandão Lda", AnswerKind.TEXT, "Organization"),
    "topic": "Product tour",
    "start_time": "2026-03-10T09:00:00Z",
    "Why?": ("An offer", AnswerKind.TEXT, "Why?"),
}

CASES = (
    Case(
        "calendly",
        calendly.plugin,
        booked(),
        key=INVITEE,
        at=AT,
        form=("https://api.calendly.com/event_types/CCC", "Demo"),
        options=SIGNED,
        proof=calendly_proof,
        old=calendly_proof(b"", SECRET, str(int(STAMP) - 181)),
        answers=MEETING,
    ),
    Case(
        "calendly-canceled",
        calendly.plugin,
        booked("invitee.canceled", cancellation={"reason": "Ill", "created_at": "2026-03-02T10:15:00Z"}),
        key=f"{INVITEE}:canceled",
        at=AT,
        form=("https://api.calendly.com/event_types/CCC", "Demo"),
        options=SIGNED,
        proof=calendly_proof,
        no_lead="Calendly: the booking was canceled",
        answers={**MEETING, "cancel_reason": ("Ill", AnswerKind.TEXT, "Canceled because")},
    ),
    Case(
        "calcom",
        calcom.plugin,
        cal("BOOKING_CREATED"),
        key="8f2b6c1a",
        at=AT,
        form=("48213", "30 Min Meeting"),
        options=SIGNED,
        proof=calcom_proof,
        answers=CAL,
    ),
    Case(
        "calcom-moved",
        calcom.plugin,
        cal("BOOKING_RESCHEDULED", rescheduleUid="3f6a1c2e"),
        key="8f2b6c1a:rescheduled:3f6a1c2e",
        at=AT,
        form=("48213", "30 Min Meeting"),
        options=SIGNED,
        proof=calcom_proof,
        no_lead="Cal.com: the booking was moved",
        answers=CAL,
    ),
    Case(
        "zoom",
        zoom.plugin,
        registered(),
        key="84392028671:hk8fgzvoqkokgotgmfm2jw",
        at=AT,
        form=("84392028671", "Product tour"),
        options=SIGNED,
        proof=zoom_proof,
        old=zoom_proof(b"", SECRET, str(int(STAMP) - 301)),
        answers=REGISTRANT,
    ),
    Case(
        "zoom-cancelled",
        zoom.plugin,
        registered("webinar.registration_cancelled", "84392028671"),
        key="84392028671:hk8fgzvoqkokgotgmfm2jw:cancelled",
        at=AT,
        form=("84392028671", "Product tour"),
        options=SIGNED,
        proof=zoom_proof,
        no_lead="Zoom: the registration was cancelled",
        answers=REGISTRANT,
    ),
    Case(
        "gotowebinar",
        gotowebinar.plugin,
        {
            "eventName": "registrant.added",
            "eventKey": "3482-b239",
            "firstName": "Ines",
            "lastName": "Brandão",
            "email": "ines@brandao.example",
            "responses": [
                {"questionText": "Why?", "questionKey": 9_007_199_254_740_995, "answers": ["An offer", "A tour"]}
            ],
            "registrationDate": "2026-03-02T10:15:00.000Z",
            "status": "WAITING",
            "webinarKey": 4_511_665_432_126_123_457,
            "webinarTitle": "Product tour",
            "registrantKey": 24_576_065_432_313_123_457,
            "timestamp": "2026-03-02T10:15:01.000Z",
        },
        key="4511665432126123457:24576065432313123457",
        at=AT,
        form=("4511665432126123457", "Product tour"),
        options=LOCKED,
        answers={
            "firstName": ("Ines", AnswerKind.TEXT, "First name"),
            "lastName": "Brandão",
            "email": ("ines@brandao.example", AnswerKind.EMAIL, "Email"),
            "webinarTitle": "Product tour",
            "9007199254740995": (("An offer", "A tour"), AnswerKind.TEXT, "Why?"),
        },
    ),
    Case(
        "intercom",
        intercom.plugin,
        {
            "type": "notification_event",
            "topic": "conversation.user.created",
            "id": "notif_1",
            "created_at": 1_772_446_501,
            "data": {
                "item": {
                    "type": "conversation",
                    "id": "195208945002873",
                    "created_at": 1_772_446_500,
                    "source": {
                        "subject": "",
                        "body": "<p>Hi,</p><p>what does it cost &amp; when?</p>",
                        "author": {"type": "lead", "name": "Ines Brandão", "email": "ines@brandao.example"},
                        "url": "https://acme.example/pricing",
                    },
                }
            },
        },
        key="195208945002873",
        at=AT,
        options=SIGNED,
        proof=intercom_proof,
        page_url="https://acme.example/pricing",
        answers={
            "name": ("Ines Brandão", AnswerKind.NAME, "name"),
            "email": ("ines@brandao.example", AnswerKind.EMAIL, "email"),
            "message": ("Hi,\nwhat does it cost & when?", AnswerKind.TEXT, "Message"),
        },
    ),
    Case(
        "intercom-contact",
        intercom.plugin,
        {
            "topic": "contact.lead.created",
            "data": {
                "item": {
                    "id": "6620fa1e",
                    "email": "ines@brandao.example",
                    "phone": None,
                    "name": "Ines Brandão",
                    "created_at": 1_772_446_500,
                    "custom_attributes": {"plan": "team"},
                }
            },
        },
        key="contact:6620fa1e",
        at=AT,
        options=SIGNED,
        proof=intercom_proof,
        answers={"name": "Ines Brandão", "email": "ines@brandao.example", "plan": "team"},
    ),
    Case(
        "drift",
        drift.plugin,
        {
            "orgId": 1,
            "type": "contact_identified",
            "token": SECRET,
            "data": {"id": 31, "createdAt": 1_772_446_500_000, "email": "ines@brandao.example"},
        },
        key="contact_identified:31",
        at=AT,
        options=SIGNED,
        key_inside="token",
        answers={"email": "ines@brandao.example"},
    ),
)
