"""Unbounce: https://documentation.unbounce.com/hc/en-us/articles/203510044-Using-a-Webhook"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial

from connectors.sources.posted.options import FORM_ID, WEB, LockedFetchOptions
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
    basic,
    by_offset,
    in_utc,
    json_inside,
    moment_of,
    named,
    object_in,
    read_any,
    rows_in,
    text_at,
)

_ABOUT_THE_PAGE = frozenset(
    {"ip_address", "page_uuid", "page_id", "page_url", "page_name", "variant", "date_submitted", "time_submitted"}
)


class Options(LockedFetchOptions):
    form_id: str = Field("", pattern=FORM_ID, description="id of the page whose leads are fetched")
    base_url: str = Field("https://api.unbounce.com", pattern=WEB, description="where the API lives")
    page_size: int = Field(500, ge=1, le=1000, description="leads for each call")


def _with_fields(item: Json) -> Json:
    """Every value in `data.json` is a list; the time is two of them, in UTC."""
    fields = object_in(item, "fields") or json_inside(item.get("data.json")) or object_in(item, "data")
    if not isinstance(fields, dict):
        return item
    day, hour = text_at(fields, "date_submitted"), text_at(fields, "time_submitted")
    return {**item, "fields": fields, "_at": text_at(item, "created_at") or f"{day} {hour}".strip()}


_TWO_PARTS = re.compile(r"([0-9-]{10}) ([0-9]{1,2}:[0-9]{2} [AP]M) UTC")


def _time(text: str, zone: tzinfo) -> datetime | None:
    """2026-03-02 11:45 AM UTC, or ISO 8601."""
    if parts := _TWO_PARTS.fullmatch(text):
        with contextlib.suppress(ValueError):
            return datetime.strptime(f"{parts[1]} {parts[2]}", "%Y-%m-%d %I:%M %p").replace(tzinfo=UTC)
    return moment_of(text, zone)


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    """Made what the webhook posts: of it there is no id, so what people wrote has to be the same."""

    def ask(offset: int) -> Sequence[Json]:
        params = {
            "from": in_utc(since),
            "sort_order": "asc",
            "count": str(options.page_size),
            "offset": str(offset),
        }
        found = api.get(f"leads of page {options.form_id}", f"/pages/{options.form_id}/leads", params)
        return [_as_posted(one, options) for one in rows_in(found, "leads")]

    return by_offset(ask)


def _as_posted(one: Json, options: Options) -> Json:
    known = object_in(one, "extra_data")
    return {
        "page_id": options.form_id,
        "page_url": text_at(known, "page_url"),
        "fields": object_in(one, "form_data"),
        "created_at": text_at(one, "created_at"),
    }


def _login(options: Options) -> Mapping[str, str]:
    """The key is the user's name; no password."""
    key = options.api_token.get_secret_value() if options.api_token else ""
    return {**basic(key, None), "accept": "application/vnd.unbounce.api.v0.4+json"}


plugin = Plugin(
    Options,
    partial(
        Listed,
        Posting(
            "unbounce",
            answers=named("fields", skip=_ABOUT_THE_PAGE),
            read=read_any,
            takes=(JSON_TYPE, *FORM_TYPES),
            unwrap=_with_fields,
            time=("_at",),
            form_id=("page_id", "fields.page_uuid"),
            form_name=("page_name", "fields.page_name"),
            page_url=("page_url", "fields.page_url"),
            moment=_time,
        ),
        Listing(_pages, headers=_login),
    ),
    About(
        "Unbounce",
        link="https://documentation.unbounce.com/hc/en-us/articles/203510044-Using-a-Webhook",
        setup=(
            "On the page: Integrations, Webhooks, Add: POST to URL {url}, a token in it.",
            "To fetch what was missed: an API key as `api_token`, the page's id as `form_id`.",
        ),
        missed="All leads of the page, by the API. A post has no id: equal content within 24 hours is one submission.",
        tested="Bodies of our own after a captured one; the API's list is from memory.",
        notes=("That a lead reads the same in a post and in the list is from memory: see that nothing comes twice.",),
    ),
)
