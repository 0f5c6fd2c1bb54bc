"""Gravity Forms for WordPress: https://docs.gravityforms.com/rest-api-v2/ and its Webhooks add-on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import orjson

from connectors.sources.posted.options import FORM_ID, LockedFetchOptions
from connectors.sources.posted.php_values import unserialized
from connectors.sources.posted.wordpress import GET_IS_SHORT
from syncd.connector import (
    ANY_METHOD,
    FORM_TYPES,
    JSON_TYPE,
    About,
    Answer,
    AnswerKind,
    Field,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    Question,
    basic,
    by_number,
    json_inside,
    list_in,
    named,
    objects_in,
    read_any,
    rows_in,
    text_at,
)

_ABOUT_THE_ENTRY = frozenset(
    {"id", "form_id", "form_title", "post_id", "date_created", "date_updated", "is_starred", "is_read", "ip"}
    | {"source_url", "source_id", "user_agent", "currency", "payment_status", "payment_date", "payment_amount"}
    | {"payment_method", "transaction_id", "transaction_type", "is_fulfilled", "created_by", "status"}
    | {"submission_speeds"}
)
_KINDS = {
    "email": AnswerKind.EMAIL,
    "phone": AnswerKind.PHONE,
    "website": AnswerKind.URL,
    "number": AnswerKind.NUMBER,
    "date": AnswerKind.DATE,
    "select": AnswerKind.CHOICE,
    "multiselect": AnswerKind.CHOICE,
    "radio": AnswerKind.CHOICE,
    "checkbox": AnswerKind.CHOICE,
    "fileupload": AnswerKind.FILE,
    "hidden": AnswerKind.HIDDEN,
}
ANY_ZONE = timedelta(days=1)
"""In which zone the site reads start_date is not told."""


class Options(LockedFetchOptions):
    form_id: str = Field("", pattern=FORM_ID, description="number of the form whose entries are fetched")
    base_url: str = Field(
        "https://example.com/wp-json/gf/v2",
        pattern=r"^https?://",
        description="where the site's API lives: https://<site>/wp-json/gf/v2",
    )
    api_key: str = Field("", description="consumer key (ck_...) of the REST API; its consumer secret is api_token")
    page_size: int = Field(100, ge=1, le=200, description="entries for each call")


def _key(item: Json, options: Options) -> str:
    """Every site counts its entries from 1: where the form stands, or else the site whose API is asked."""
    own = text_at(item, "id")
    site = _host(text_at(item, "source_url")) or _host(options.base_url)
    return f"{site}:{own}" if own else ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _answers(item: Json) -> Iterator[Answer]:
    """Under numbers ("1.3") where all fields are sent, else under the names that somebody chose."""
    boxes = set(_ticked(item))
    of_boxes = {f"{box}.{part}" for box in boxes for part in (1, 2, 3)}
    unfolded = {name: _unfolded(value) for name, value in item.items() if name not in of_boxes}
    yield from named("", skip=_ABOUT_THE_ENTRY)(unfolded)
    for box in sorted(boxes):
        yield Answer(f"{box}.1", "yes", text_at(item, f"{box}.2"), "", AnswerKind.CONSENT)


def _ticked(item: Json) -> Iterator[str]:
    """Boxes of consent that are ticked, by what they leave: "1", the text that was agreed to, the form's revision.

    One that is not ticked leaves nothing, as does any field without an answer.
    """
    for name, value in item.items():
        own, dot, part = name.rpartition(".")
        text, revision = text_at(item, f"{own}.2"), text_at(item, f"{own}.3")
        if dot and part == "1" and str(value) == "1" and revision.isdecimal() and _LETTER.search(text):
            yield own


_LETTER = re.compile(r"[^\W\d_]")


def _unfolded(value: object) -> object:
    """Several choices and lists come inside a text: as JSON, as PHP writes them, or joined by commas, which stay."""
    inner = json_inside(value)
    if isinstance(inner, list):
        return inner
    written = unserialized(value) if isinstance(value, str) else None
    return value if written is None else written


def _no_lead(item: Json) -> str:
    return "marked as spam by Gravity Forms" if text_at(item, "status") == "spam" else ""


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    began = (since - ANY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    wanted = orjson.dumps({"start_date": began, "status": "active"}).decode()

    def ask(page: int) -> Sequence[Json]:
        params = {
            "form_ids[0]": options.form_id,
            "search": wanted,
            "sorting[key]": "date_created",
            "sorting[direction]": "ASC",
            "paging[page_size]": str(options.page_size),
            "paging[current_page]": str(page),
        }
        return rows_in(api.get(f"entries of form {options.form_id}", "/entries", params), "entries")

    return by_number(ask, options.page_size, first=1, step=1)


def _questions(api: ListApi, options: Options) -> Mapping[str, Question]:
    """A field with parts has an id for each; a box of consent says in its first part whether it is ticked."""
    found: dict[str, Question] = {}
    for field in objects_in(list_in(api.get(f"form {options.form_id}", f"/forms/{options.form_id}"), "fields")):
        own, label, kind = text_at(field, "id"), text_at(field, "label"), text_at(field, "type")
        if kind == "consent":
            found[f"{own}.1"] = Question(text_at(field, "checkboxLabel") or label, AnswerKind.CONSENT)
            continue
        for part in objects_in(list_in(field, "inputs")):
            words = label if kind == "checkbox" else f"{label} {text_at(part, 'label')}"
            found[text_at(part, "id")] = Question(words.strip(), _KINDS.get(kind, AnswerKind.TEXT))
        found[own] = Question(label, _KINDS.get(kind, AnswerKind.TEXT))
    return found


def _login(options: Options) -> Mapping[str, str]:
    return basic(options.api_key, options.api_token)


plugin = Plugin(
    Options,
    partial(
        Listed,
        Posting(
            "gravity_forms",
            answers=_answers,
            read=read_any,
            takes=(JSON_TYPE, *FORM_TYPES),
            methods=ANY_METHOD,
            ours=lambda item: text_at(item, "status") != "trash",
            key=_key,
            time=("date_created",),
            form_id=("form_id",),
            form_name=("form_title",),
            page_url=("source_url",),
            user_agent=("user_agent",),
            no_lead=_no_lead,
        ),
        Listing(_pages, headers=_login, oldest_first=True, questions=_questions),
    ),
    About(
        "Gravity Forms",
        link="https://docs.gravityforms.com/category/add-ons-gravity-forms/webhooks-add-on/",
        setup=(
            "Webhooks add-on; in the form: Settings, Webhooks, Add New: {url}, a token in it, POST, JSON, All Fields.",
            "To fetch what was missed, and what was asked: Forms, Settings, REST API; add a key that may read.",
            "It is `api_key` and `api_token`; `base_url` is https://<site>/wp-json/gf/v2.",
        ),
        missed="All active entries of the form, by REST API v2, under the webhook's own ids.",
        tested="Bodies of our own after published entries and a form's definition.",
        notes=(
            'Answers come under numbers: without `api_token` name them in `map` (first_name: "1.3").',
            "What is marked as spam is kept in quarantine with that reason.",
            GET_IS_SHORT,
        ),
        example={
            "token": "${GRAVITY_TOKEN}",
            "base_url": "https://www.acme.example/wp-json/gf/v2",
            "form_id": '"47"',
            "api_key": "ck_0123456789",
            "api_token": "${GRAVITY_SECRET}",
        },
    ),
)
