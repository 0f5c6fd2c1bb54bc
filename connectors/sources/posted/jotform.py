"""Jotform: https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/ and https://api.jotform.com/docs/

A post is multipart; the answers are JSON within its part `rawRequest`, by the number of the question.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from connectors.sources.posted.options import FORM_ID, WEB, LockedFetchOptions, ZonedOptions, zone_of
from syncd.connector import (
    FORM_TYPES,
    About,
    Answer,
    AnswerKind,
    Field,
    FormLimits,
    HookApi,
    HookedSourceOptions,
    Json,
    ListApi,
    Listing,
    Plugin,
    Posting,
    Question,
    Read,
    Rejected,
    Subscribed,
    WebRequest,
    by_offset,
    json_inside,
    object_in,
    one_answer,
    read_form,
    rows_in,
    text_at,
    text_in,
)

MARGIN = timedelta(hours=1)
"""In autumn an hour of the clock is there twice."""
_QUESTION = re.compile(r"q([0-9]{1,6})_(.+)", re.DOTALL)
_NO_ANSWERS = frozenset(
    {"slug", "jsExecutionTracker", "submitSource", "submitDate", "buildDate", "uploadServerUrl", "eventObserver"}
    | {"event_id", "timeToSubmit", "temp_upload", "file_server", "validatedNewRequiredFieldIDs", "path", "website"}
)
_KINDS = {
    "control_email": AnswerKind.EMAIL,
    "control_phone": AnswerKind.PHONE,
    "control_number": AnswerKind.NUMBER,
    "control_datetime": AnswerKind.DATE,
    "control_dropdown": AnswerKind.CHOICE,
    "control_radio": AnswerKind.CHOICE,
    "control_checkbox": AnswerKind.CHOICE,
    "control_fileupload": AnswerKind.FILE,
}
_SILENT = frozenset({"control_head", "control_button", "control_pagebreak", "control_captcha", "control_image"})


class Options(LockedFetchOptions, ZonedOptions, HookedSourceOptions):
    form_id: str = Field("", pattern=FORM_ID, description="number of the form whose submissions are fetched")
    base_url: str = Field(
        "https://api.jotform.com",
        pattern=WEB,
        description="where the API lives; https://eu-api.jotform.com in the EU, https://hipaa-api.jotform.com",
    )
    page_size: int = Field(200, ge=1, le=1000, description="submissions for each call")
    zone: str = Field("America/New_York", description="time zone of the account: Settings, Time Zone")
    every: int = Field(900, ge=1, description="seconds between two fetches; calls are counted by the day")


def read_post(request: WebRequest) -> Read:
    fields, request = read_form(request, FormLimits(value=2**20))
    asked = json_inside(fields.get("rawRequest"))
    if not isinstance(asked, dict):
        raise Rejected("no rawRequest in it, or it is no JSON object")
    return {**fields, "rawRequest": asked}, request


def _answers(item: Json) -> Iterator[Answer]:
    """Posted: by name q3_email. Listed: by number, with what was asked."""
    for own, question in object_in(item, "answers").items():
        if isinstance(question, dict) and text_at(question, "type") not in _SILENT:
            kind = _KINDS.get(text_at(question, "type"), AnswerKind.TEXT)
            yield from _told(own, text_at(question, "text"), text_at(question, "name"), kind, question.get("answer"))
    raw = object_in(item, "rawRequest")
    uploads = {name: own for own, name in map(_parts, object_in(raw, "temp_upload"))}
    for key, value in raw.items():
        own, name = _parts(key)
        if own:
            yield from _told(own, "", name, AnswerKind.TEXT, value)
        elif key not in _NO_ANSWERS:  # an upload's links stand under its name alone
            kind = AnswerKind.FILE if key in uploads else AnswerKind.TEXT
            yield from _told(uploads.get(key, key), "", key, kind, value)


def _parts(key: str) -> tuple[str, str]:
    found = _QUESTION.fullmatch(key)
    return (found[1], found[2]) if found else ("", key)


def _told(own: str, label: str, name: str, kind: AnswerKind, value: Any) -> Iterator[Answer]:
    """Dates, times and phone numbers come in parts and are one answer; names and addresses stay in parts."""
    yield from one_answer(own, html.unescape(label), name, kind, _one_text(_unescaped(value)))


def _unescaped(value: Any) -> Any:
    if isinstance(value, str):
        return html.unescape(value)
    if isinstance(value, list):
        return [_unescaped(one) for one in value]
    return {name: _unescaped(one) for name, one in value.items()} if isinstance(value, dict) else value


def _one_text(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "timeInput" in value or "hourSelect" in value:
        given = text_in(value, "timeInput") or f"{text_in(value, 'hourSelect')}:{text_in(value, 'minuteSelect')}"
        return f"{given} {text_in(value, 'ampm')}".strip(" :")
    if {"year", "month", "day"} <= value.keys():
        return "-".join(filter(None, (text_in(value, part) for part in ("year", "month", "day"))))
    if "full" in value or {"area", "phone"} & value.keys():
        return text_in(value, "full") or " ".join(filter(None, (text_in(value, part) for part in _PHONE)))
    return value


_PHONE = ("country", "area", "phone")


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    began = (since - MARGIN).astimezone(ZoneInfo(options.zone)).strftime("%Y-%m-%d %H:%M:%S")
    wanted = orjson.dumps({"created_at:gt": began}).decode()

    def ask(offset: int) -> Sequence[Json]:
        params = {"filter": wanted, "orderby": "created_at", "limit": str(options.page_size), "offset": str(offset)}
        found = api.get(f"submissions of form {options.form_id}", f"/form/{options.form_id}/submissions", params)
        return rows_in(found, "content")

    return by_offset(ask)


def _questions(api: ListApi, options: Options) -> Mapping[str, Question]:
    """For posts, which carry no words of the questions."""
    found = api.get(f"questions of form {options.form_id}", f"/form/{options.form_id}/questions")
    return {
        own: Question(html.unescape(text_at(one, "text")), _KINDS.get(text_at(one, "type"), AnswerKind.TEXT))
        for own, one in object_in(found, "content").items()
        if text_at(one, "type") not in _SILENT
    }


def _login(options: Options) -> Mapping[str, str]:
    return {"apikey": options.api_token.get_secret_value() if options.api_token else ""}


HOOKS = HookApi(
    "/form/{form_id}/webhooks",
    items="content",
    address="webhookURL",
    addresses=True,
    as_form=True,
    needs={"form_id": "a webhook belongs to a form"},
)
"""https://api.jotform.com/docs/#form-id-webhooks: addresses and nothing else, so none is ever off."""

plugin = Plugin(
    Options,
    partial(
        Subscribed,
        Posting(
            "jotform",
            answers=_answers,
            read=read_post,
            takes=FORM_TYPES,
            ours=lambda item: text_at(item, "status") != "DELETED",
            id=("submissionID", "id"),
            time=("rawRequest.submitDate", "created_at"),
            form_id=("formID", "form_id"),
            form_name=("formTitle",),
            zone=zone_of,
        ),
        Listing(_pages, headers=_login, questions=_questions),
        HOOKS,
    ),
    About(
        "Jotform",
        link="https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/",
        setup=(
            "In the form: Settings, Integrations, Webhooks; put {url} in as the address, a token in it.",
            "Or let `syncd hooks create <source>` put it in: that takes a key with full access as `api_token`.",
            "To fetch what was missed, and what was asked: an API key (Settings, API; read only) as `api_token`.",
            "The form's number is `form_id`, the account's time zone is `zone`.",
        ),
        missed="All submissions of the form, by the API, under the webhook's own ids.",
        tested=(
            "Bodies of our own after a captured and a published one; the zone of times is from memory. Its webhooks: a "
            "fake after the API's documentation."
        ),
        notes=(
            "Jotform signs nothing and is not known to send again: set a token, and let what it missed be fetched.",
            "Calls to the API are counted by the day (1,000 on the free plan): `every` is 15 minutes.",
        ),
    ),
)
