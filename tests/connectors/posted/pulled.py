"""The lists of the providers of the table: one item in each, as the API writes it and as the webhook posts it."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from connectors.sources import tally
from connectors.sources.posted import (
    endpoints,
    formbricks,
    formidable,
    formstack,
    gravity_forms,
    hosted,
    hubspot_forms,
    jotform,
    netlify,
    unbounce,
    webflow,
    wufoo,
)
from syncd.connector import FORM_TYPES, JSON_TYPE, Plugin
from tests.connectors.posted.case import TOKEN, multipart
from tests.fakes.lists import Item, ListStyle, utc

KEY = "canary-key-for-the-api"
EASTERN = ZoneInfo("America/New_York")
Make = Callable[[int, datetime], Any]


@dataclass(frozen=True)
class Pulled:
    name: str
    plugin: Plugin[Any]
    style: ListStyle
    listed: Make  # as the API writes it
    posted: Make  # as the webhook posts it
    media: str = JSON_TYPE
    options: Mapping[str, Any] = field(default_factory=dict)
    base: str = ""  # of the API's address, behind the fake's

    def build(self, url: str, **more: Any) -> dict[str, Any]:
        usual = {"token": TOKEN, "api_token": KEY, "form_id": "f1", "base_url": url + self.base, "page_size": 3}
        return {**usual, **self.options, **more}


def bearer(headers: Mapping[str, str]) -> bool:
    return headers.get("authorization") == f"Bearer {KEY}"


def basic(login: str) -> Callable[[Mapping[str, str]], bool]:
    wanted = f"Basic {base64.b64encode(login.encode()).decode()}"
    return lambda headers: headers.get("authorization") == wanted


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def plain(at: datetime, zone: Any = UTC) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def mail(number: int) -> str:
    return f"p{number}@acme.example"


def wrapped(name: str) -> Callable[[Any, int, str], Any]:
    return lambda items, total, _token: {name: list(items), "total": total}


def local_filter(text: str) -> datetime:
    return utc(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=EASTERN)


def fillout(number: int, at: datetime) -> Item:
    question = {"id": "q1", "name": "E-mail", "type": "EmailInput", "value": mail(number)}
    return {"submissionId": f"s{number}", "submissionTime": iso(at), "questions": [question]}


def paperform(number: int, at: datetime) -> Item:
    field_ = {"title": "E-mail", "type": "email", "key": "k1", "custom_key": None, "value": mail(number)}
    return {"form_id": "f1", "submission_id": f"s{number}", "created_at": plain(at), "data": [field_]}


def formbrick(number: int, at: datetime) -> Item:
    return {"id": f"r{number}", "surveyId": "f1", "finished": True, "updatedAt": iso(at), "data": {"q1": mail(number)}}


def basin(number: int, at: datetime) -> Item:
    return {"id": 88_000 + number, "form_id": "f1", "created_at": iso(at), "payload_params": {"email": mail(number)}}


def netlify_item(number: int, at: datetime) -> Item:
    return {"id": f"n{number}", "form_id": "f1", "created_at": iso(at), "data": {"email": mail(number)}}


def gravity(number: int, at: datetime) -> Item:
    return {"id": str(number + 1), "form_id": "f1", "date_created": plain(at), "status": "active", "3": mail(number)}


def formidable_entry(number: int, at: datetime) -> Item:
    meta = {"email": mail(number)}
    return {"id": str(number + 1), "item_key": f"k{number}", "form_id": "f1", "created_at": plain(at), "meta": meta}


def jotform_post(number: int, at: datetime) -> bytes:
    raw = {"submitDate": str(int(at.timestamp() * 1000)), "q3_email": mail(number)}
    parts = [
        ("formID", "f1"),
        ("submissionID", str(6_100_000_000_000_000_000 + number)),
        ("rawRequest", orjson.dumps(raw).decode()),
    ]
    return multipart(parts)[0]


def unbounce_fields(number: int) -> dict[str, list[str]]:
    return {"email": [mail(number)], "needs": ["Import", "Reports"]}


def unbounce_post(number: int, at: datetime) -> list[tuple[str, str]]:
    about = {"time_submitted": [at.strftime("%I:%M %p UTC")], "date_submitted": [at.strftime("%Y-%m-%d")]}
    return [("page_id", "f1"), ("data.json", orjson.dumps({**unbounce_fields(number), **about}).decode())]


def hubspot_contact(number: int, at: datetime) -> Item:
    conversion = {"conversion-id": f"c{number}", "timestamp": int(at.timestamp() * 1000), "form-id": "f1"}
    return {"vid": number, "properties": {"email": {"value": mail(number)}}, "form-submissions": [conversion]}


def jotform_began(params: Mapping[str, str]) -> datetime | None:
    wanted = orjson.loads(params["filter"]) if "filter" in params else {}
    return local_filter(wanted["created_at:gt"]) if wanted else None


def gravity_began(params: Mapping[str, str]) -> datetime | None:
    return utc(orjson.loads(params["search"])["start_date"], "%Y-%m-%d %H:%M:%S")


TALLY = {"id": "q1", "title": "E-mail", "type": "INPUT_EMAIL"}

PULLED = (
    Pulled(
        "fillout",
        hosted.fillout,
        ListStyle(
            "/forms/f1/submissions",
            "offset",
            wrapped("responses"),
            at="offset",
            size="limit",
            most=150,
            newest_first=False,
            since=lambda params: utc(params["afterDate"]),
            allowed=frozenset({"afterDate", "sort"}),
            login=bearer,
        ),
        fillout,
        fillout,
    ),
    Pulled(
        "tally",
        tally.plugin,
        ListStyle(
            "/forms/f1/submissions",
            "page",
            lambda items, _total, token: {"submissions": list(items), "questions": [TALLY], "hasMore": bool(token)},
            size="limit",
            allowed=frozenset({"filter"}),
            login=bearer,
        ),
        lambda number, at: {
            "id": f"t{number}",
            "formId": "f1",
            "isCompleted": True,
            "submittedAt": iso(at),
            "responses": [{"questionId": "q1", "answer": mail(number)}],
        },
        lambda number, at: {
            "eventType": "FORM_RESPONSE",
            "data": {
                "submissionId": f"t{number}",
                "formId": "f1",
                "createdAt": iso(at),
                "fields": [{"key": "question_q1", "label": "E-mail", "type": "INPUT_EMAIL", "value": mail(number)}],
            },
        },
        options={"unsigned": True},
    ),
    Pulled(
        "paperform",
        hosted.paperform,
        ListStyle(
            "/forms/f1/submissions",
            "before",
            lambda items, _total, token: {"results": {"submissions": list(items)}, "has_more": bool(token)},
            at="before_id",
            size="limit",
            login=bearer,
            beside={"/forms/f1/fields": {"results": {"fields": [{"key": "k1", "title": "E-mail", "type": "email"}]}}},
        ),
        lambda number, at: {"id": f"s{number}", "form_id": "f1", "created_at": plain(at), "data": {"k1": mail(number)}},
        paperform,
    ),
    Pulled(
        "jotform",
        jotform.plugin,
        ListStyle(
            "/form/f1/submissions",
            "offset",
            wrapped("content"),
            at="offset",
            size="limit",
            most=1000,
            since=jotform_began,
            allowed=frozenset({"filter", "orderby"}),
            login=lambda headers: headers.get("apikey") == KEY,
            beside={
                "/form/f1/questions": {"content": {"3": {"text": "E-mail", "type": "control_email", "name": "email"}}}
            },
        ),
        lambda number, at: {
            "id": str(6_100_000_000_000_000_000 + number),
            "form_id": "f1",
            "created_at": plain(at, EASTERN),
            "status": "ACTIVE",
            "answers": {"3": {"name": "email", "text": "E-mail", "type": "control_email", "answer": mail(number)}},
        },
        jotform_post,
        media="multipart/form-data; boundary=limit",
    ),
    Pulled(
        "formstack",
        formstack.plugin,
        ListStyle(
            "/form/f1/submission.json",
            "page",
            wrapped("submissions"),
            newest_first=False,
            since=lambda params: local_filter(params["min_time"]),
            allowed=frozenset({"data", "expand_data", "min_time"}),
            login=bearer,
            beside={"/form/f1/field.json": [{"id": "31", "label": "E-mail", "type": "email"}]},
        ),
        lambda number, at: {
            "id": str(9000 + number),
            "timestamp": plain(at, EASTERN),
            "data": {"31": {"field": "31", "label": "E-mail", "type": "email", "value": mail(number)}},
        },
        lambda number, _at: {"FormID": "f1", "UniqueID": 9000 + number, "31": mail(number)},
    ),
    Pulled(
        "wufoo",
        wufoo.plugin,
        ListStyle(
            "/forms/f1/entries.json",
            "offset",
            wrapped("Entries"),
            at="pageStart",
            size="pageSize",
            allowed=frozenset({"sort", "sortDirection"}),
            login=basic(f"{KEY}:"),
            beside={"/forms/f1/fields.json": {"Fields": [{"ID": "Field3", "Title": "E-mail", "Type": "email"}]}},
        ),
        lambda number, at: {"EntryId": str(number + 1), "Field3": mail(number), "DateCreated": plain(at, EASTERN)},
        lambda number, at: [
            ("EntryId", str(number + 1)),
            ("Field3", mail(number)),
            ("DateCreated", plain(at, EASTERN)),
        ],
        media=FORM_TYPES[0],
        options={"zone": "America/New_York"},
    ),
    Pulled(
        "formspree",
        endpoints.formspree,
        ListStyle(
            "/forms/f1/submissions",
            "offset",
            wrapped("submissions"),
            at="offset",
            size="limit",
            since=lambda params: utc(params["since"], "%Y-%m-%dT%H:%M:%S"),
            allowed=frozenset({"since", "order"}),
            login=basic(f":{KEY}"),
        ),
        lambda number, at: {"_date": iso(at), "email": mail(number)},
        lambda number, _at: {"form": "f1", "keys": ["email"], "submission": {"email": mail(number)}},
    ),
    Pulled(
        "basin",
        endpoints.basin,
        ListStyle(
            "/submissions",
            "page",
            wrapped("submissions"),
            allowed=frozenset({"form_id", "order_by"}),
            login=lambda headers: headers.get("authorization") == f"Token {KEY}",
        ),
        basin,
        basin,
    ),
    Pulled(
        "formbricks",
        formbricks.plugin,
        ListStyle(
            "/management/responses",
            "offset",
            wrapped("data"),
            at="skip",
            size="limit",
            most=1000,
            allowed=frozenset({"surveyId"}),
            login=lambda headers: headers.get("x-api-key") == KEY,
            beside={
                "/management/surveys/f1": {
                    "data": {"questions": [{"id": "q1", "type": "openText", "headline": {"default": "E-mail"}}]}
                }
            },
        ),
        formbrick,
        lambda number, at: {"event": "responseFinished", "data": formbrick(number, at)},
    ),
    Pulled(
        "webflow",
        webflow.plugin,
        ListStyle(
            "/forms/f1/submissions",
            "offset",
            lambda items, total, _token: {"formSubmissions": list(items), "pagination": {"total": total}},
            at="offset",
            size="limit",
            login=bearer,
        ),
        lambda number, at: {"id": f"w{number}", "dateSubmitted": iso(at), "formResponse": {"email": mail(number)}},
        lambda number, at: {
            "triggerType": "form_submission",
            "payload": {"id": f"w{number}", "submittedAt": iso(at), "formId": "f1", "data": {"email": mail(number)}},
        },
    ),
    Pulled(
        "webflow from the older end",
        webflow.plugin,
        ListStyle(
            "/forms/f1/submissions",
            "offset",
            lambda items, total, _token: {"formSubmissions": list(items), "pagination": {"total": total}},
            at="offset",
            size="limit",
            newest_first=False,
            login=bearer,
        ),
        lambda number, at: {"id": f"w{number}", "dateSubmitted": iso(at), "formResponse": {"email": mail(number)}},
        lambda number, at: {
            "triggerType": "form_submission",
            "payload": {"id": f"w{number}", "submittedAt": iso(at), "formId": "f1", "data": {"email": mail(number)}},
        },
    ),
    Pulled(
        "netlify",
        netlify.plugin,
        ListStyle("/forms/f1/submissions", "page", login=bearer),
        netlify_item,
        netlify_item,
    ),
    Pulled(
        "unbounce",
        unbounce.plugin,
        ListStyle(
            "/pages/f1/leads",
            "offset",
            wrapped("leads"),
            at="offset",
            size="count",
            most=1000,
            newest_first=False,
            since=lambda params: utc(params["from"]),
            allowed=frozenset({"from", "sort_order"}),
            login=basic(f"{KEY}:"),
        ),
        lambda number, at: {"id": f"l{number}", "created_at": iso(at), "form_data": unbounce_fields(number)},
        unbounce_post,
        media=FORM_TYPES[0],
    ),
    Pulled(
        "hubspot_forms",
        hubspot_forms.plugin,
        ListStyle(
            "/form-integrations/v1/submissions/forms/f1",
            "token",
            lambda items, _total, token: {
                "results": list(items),
                **({"paging": {"next": {"after": token}}} if token else {}),
            },
            at="after",
            size="limit",
            most=50,
            login=bearer,
        ),
        lambda number, at: {
            "conversionId": f"c{number}",
            "submittedAt": int(at.timestamp() * 1000),
            "values": [{"name": "email", "value": mail(number)}],
            "pageUrl": "https://acme.example/?gclid=x",
        },
        hubspot_contact,
    ),
    Pulled(
        "gravity_forms",
        gravity_forms.plugin,
        ListStyle(
            "/entries",
            "page",
            lambda items, total, _token: {"total_count": total, "entries": list(items)},
            at="paging[current_page]",
            size="paging[page_size]",
            most=200,
            newest_first=False,
            since=gravity_began,
            allowed=frozenset({"form_ids[0]", "search", "sorting[key]", "sorting[direction]"}),
            login=basic(f"ck_1:{KEY}"),
            beside={"/forms/f1": {"fields": [{"id": 3, "label": "E-mail", "type": "email", "inputs": None}]}},
        ),
        gravity,
        gravity,
        options={"api_key": "ck_1"},
    ),
    Pulled(
        "formidable",
        formidable.plugin,
        ListStyle(
            "/forms/f1/entries",
            "page",
            lambda items, _total, _token: {item["item_key"]: item for item in items},
            size="page_size",
            most=1000,
            allowed=frozenset({"order", "order_by"}),
            login=basic(f"{KEY}:"),
        ),
        formidable_entry,
        formidable_entry,
    ),
)

MINUTE = timedelta(minutes=1)
