"""Site builders and WordPress, as they post."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import jwt
import orjson

from connectors.sources.posted import (
    formidable,
    framer,
    gravity_forms,
    hubspot_forms,
    netlify,
    unbounce,
    webflow,
    wix,
    wordpress,
    wordpress_more,
    wpforms,
)
from syncd.connector import AnswerKind
from tests.connectors.posted.case import SECRET, SIGNED, STAMP, Case, hmac_base64, hmac_hex

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
ADDRESS = "https://leads.acme.example/in/forms"


def webflow_proof(body: bytes, secret: str, stamp: str = f"{STAMP}277") -> Mapping[str, str]:
    return {"x-webflow-timestamp": stamp, "x-webflow-signature": hmac_hex(secret, stamp.encode(), b":", body)}


def netlify_proof(body: bytes, secret: str) -> Mapping[str, str]:
    claims = {"iss": "netlify", "sha256": hashlib.sha256(body).hexdigest()}
    return {"x-webhook-signature": jwt.encode(claims, secret, algorithm="HS256")}


def wpforms_proof(body: bytes, secret: str, stamp: str = STAMP) -> Mapping[str, str]:
    return {"x-wpforms-webhook-signature": f"t={stamp},v={hmac_hex(secret, stamp.encode(), b'.', body)}"}


def framer_proof(body: bytes, secret: str) -> Mapping[str, str]:
    own = "0f8fad5b"
    return {
        "framer-webhook-submission-id": own,
        "framer-signature": f"sha256={hmac_hex(secret, body, own.encode())}",
    }


def hubspot_proof(body: bytes, secret: str, stamp: str = f"{STAMP}000") -> Mapping[str, str]:
    signature = hmac_base64(secret.encode(), b"POST", ADDRESS.encode(), body, stamp.encode())
    return {"x-hubspot-request-timestamp": stamp, "x-hubspot-signature-v3": signature}


CASES = (
    Case(
        "webflow",
        webflow.plugin,
        {
            "triggerType": "form_submission",
            "payload": {
                "name": "Offer",
                "siteId": "65427cf400e02b306eaa049c",
                "data": {
                    "First Name": "Ines",
                    "email": "ines@brandao.example",
                    "Phone Number": 351210000000,
                    "Seats (max\uff0e 40)": "40",
                    "Newsletter": "false",
                },
                "submittedAt": "2026-03-02T10:15:00.000Z",
                "id": "6321ca84df3949bfc6752327",
                "formId": "65429eadebe8a9f3a30f62d0",
            },
        },
        key="6321ca84df3949bfc6752327",
        at=AT,
        form=("65429eadebe8a9f3a30f62d0", "Offer"),
        options=SIGNED,
        proof=webflow_proof,
        old=webflow_proof(b"", SECRET, "1000"),
        answers={
            "First Name": "Ines",
            "email": "ines@brandao.example",
            "Phone Number": "351210000000",
            "Seats (max\uff0e 40)": ("40", AnswerKind.TEXT, "Seats (max. 40)"),
            "Newsletter": "false",
        },
    ),
    Case(
        "webflow from the dashboard",
        webflow.plugin,
        {"name": "Offer", "site": "6542", "data": {"Name": "Ines"}, "d": "2026-03-02T10:15:00.000Z", "_id": "6321ca85"},
        key="6321ca85",
        at=AT,
        form=("", "Offer"),
        answers={"Name": "Ines"},
    ),
    Case(
        "netlify",
        netlify.plugin,
        {
            "id": "5c3e5813f203baba9782ba13",
            "number": 24,
            "form_id": "5c3a051bdbfb660008114ddb",
            "form_name": "offer",
            "created_at": "2026-03-02T10:15:00.000Z",
            "name": "Ines Brandão",
            "first_name": "Ines Brandão",
            "summary": "<strong>Ines</strong>",
            "data": {
                "name": "Ines Brandão",
                "email": "ines@brandao.example",
                "ip": "203.0.113.7",
                "user_agent": "Firefox",
                "referrer": "https://acme.example/offer?utm_source=x",
            },
            "ordered_human_fields": [{"title": "Your name", "name": "name", "value": "Ines Brandão"}],
        },
        key="5c3e5813f203baba9782ba13",
        at=AT,
        form=("5c3a051bdbfb660008114ddb", "offer"),
        page_url="https://acme.example/offer?utm_source=x",
        options=SIGNED,
        proof=netlify_proof,
        answers={"name": ("Ines Brandão", AnswerKind.TEXT, "Your name"), "email": "ines@brandao.example"},
    ),
    Case(
        "framer",
        framer.plugin,
        {"Name": "Ines Brandão", "Email 2": "ines@brandao.example", "Message": "", "utm_source": "newsletter"},
        key="0f8fad5b",
        options=SIGNED,
        proof=framer_proof,
        answers={
            "Name": "Ines Brandão",
            "Email 2": "ines@brandao.example",
            "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
        },
    ),
    Case(
        "wix",
        wix.plugin,
        {
            "data": {
                "formName": "Offer",
                "formId": "f1",
                "submissionId": "c0ffee01",
                "submissionTime": "2026-03-02T10:15:00Z",
                "contactId": "ca1",
                "field:comp-lx1": "We need forty seats",
                "field:comp-lx2": "Checked",
                "contact": {
                    "name": {"first": "Ines", "last": "Brandão"},
                    "email": "ines@brandao.example",
                    "phones": [{"id": "p1", "phone": "+351210000000", "primary": True}],
                },
                "_context": {"trigger": {"key": "wix_forms-form_submit"}},
                "submissions": [{"label": "Company", "value": "Brandão Lda"}],
            }
        },
        key="c0ffee01",
        at=AT,
        form=("f1", "Offer"),
        answers={
            "contact.name.first": ("Ines", AnswerKind.NAME, "First name"),
            "contact.name.last": "Brandão",
            "contact.email": ("ines@brandao.example", AnswerKind.EMAIL, "Email"),
            "contact.phone": ("+351210000000", AnswerKind.PHONE, "Phone"),
            "field:comp-lx1": "We need forty seats",
            "field:comp-lx2": "yes",
            "Company": "Brandão Lda",
        },
    ),
    Case(
        "unbounce",
        unbounce.plugin,
        [
            ("page_url", "https://go.acme.example/offer/"),
            ("page_name", "Offer"),
            ("page_id", "7648177d"),
            ("variant", "a"),
            (
                "data.json",
                orjson.dumps(
                    {
                        "name": ["Ines Brandão"],
                        "email": ["ines@brandao.example"],
                        "needs": ["Import", "Reports"],
                        "ip_address": ["203.0.113.7"],
                        "page_uuid": ["7648177d"],
                        "time_submitted": ["10:15 AM UTC"],
                        "date_submitted": ["2026-03-02"],
                    }
                ).decode(),
            ),
            ("data.xml", "<form_data/>"),
        ],
        key="sha256:",
        at=AT,
        form=("7648177d", "Offer"),
        page_url="https://go.acme.example/offer/",
        answers={"name": "Ines Brandão", "email": "ines@brandao.example", "needs": ("Import", "Reports")},
    ),
    Case(
        "hubspot_forms",
        hubspot_forms.plugin,
        {
            "vid": 101,
            "properties": {
                "firstname": {"value": "Ines"},
                "email": {"value": "ines@brandao.example"},
                "hs_object_id": {"value": "101"},
            },
            "form-submissions": [
                {"conversion-id": "older", "timestamp": 1700000000000, "form-id": "g0"},
                {
                    "conversion-id": "5a8c1f",
                    "timestamp": 1772446500000,
                    "form-id": "g1",
                    "title": "Offer",
                    "page-url": "https://acme.example/offer?gclid=Cj0K",
                },
            ],
        },
        key="5a8c1f",
        at=AT,
        form=("g1", "Offer"),
        page_url="https://acme.example/offer?gclid=Cj0K",
        options={"secret": SECRET, "url": ADDRESS},
        proof=hubspot_proof,
        old=hubspot_proof(b"", SECRET, "1000"),
        answers={"firstname": "Ines", "email": "ines@brandao.example"},
    ),
    Case(
        "cf7",
        wordpress.cf7,
        {
            "your-name": "Ines Brandão",
            "your-email": "ines@brandao.example",
            "needs": ["Import", "Reports"],
            "brief": {"filename": "brief.pdf", "content": "JVBERi0="},
            "acceptance-12": "",
            "_url": "https://acme.example/offer?utm_source=x",
            "_user_agent": "Firefox",
        },
        key="sha256:",
        page_url="https://acme.example/offer?utm_source=x",
        answers={
            "your-name": "Ines Brandão",
            "your-email": "ines@brandao.example",
            "needs": ("Import", "Reports"),
            "brief": "brief.pdf",
            "acceptance-12": ("no", AnswerKind.CONSENT, ""),
        },
    ),
    Case(
        "elementor",
        wordpress.elementor,
        [
            ("form[id]", "c1d6fde"),
            ("form[name]", "Offer"),
            ("fields[name][id]", "name"),
            ("fields[name][type]", "text"),
            ("fields[name][title]", "Seu nome"),
            ("fields[name][value]", "Ines Brandão"),
            ("fields[name][raw_value]", "Ines Brandão"),
            ("fields[email][type]", "email"),
            ("fields[email][title]", ""),
            ("fields[email][raw_value]", "ines@brandao.example"),
            ("fields[terms][type]", "acceptance"),
            ("fields[terms][title]", "Newsletter"),
            ("fields[terms][raw_value]", "on"),
            ("fields[utm_source][type]", "hidden"),
            ("fields[utm_source][title]", "utm_source"),
            ("fields[utm_source][raw_value]", "newsletter"),
            ("fields[empty][type]", "text"),
            ("fields[empty][raw_value]", ""),
            ("meta[date][value]", "março 2, 2026"),
            ("meta[page_url][value]", "https://acme.example/offer?fbclid=f"),
        ],
        key="sha256:",
        form=("c1d6fde", "Offer"),
        page_url="https://acme.example/offer?fbclid=f",
        answers={
            "name": ("Ines Brandão", AnswerKind.TEXT, "Seu nome"),
            "email": ("ines@brandao.example", AnswerKind.EMAIL, ""),
            "terms": ("yes", AnswerKind.CONSENT, "Newsletter"),
            "utm_source": ("newsletter", AnswerKind.HIDDEN, "utm_source"),
        },
    ),
    Case(
        "elementor without advanced data",
        wordpress.elementor,
        [
            ("Name", "Ines Brandão"),
            ("E-mail", "ines@brandao.example"),
            ("Page URL", "https://acme.example/offer"),
            ("Date", "16/09/2026"),
            ("form_id", "c1d6fde"),
            ("form_name", "Offer"),
        ],
        key="sha256:",
        form=("c1d6fde", "Offer"),
        page_url="https://acme.example/offer",
        answers={"Name": "Ines Brandão", "E-mail": "ines@brandao.example"},
    ),
    Case(
        "wpforms",
        wpforms.plugin,
        {
            "entry_id": "77",
            "form_id": "5",
            "name": "Ines Brandão",
            "email": "ines@brandao.example",
            "phone": "",
            "needs": "Import||Reports",
            "call": {"value": "03/04/2026 10:15 AM", "unix": 1772619300},
            "brief": ["https://acme.example/brief.pdf"],
        },
        key="77",
        form=("5", ""),
        options=SIGNED,
        proof=wpforms_proof,
        old=wpforms_proof(b"", SECRET, "1000"),
        answers={
            "name": "Ines Brandão",
            "email": "ines@brandao.example",
            "needs": ("Import", "Reports"),
            "call": "03/04/2026 10:15 AM",
            "brief": "https://acme.example/brief.pdf",
        },
    ),
    Case(
        "gravity_forms",
        gravity_forms.plugin,
        {
            "id": "452",
            "form_id": "47",
            "date_created": "2026-03-02 10:15:00",
            "ip": "203.0.113.7",
            "source_url": "https://acme.example/offer?utm_source=x",
            "user_agent": "Firefox",
            "status": "spam",
            "1.3": "Ines",
            "1.6": "Brandão",
            "3": "ines@brandao.example",
            "6": '["Import","Reports"]',
            "7": "",
        },
        key="acme.example:452",
        at=AT,
        form=("47", ""),
        page_url="https://acme.example/offer?utm_source=x",
        no_lead="marked as spam by Gravity Forms",
        answers={"1.3": "Ines", "1.6": "Brandão", "3": "ines@brandao.example", "6": ("Import", "Reports")},
    ),
    Case(
        "fluent_forms",
        wordpress_more.fluent_forms,
        [
            ("names[first_name]", "Ines"),
            ("names[last_name]", "Brandão"),
            ("email", "ines@brandao.example"),
            ("needs[]", "Import"),
            ("needs[]", "Reports"),
            ("gdpr-agreement", "on"),
            ("__submission[id]", "901"),
            ("__submission[form_id]", "3"),
            ("__submission[created_at]", "2026-03-02 10:15:00"),
            ("__submission[source_url]", "https://acme.example/offer"),
        ],
        key="901",
        at=AT,
        form=("3", ""),
        page_url="https://acme.example/offer",
        answers={
            "names.first_name": "Ines",
            "names.last_name": "Brandão",
            "email": "ines@brandao.example",
            "needs": ("Import", "Reports"),
            "gdpr-agreement": ("yes", AnswerKind.CONSENT, ""),
        },
    ),
    Case(
        "ninja_forms",
        wordpress_more.ninja_forms,
        [("json", '{"name":"Ines Brandão","email":"ines@brandao.example","sub_id":"31","form_id":"2"}')],
        key="31",
        form=("2", ""),
        answers={"name": "Ines Brandão", "email": "ines@brandao.example"},
    ),
    Case(
        "formidable",
        formidable.plugin,
        {
            "id": "61",
            "item_key": "x9k",
            "form_id": "4",
            "created_at": "2026-03-02 10:15:00",
            "meta": {"name": "Ines Brandão", "email": "ines@brandao.example", "needs": ["Import"], "budget": ""},
        },
        key="61",
        at=AT,
        form=("4", ""),
        answers={"name": "Ines Brandão", "email": "ines@brandao.example", "needs": "Import"},
    ),
)
