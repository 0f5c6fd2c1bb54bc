"""Formidable Forms for WordPress and its API add-on: https://formidableforms.com/knowledgebase/formidable-api/

https://strategy11.github.io/formidable-forms-rest-api-docs/ tells how entries are listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from connectors.sources.posted.options import FORM_ID, LockedFetchOptions
from connectors.sources.posted.wordpress import ONE_SITE, read_brackets
from syncd.connector import (
    FORM_TYPES,
    JSON_TYPE,
    About,
    Field,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    Read,
    WebRequest,
    basic,
    by_number,
    json_inside,
    named,
    object_in,
    objects_in,
    text_at,
)

_COLUMNS = frozenset({"id", "item_key", "form_id", "created_at", "updated_at", "user_id", "is_draft", "meta"})
_OF_ITS_OWN = frozenset({"name", "description", "ip", "post_id", "updated_by", "parent_item_id"})
_OF_A_TEMPLATE = frozenset({"item_id", "key", "form_key"})


class Options(LockedFetchOptions):
    form_id: str = Field("", pattern=FORM_ID, description="number of the form whose entries are fetched")
    base_url: str = Field(
        "https://example.com/wp-json/frm/v2",
        pattern=r"^https?://",
        description="where the site's API lives: https://<site>/wp-json/frm/v2",
    )
    page_size: int = Field(100, ge=1, le=1000, description="entries for each call")


def _read(request: WebRequest) -> Read:
    """An entry comes as a list of one, which as fields of a form is numbered."""
    body, request = read_brackets(request)
    numbered = isinstance(body, dict) and body and all(name.isdecimal() for name in body)
    return (list(body.values()) if numbered else body), request


def _unwrapped(item: Json) -> Json:
    """With all answers in `meta`: the API has them there, what is posted has them beside the entry's own columns.

    Only a whole entry has a name and a description of its own, which nobody was asked for: in the latter stands where
    the visitor was. Times of a template are the site's, in no zone.
    """
    whole = "item_key" in item and "parent_item_id" in item
    visit = json_inside(item.get("description")) if whole else None
    about = {"_page": text_at(visit, "referrer"), "_agent": text_at(visit, "browser")}
    own = _COLUMNS | _OF_A_TEMPLATE | (_OF_ITS_OWN if whole else frozenset({"ip", "post_id"}))
    found = object_in(item, "meta") or {name: value for name, value in item.items() if name not in own}
    at = {"created_at": None} if "item_id" in item else {}
    return {**item, **about, **at, "meta": _as_shown(found)}


def _as_shown(meta: Json) -> Json:
    """Beside what people read stands what is stored, where that differs."""
    return {name: value for name, value in meta.items() if name.removesuffix("-value") == name or name[:-6] not in meta}


def _ours(item: Json) -> bool:
    """Neither a draft nor what the button that tests the connection sends."""
    return str(item.get("is_draft") or "0") == "0" and item != {"test": True}


def _pages(api: ListApi, options: Options, _since: datetime) -> Iterator[Sequence[Json]]:
    """An object by the entries' keys, or a list."""

    def ask(page: int) -> Sequence[Json]:
        params = {"page": str(page), "page_size": str(options.page_size), "order": "DESC", "order_by": "created_at"}
        found = api.get(f"entries of form {options.form_id}", f"/forms/{options.form_id}/entries", params)
        return objects_in(list(found.values()) if isinstance(found, dict) else found)

    return by_number(ask, 1, first=1, step=1)


def _login(options: Options) -> Mapping[str, str]:
    """The key is the user's name, and any password does."""
    return basic(options.api_token.get_secret_value() if options.api_token else "", None)


plugin = Plugin(
    Options,
    partial(
        Listed,
        Posting(
            "formidable",
            answers=named("meta"),
            read=_read,
            takes=(JSON_TYPE, *FORM_TYPES),
            methods=("PUT", "PATCH"),
            unwrap=_unwrapped,
            ours=_ours,
            id=("id", "item_id", "item_key", "key"),
            time=("created_at",),
            form_id=("form_id",),
            page_url=("_page",),
            user_agent=("_agent",),
        ),
        Listing(_pages, headers=_login, newest_first=True),
    ),
    About(
        "Formidable Forms",
        link="https://formidableforms.com/knowledgebase/formidable-api/",
        setup=(
            "API add-on; in the form: Settings, Actions & Notifications, Send API Data: {url}, a token in it, JSON.",
            "A login beside the token: user:password in its box for Basic Auth is `basic` here.",
            "To fetch what was missed: Formidable, Global Settings, API: the key is `api_token`.",
            "The form's number is `form_id`, `base_url` is https://<site>/wp-json/frm/v2.",
        ),
        missed="All entries of the form, by REST API v2, under the webhook's own ids.",
        tested="Bodies of our own after the add-on's source and its API's reference; no capture was seen.",
        notes=("Where the body is of your own making, send id and form_id along.", ONE_SITE),
        example={
            "token": "${FORMIDABLE_TOKEN}",
            "base_url": "https://www.acme.example/wp-json/frm/v2",
            "form_id": '"4"',
            "api_token": "${FORMIDABLE_KEY}",
        },
    ),
)
