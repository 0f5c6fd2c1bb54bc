"""Wufoo: https://wufoo.github.io/docs/ and https://help.surveymonkey.com/en/wufoo/integrations/webhooks/"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from connectors.sources.posted.options import FORM_ID, ProvenFetchOptions, ZonedOptions, zone_of
from syncd.connector import (
    FORM_TYPES,
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
    asked,
    basic,
    by_offset,
    json_inside,
    key_inside,
    list_in,
    named,
    objects_in,
    read_form,
    rows_in,
    text_at,
)

_FIELD = re.compile(r"Field[0-9]{1,6}")
_KINDS = {
    "email": AnswerKind.EMAIL,
    "phone": AnswerKind.PHONE,
    "url": AnswerKind.URL,
    "number": AnswerKind.NUMBER,
    "money": AnswerKind.NUMBER,
    "date": AnswerKind.DATE,
    "eurodate": AnswerKind.DATE,
    "select": AnswerKind.CHOICE,
    "radio": AnswerKind.CHOICE,
    "checkbox": AnswerKind.CHOICE,
    "file": AnswerKind.FILE,
}


class Options(ProvenFetchOptions, ZonedOptions):
    form_id: str = Field(
        min_length=1,
        pattern=FORM_ID,
        description="hash of the form: each numbers its entries anew",
    )
    base_url: str = Field(
        "https://wufoo.com/api/v3",
        pattern=r"^https?://",
        description="where the API lives: https://<your account>.wufoo.com/api/v3",
    )
    page_size: int = Field(100, ge=1, le=100, description="entries for each call")


def _answers(item: Json) -> Iterator[Answer]:
    """FieldN=value; with metadata on, the structure says what was asked."""
    given = {name: value for name, value in item.items() if _FIELD.fullmatch(name)}
    for one in objects_in(json_inside(item.get("Fields"))):
        given.setdefault(text_at(one, "ID"), one.get("Value"))
    structure = json_inside(item.get("FieldStructure"))
    return asked(named()(given), _questions(objects_in(list_in(structure, "Fields"))))


def _questions(fields: Sequence[Json]) -> Mapping[str, Question]:
    """A name and an address are several fields with consecutive ids, each with a label of its own."""
    found: dict[str, Question] = {}
    for field in fields:
        title, kind = text_at(field, "Title"), _KINDS.get(text_at(field, "Type").lower(), AnswerKind.TEXT)
        parts = objects_in(list_in(field, "SubFields"))
        for part in parts:
            found[text_at(part, "ID")] = Question(f"{title} {text_at(part, 'Label')}".strip(), kind)
        if not parts:
            found[text_at(field, "ID")] = Question(title, kind)
    return found


def _key(item: Json, options: Options) -> str:
    """Entries are numbered from 1 in every form."""
    entry = text_at(item, "EntryId")
    form = text_at(json_inside(item.get("FormStructure")), "Hash") or options.form_id
    return f"{form}:{entry}" if entry else ""


def _login(options: Options) -> Mapping[str, str]:
    """The key is the user's name, and any password does."""
    return basic(options.api_token.get_secret_value() if options.api_token else "", None)


def _pages(api: ListApi, options: Options, _since: datetime) -> Iterator[Sequence[Json]]:
    def ask(offset: int) -> Sequence[Json]:
        params = {
            "pageStart": str(offset),
            "pageSize": str(options.page_size),
            "sort": "EntryId",
            "sortDirection": "DESC",
        }
        found = api.get(f"entries of form {options.form_id}", f"/forms/{options.form_id}/entries.json", params)
        return rows_in(found, "Entries")

    return by_offset(ask)


def _asked(api: ListApi, options: Options) -> Mapping[str, Question]:
    found = api.get(f"fields of form {options.form_id}", f"/forms/{options.form_id}/fields.json")
    return _questions(rows_in(found, "Fields"))


def _with_structure(item: Json) -> Json:
    structure = json_inside(item.get("FormStructure"))
    return {**item, "_form": structure} if isinstance(structure, dict) else item


plugin = Plugin(
    Options,
    partial(
        Listed,
        Posting(
            "wufoo",
            answers=_answers,
            proof=key_inside("HandshakeKey"),
            read=read_form,
            takes=FORM_TYPES,
            unwrap=_with_structure,
            key=_key,
            time=("DateCreated",),
            form_id=("_form.Hash",),
            form_name=("_form.Name",),
            zone=zone_of,
        ),
        Listing(_pages, headers=_login, newest_first=True, questions=_asked),
    ),
    About(
        "Wufoo",
        link="https://help.surveymonkey.com/en/wufoo/integrations/webhooks/",
        setup=(
            "In the form: More, Notifications, Send to Another App, WebHook; put {url} in as the address.",
            "Put a handshake key in there; it is `secret` here. Tick Include Field and Form Structures.",
            "More, API Information shows the form's hash (`form_id`), and the key to fetch by (`api_token`).",
            "Say the account's time zone as `zone`: Wufoo writes local times.",
        ),
        missed="All entries of the form, by the API, under the webhook's own numbers.",
        tested="Bodies of our own after the documentation; that its times are local is from memory.",
        notes=("Wufoo's API adds webhooks and tells of none: whether one is still there, only its own page shows.",),
        example={
            "secret": "${WUFOO_KEY}",
            "form_id": "z5pkt3w03lj0nv",
            "base_url": "https://acme.wufoo.com/api/v3",
            "api_token": "${WUFOO_API_KEY}",
            "zone": "Europe/Berlin",
        },
    ),
)
