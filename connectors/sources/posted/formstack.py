"""Formstack: https://developers.formstack.com/reference/webhooks"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sources.posted.options import FORM_ID, WEB, ProvenFetchOptions
from syncd.connector import (
    FORM_TYPES,
    JSON_TYPE,
    About,
    Answer,
    AnswerKind,
    Field,
    HookApi,
    HookedSourceOptions,
    Json,
    ListApi,
    Listing,
    Plugin,
    Posting,
    Question,
    Signature,
    Subscribed,
    by_number,
    named,
    objects_in,
    one_answer,
    read_any,
    rows_in,
    signed_or_key_inside,
    text_at,
)

SIGNATURES = tuple(Signature("x-fs-signature", prefix=prefix) for prefix in ("sha256=", ""))
EASTERN = ZoneInfo("America/New_York")
"""Of every time in the API."""
MARGIN = timedelta(hours=1)
"""In autumn an hour of the clock is there twice."""

_KINDS = {
    "email": AnswerKind.EMAIL,
    "phone": AnswerKind.PHONE,
    "number": AnswerKind.NUMBER,
    "datetime": AnswerKind.DATE,
    "select": AnswerKind.CHOICE,
    "radio": AnswerKind.CHOICE,
    "checkbox": AnswerKind.CHOICE,
    "file": AnswerKind.FILE,
}


class Options(ProvenFetchOptions, HookedSourceOptions):
    form_id: str = Field("", pattern=FORM_ID, description="number of the form whose submissions are fetched")
    base_url: str = Field("https://www.formstack.com/api/v2", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="submissions for each call")


def _answers(item: Json) -> Iterator[Answer]:
    """Posted: by label, id or key, as the webhook is set. Listed: by id, with the parts of names and addresses."""
    listed = item.get("data")
    if not isinstance(listed, dict | list):
        yield from named("", skip=("FormID", "UniqueID", "HandshakeKey"))(_plain(item))
        return
    for field in objects_in(list(listed.values()) if isinstance(listed, dict) else listed):
        kind = _KINDS.get(text_at(field, "type").lower(), AnswerKind.TEXT)
        yield from one_answer(text_at(field, "field", "id"), text_at(field, "label"), "", kind, field.get("value"))


def _plain(item: Json) -> Json:
    """Some webhooks send each value in an object that says its type."""

    def value_of(value: Any) -> Any:
        wrapped = isinstance(value, dict) and "value" in value and value.keys() <= {"value", "field_type", "type"}
        return value["value"] if wrapped else value

    return {name: value_of(value) for name, value in item.items()}


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    def ask(page: int) -> Sequence[Json]:
        params = {
            "data": "1",
            "expand_data": "1",
            "min_time": in_local(since - MARGIN),
            "page": str(page),
            "per_page": str(options.page_size),
        }
        found = api.get(f"submissions of form {options.form_id}", f"/form/{options.form_id}/submission.json", params)
        return [{"FormID": options.form_id, **one} for one in rows_in(found, "submissions")]

    return by_number(ask, options.page_size, first=1, step=1)


def in_local(moment: datetime) -> str:
    return moment.astimezone(EASTERN).strftime("%Y-%m-%d %H:%M:%S")


def _questions(api: ListApi, options: Options) -> Mapping[str, Question]:
    found = api.get(f"fields of form {options.form_id}", f"/form/{options.form_id}/field.json")
    return {
        text_at(one, "id"): Question(text_at(one, "label"), _KINDS.get(text_at(one, "type").lower(), AnswerKind.TEXT))
        for one in rows_in(found, "fields")
    }


HOOKS = HookApi(
    "/form/{form_id}/webhook.json",
    items="webhooks",
    key_at="handshake_key",
    change=("PUT", "/webhook/{id}.json"),
    needs={"form_id": "a webhook belongs to a form"},
    words=("error",),
)
"""https://developers.formstack.com/reference/form-id-webhook-post: there is no switch by which one is off."""

plugin = Plugin(
    Options,
    partial(
        Subscribed,
        Posting(
            "formstack",
            answers=_answers,
            proof=signed_or_key_inside(SIGNATURES, "HandshakeKey"),
            read=read_any,
            takes=(JSON_TYPE, *FORM_TYPES),
            id=("UniqueID", "id"),
            time=("timestamp",),
            form_id=("FormID",),
            user_agent=("user_agent",),
            zone=lambda _: EASTERN,
        ),
        Listing(_pages, questions=_questions),
        HOOKS,
    ),
    About(
        "Formstack",
        link="https://developers.formstack.com/reference/webhooks",
        setup=(
            "In the form: Settings, Emails & Actions, Add a Webhook; put {url} in as the address.",
            "Set a shared secret or an HMAC key there; it is `secret` here. Either is checked.",
            "Choose to send field IDs, or see that no two labels are equal: only the last of them survives.",
            "To fetch what was missed: an access token as `api_token`, the form's number as `form_id`.",
            "With these `syncd hooks create <source>` makes the webhook, with your secret as the shared one.",
        ),
        missed="All submissions of the form, by the API, under the webhook's own ids. Its times are US Eastern.",
        tested=(
            "Bodies of our own after a published one; the signature's prefix and the API's lists, that of webhooks "
            "too, are from memory."
        ),
        notes=(
            "A webhook has no time of submission; that it comes without one is no fault.",
            "One that `syncd hooks create` makes sends labels: choose field IDs in the form where two are equal.",
        ),
    ),
)
