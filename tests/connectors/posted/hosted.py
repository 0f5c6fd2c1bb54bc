"""Hosted form builders, as they post."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from connectors.sources.posted import (
    cognito,
    endpoints,
    formbricks,
    formstack,
    google_forms,
    hosted,
    hosted_alone,
    jotform,
    wufoo,
)
from syncd.connector import AnswerKind
from tests.connectors.posted.case import SECRET, SIGNED, STAMP, TOKEN, Case, hmac_base64, hmac_hex, multipart

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)


def opnform_proof(body: bytes, secret: str) -> Mapping[str, str]:
    return {"x-webhook-signature": f"sha256={hmac_hex(secret, body)}"}


def formspree_proof(body: bytes, secret: str, stamp: str = STAMP) -> Mapping[str, str]:
    return {"formspree-signature": f"t={stamp},v1={hmac_hex(secret, stamp.encode(), b'.', body)}"}


def standard_proof(body: bytes, secret: str, stamp: str = STAMP) -> Mapping[str, str]:
    signature = hmac_base64(secret.encode(), b"msg_1.", stamp.encode(), b".", body)
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


def formstack_proof(body: bytes, secret: str) -> Mapping[str, str]:
    return {"x-fs-signature": f"sha256={hmac_hex(secret, body)}"}


JOTFORM: dict[str, Any] = {
    "slug": "submit/250610000000001",
    "submitDate": "1772446500000",
    "buildDate": "1772446400000",
    "q3_fullName": {"prefix": "", "first": "Ines", "last": "Brandão"},
    "q4_email": "ines@brandao.example",
    "q5_phone": {"area": "351", "phone": "210000000"},
    "q6_address": {"addr_line1": "Rua 1", "addr_line2": "", "city": "Porto", "postal": "4000", "country": "Portugal"},
    "q7_day": {"month": "04", "day": "01", "year": "2026"},
    "q8_time": {"timeInput": "09:30", "hourSelect": "09", "minuteSelect": "30", "ampm": "AM"},
    "q9_needs": ["Import", "Reports &quot;fast&quot;"],
    "q11_skipped": "",
    "event_id": "1772446400000_250610000000001_x",
    "temp_upload": {"q10_brief": ["brief.pdf#jotformfs"]},
    "brief": ["https://www.jotform.com/uploads/acme/250610000000001/6100000000000000001/brief.pdf"],
}
JOTFORM_BODY, JOTFORM_TYPE = multipart(
    [
        ("action", ""),
        ("username", "acme"),
        ("formID", "250610000000001"),
        ("type", "WEB"),
        ("formTitle", "Offer"),
        ("submissionID", "6100000000000000001"),
        ("ip", "203.0.113.7"),
        ("pretty", "Full Name:Ines Brandão, Email:ines@brandao.example"),
        ("rawRequest", orjson.dumps(JOTFORM).decode()),
    ]
)

WUFOO_FIELDS = {
    "Fields": [
        {
            "ID": "Field1",
            "Title": "Name",
            "Type": "shortname",
            "SubFields": [{"ID": "Field1", "Label": "First"}, {"ID": "Field2", "Label": "Last"}],
        },
        {"ID": "Field3", "Title": "E-mail", "Type": "email"},
    ]
}

CASES = (
    Case(
        "fillout",
        hosted.fillout,
        {
            "formId": "vso75CxxGV2K",
            "formName": "Offer",
            "submission": {
                "submissionId": "5af2e1",
                "submissionTime": "2026-03-02T10:15:00.000Z",
                "questions": [
                    {"id": "qName", "name": "Your name", "type": "ShortAnswer", "value": "Ines Brandão"},
                    {"id": "qMail", "name": "E-mail", "type": "EmailInput", "value": "ines@brandao.example"},
                    {"id": "qSeats", "name": "Seats", "type": "NumberInput", "value": 0},
                    {"id": "qSkipped", "name": "Budget", "type": "ShortAnswer", "value": None},
                    {"id": "qNeeds", "name": "Needs", "type": "Checkboxes", "value": ["Import", "Reports"]},
                ],
                "urlParameters": [{"id": "utm_source", "name": "utm_source", "value": "newsletter"}],
            },
        },
        key="5af2e1",
        at=AT,
        form=("vso75CxxGV2K", "Offer"),
        answers={
            "qName": "Ines Brandão",
            "qMail": ("ines@brandao.example", AnswerKind.EMAIL, "E-mail"),
            "qSeats": "0",
            "qNeeds": ("Import", "Reports"),
            "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
        },
    ),
    Case(
        "paperform",
        hosted.paperform,
        {
            "form_id": "600000000000000000000001",
            "slug": "offer",
            "submission_id": "610000000000000000000001",
            "created_at": "2026-03-02 10:15:00",
            "data": [
                {"title": "Your name", "type": "text", "key": "3dq9", "custom_key": "name", "value": "Ines Brandão"},
                {
                    "title": "E-mail",
                    "type": "email",
                    "key": "8f2k",
                    "custom_key": None,
                    "value": "ines@brandao.example",
                },
                {"title": "Address", "type": "address", "key": "a1", "value": {"city": "Porto", "postcode": "4000"}},
                {
                    "title": "Brief",
                    "type": "file",
                    "key": "f1",
                    "value": [{"url": "https://x.example/b.pdf", "size": 9}],
                },
                {"title": "Budget", "type": "number", "key": "b1", "value": None},
            ],
            "device": {"utm_source": "newsletter", "gclid": "Cj0K", "browser": "Firefox", "url": "https://a.example/q"},
        },
        key="610000000000000000000001",
        at=AT,
        form=("600000000000000000000001", ""),
        page_url="https://a.example/q",
        answers={
            "3dq9": "Ines Brandão",
            "8f2k": ("ines@brandao.example", AnswerKind.EMAIL, "E-mail"),
            "a1.city": ("Porto", AnswerKind.TEXT, "Address city"),
            "a1.postcode": "4000",
            "f1": ("https://x.example/b.pdf", AnswerKind.FILE, "Brief"),
            "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
            "gclid": ("Cj0K", AnswerKind.HIDDEN, "gclid"),
        },
    ),
    Case(
        "opnform",
        hosted_alone.opnform,
        {
            "form_id": 17,
            "form_title": "Offer",
            "form_slug": "offer-1",
            "submission": {"Your name": "Ines Brandão", "Email": "ines@brandao.example"},
            "data": {
                "9a1": {"value": "Ines Brandão", "name": "Your name", "type": "text"},
                "9a2": {"value": "ines@brandao.example", "name": "Email", "type": "email"},
                "9a3": {"value": ["Import", "Reports"], "name": "Needs", "type": "multi_select"},
                "9a4": {"value": None, "name": "Budget", "type": "number"},
            },
            "message": "Please use data.",
            "submission_id": 4711,
            "meta": {"attribution": {"utm_source": "newsletter", "landing": "x"}},
        },
        key="4711",
        form=("17", "Offer"),
        options=SIGNED,
        proof=opnform_proof,
        answers={
            "9a1": "Ines Brandão",
            "9a2": ("ines@brandao.example", AnswerKind.EMAIL, "Email"),
            "9a3": ("Import", "Reports"),
            "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
        },
    ),
    Case(
        "microsoft_forms",
        hosted_alone.microsoft_forms,
        {
            "formId": "v4j5cvGGr0GRqy180BHbR",
            "responseId": 12,
            "submitDate": "3/2/2026 11:15:00 AM",
            "responder": "ines@brandao.example",
            "name": "Ines Brandão",
            "needs": '["Import","Reports"]',
            "budget": "",
        },
        key="v4j5cvGGr0GRqy180BHbR:12",
        at=AT,
        form=("v4j5cvGGr0GRqy180BHbR", ""),
        options={"token": TOKEN, "zone": "Europe/Berlin"},
        answers={"responder": "ines@brandao.example", "name": "Ines Brandão", "needs": ("Import", "Reports")},
    ),
    Case(
        "google_forms",
        google_forms.plugin,
        {
            "formId": "1FAIpQLSd",
            "formName": "Offer",
            "responseId": "2_ABaOnu",
            "timestamp": "2026-03-02T10:15:00.000Z",
            "respondentEmail": "ines@brandao.example",
            "answers": [
                {"id": "101", "title": "Your name", "value": "Ines Brandão"},
                {"id": "102", "title": "Needs", "value": ["Import", "Reports"]},
                {"id": "103", "title": "Budget", "value": ""},
            ],
        },
        key="2_ABaOnu",
        at=AT,
        form=("1FAIpQLSd", "Offer"),
        answers={
            "respondentEmail": ("ines@brandao.example", AnswerKind.EMAIL, "Email"),
            "101": ("Ines Brandão", AnswerKind.TEXT, "Your name"),
            "102": ("Import", "Reports"),
        },
    ),
    Case(
        "google_forms by label",
        google_forms.plugin,
        {"namedValues": {"Your name": ["Ines Brandão"], "E-mail": ["ines@brandao.example"], "Budget": [""]}},
        key="sha256:",
        answers={"Your name": "Ines Brandão", "E-mail": "ines@brandao.example"},
    ),
    Case(
        "jotform",
        jotform.plugin,
        JOTFORM_BODY,
        media=JOTFORM_TYPE,
        key="6100000000000000001",
        at=AT,
        form=("250610000000001", "Offer"),
        answers={
            "3.first": ("Ines", AnswerKind.TEXT, "first"),
            "3.last": "Brandão",
            "4": "ines@brandao.example",
            "5": "351 210000000",
            "6.addr_line1": "Rua 1",
            "6.city": "Porto",
            "6.postal": "4000",
            "6.country": "Portugal",
            "7": "2026-04-01",
            "8": "09:30 AM",
            "9": ("Import", 'Reports "fast"'),
            "10": (
                "https://www.jotform.com/uploads/acme/250610000000001/6100000000000000001/brief.pdf",
                AnswerKind.FILE,
                "",
            ),
        },
    ),
    Case(
        "formstack by handshake",
        formstack.plugin,
        [
            ("FormID", "3217465"),
            ("UniqueID", "900000001"),
            ("Name (First)", "Ines"),
            ("Name (Last)", "Brandão"),
            ("Email", "ines@brandao.example"),
            ("Needs", "Import"),
            ("Budget", ""),
            ("HandshakeKey", SECRET),
        ],
        key="900000001",
        form=("3217465", ""),
        options=SIGNED,
        key_inside="HandshakeKey",
        answers={
            "Name (First)": "Ines",
            "Name (Last)": "Brandão",
            "Email": "ines@brandao.example",
            "Needs": "Import",
        },
    ),
    Case(
        "formstack by signature",
        formstack.plugin,
        {
            "FormID": "3217465",
            "UniqueID": "900000002",
            "31": {"value": {"first": "Ines", "last": "Brandão"}, "field_type": "name"},
            "32": {"value": "ines@brandao.example", "field_type": "email"},
        },
        key="900000002",
        form=("3217465", ""),
        options=SIGNED,
        proof=formstack_proof,
        answers={"31.first": "Ines", "31.last": "Brandão", "32": "ines@brandao.example"},
    ),
    Case(
        "wufoo",
        wufoo.plugin,
        [
            ("Field1", "Ines"),
            ("Field2", "Brandão"),
            ("Field3", "ines@brandao.example"),
            ("Field4", ""),
            ("CreatedBy", "public"),
            ("DateCreated", "2026-03-02 05:15:00"),
            ("EntryId", "42"),
            ("IP", "203.0.113.7"),
            ("HandshakeKey", SECRET),
            (
                "FieldStructure",
                orjson.dumps(WUFOO_FIELDS).decode(),
            ),
            ("FormStructure", '{"Name":"Offer","Hash":"z5pkt3w03lj0nv"}'),
        ],
        key="z5pkt3w03lj0nv:42",
        at=AT,
        form=("z5pkt3w03lj0nv", "Offer"),
        options={"secret": SECRET, "form_id": "z5pkt3w03lj0nv", "zone": "America/New_York"},
        key_inside="HandshakeKey",
        answers={
            "Field1": ("Ines", AnswerKind.TEXT, "Name First"),
            "Field2": ("Brandão", AnswerKind.TEXT, "Name Last"),
            "Field3": ("ines@brandao.example", AnswerKind.EMAIL, "E-mail"),
        },
    ),
    Case(
        "cognito",
        cognito.plugin,
        {
            "$version": 7,
            "$etag": "",
            "Form": {"Id": "12", "InternalName": "Offer", "Name": "Offer"},
            "Name": {"First": "Ines", "Last": "Brandão", "FirstAndLast": "Ines Brandão"},
            "Email": "ines@brandao.example",
            "Seats": 40,
            "Budget": None,
            "Entry": {
                "Number": 42,
                "Status": "Submitted",
                "DateSubmitted": "2026-03-02T10:15:00.000Z",
                "Origin": {"UserAgent": "Firefox", "IpAddress": "203.0.113.7"},
            },
            "Id": "12-42",
        },
        key="Offer:42",
        at=AT,
        form=("12", "Offer"),
        options={"token": TOKEN, "form_id": "Offer"},
        answers={
            "Name.First": "Ines",
            "Name.Last": "Brandão",
            "Name.FirstAndLast": "Ines Brandão",
            "Email": "ines@brandao.example",
            "Seats": "40",
        },
    ),
    Case(
        "formspree",
        endpoints.formspree,
        {
            "form": "mvzvldzo",
            "keys": ["firstName", "email", "utm_source"],
            "submission": {
                "firstName": "Ines",
                "email": "ines@brandao.example",
                "utm_source": "newsletter",
                "_date": "2026-03-02T10:15:00.000000+00:00",
            },
        },
        key="sha256:",
        at=AT,
        form=("mvzvldzo", ""),
        options=SIGNED,
        proof=formspree_proof,
        old=formspree_proof(b"", SECRET, "1"),
        answers={
            "firstName": "Ines",
            "email": "ines@brandao.example",
            "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
        },
    ),
    Case(
        "basin",
        endpoints.basin,
        {
            "id": 88000001,
            "form_id": 5,
            "payload_params": {"name": "Ines Brandão", "email": "ines@brandao.example", "_gotcha": ""},
            "spam": True,
            "created_at": "2026-03-02T10:15:00.000Z",
            "source_url": "https://acme.example/offer",
            "source_query": "utm_source=newsletter&gclid=Cj0K",
            "referrer": None,
            "user_agent": "Firefox",
            "form": {"name": "Offer", "uuid": "1a2b3c"},
        },
        key="88000001",
        at=AT,
        form=("1a2b3c", "Offer"),
        page_url="https://acme.example/offer?utm_source=newsletter&gclid=Cj0K",
        no_lead="marked as spam by Basin",
        answers={"name": "Ines Brandão", "email": "ines@brandao.example"},
    ),
    Case(
        "formbricks",
        formbricks.plugin,
        {
            "webhookId": "wh1",
            "event": "responseFinished",
            "data": {
                "id": "cm7resp1",
                "surveyId": "cm7survey",
                "finished": True,
                "createdAt": "2026-03-02T10:14:00.000Z",
                "updatedAt": "2026-03-02T10:15:00.000Z",
                "data": {
                    "contact": ["Ines", "Brandão", "ines@brandao.example", "", "Brandão Lda"],
                    "needs": ["Import", "Reports"],
                    "newsletter": "accepted",
                    "skipped": "",
                },
                "variables": {},
                "meta": {
                    "url": "https://app.formbricks.com/s/cm7survey?utm_source=x",
                    "userAgent": {"browser": "Firefox"},
                },
                "contactAttributes": None,
                "language": "en",
                "survey": {"title": "Offer"},
            },
        },
        key="cm7resp1",
        at=AT,
        form=("cm7survey", "Offer"),
        page_url="https://app.formbricks.com/s/cm7survey?utm_source=x",
        options={"secret": "whsec_" + base64.b64encode(SECRET.encode()).decode()},
        proof=standard_proof,
        old=standard_proof(b"", SECRET, "1"),
        answers={
            "contact.first name": ("Ines", AnswerKind.TEXT, "first name"),
            "contact.last name": "Brandão",
            "contact.email": "ines@brandao.example",
            "contact.company": "Brandão Lda",
            "needs": ("Import", "Reports"),
            "newsletter": "accepted",
        },
    ),
)
