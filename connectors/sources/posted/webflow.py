"""Webflow: https://developers.webflow.com/data/docs/working-with-webhooks"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from connectors.sources.posted.options import FORM_ID, WEB, ProvenFetchOptions
from syncd.connector import (
    About,
    Field,
    HookApi,
    HookedSourceOptions,
    Json,
    ListApi,
    Listing,
    Plugin,
    Posting,
    Rejected,
    Signature,
    Subscribed,
    Unauthenticated,
    WebRequest,
    from_either_end,
    json_bytes,
    json_value,
    named,
    number_of,
    object_in,
    one_of,
    proved_by,
    rows_in,
    text_at,
    verify,
)

SIGNATURE = Signature("x-webflow-signature", template="{timestamp}:{body}", timestamp_header="x-webflow-timestamp")
TRIGGER = "form_submission"
_DOT = "\uff0e"
"""What Webflow makes of a dot in the name of a field."""


class Options(ProvenFetchOptions, HookedSourceOptions):
    site_id: str = Field("", pattern=FORM_ID, description="id of the site, to look at its webhooks")
    form_id: str = Field("", pattern=FORM_ID, description="id of the form whose submissions are fetched")
    base_url: str = Field("https://api.webflow.com/v2", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="submissions for each call")


def _verify(options: Options, request: WebRequest) -> None:
    """Over the raw bytes, or over the same JSON written compactly, as Webflow's own examples have it."""
    try:
        verify(SIGNATURE, options.keys, request)
    except Unauthenticated:
        compact = _compact(request.body) if request.header(SIGNATURE.header) else b""
        if not compact or compact == request.body:
            raise
        verify(SIGNATURE, options.keys, replace(request, body=compact))


def _compact(body: bytes) -> bytes:
    try:
        return json_bytes(json_value(body))
    except Rejected:
        return b""


def _submitted(item: Json) -> Json:
    """What is in the envelope; hooks of the first version have none of these names."""
    inner = object_in(item, "payload")
    return inner or {**item, "id": item.get("_id"), "submittedAt": item.get("d"), "siteId": item.get("site")}


def _labels(item: Json) -> Mapping[str, str]:
    return {name: name.replace(_DOT, ".") for name in object_in(item, "data") if _DOT in name}


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    """In an order that is not told; made what the webhook posts."""

    def ask(offset: int) -> tuple[Sequence[Json], int]:
        params = {"limit": str(options.page_size), "offset": str(offset)}
        found = api.get(f"submissions of form {options.form_id}", f"/forms/{options.form_id}/submissions", params)
        items = [_as_posted(one, options) for one in rows_in(found, "formSubmissions")]
        return items, int(number_of(text_at(found, "pagination.total")) or len(items))

    return from_either_end(ask, lambda item: text_at(item, "payload.submittedAt"), since)


def _as_posted(one: Json, options: Options) -> Json:
    return {
        "triggerType": TRIGGER,
        "payload": {
            "name": text_at(one, "displayName"),
            "siteId": text_at(one, "siteId"),
            "data": object_in(one, "formResponse"),
            "submittedAt": text_at(one, "dateSubmitted"),
            "id": text_at(one, "id"),
            "formId": options.form_id,
        },
    }


SUBMISSION = Posting(
    "webflow",
    answers=named("data", labels=_labels),
    proof=proved_by(_verify),
    ours=one_of("triggerType", [TRIGGER]),
    unwrap=_submitted,
    id=("id",),
    time=("submittedAt",),
    form_id=("formId",),
    form_name=("name",),
)


HOOKS = HookApi(
    "/sites/{site_id}/webhooks",
    items="webhooks",
    body=lambda _api, _options: {"triggerType": TRIGGER},
    ours=lambda hook, _options: text_at(hook, "triggerType") == TRIGGER,
    own_key=True,
    needs={"site_id": "webhooks belong to a site"},
)
"""https://developers.webflow.com/data/reference/webhooks/list: one that is switched off is not listed."""

plugin = Plugin(
    Options,
    partial(Subscribed, SUBMISSION, Listing(_pages), HOOKS),
    About(
        "Webflow",
        link="https://developers.webflow.com/data/docs/working-with-webhooks",
        setup=(
            "Made by the API (POST /v2/sites/<site>/webhooks, form_submission): signed; its secretKey is `secret`.",
            "Made by `syncd hooks create <source>`: for a source with a `token`, `site_id` and a key for webhooks.",
            "Made in the dashboard (Site settings, Apps & integrations, Webhooks): unsigned; put a token into {url}.",
            "To fetch what was missed: a site token with forms:read as `api_token`, the form's id as `form_id`.",
        ),
        missed="All submissions of the form, by the API, under the webhook's own ids.",
        tested="Bodies of our own after published ones, signature vectors; the list may have either order.",
        notes=(
            "Webflow gives up after 3 retries, and switches off a hook that fails again and again.",
            "With `secret` set, an unsigned post is refused: use a source of its own for a hook of the dashboard.",
            "`syncd hooks create` makes one that is known by the `token` in its address: its key is told but once.",
            "Webhooks of the dashboard are not told by the API: leave `site_id` empty for them.",
        ),
    ),
)
