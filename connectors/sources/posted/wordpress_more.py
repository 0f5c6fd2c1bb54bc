"""More form plugins of WordPress."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from connectors.sources.posted.options import FORM_ID, LockedFetchOptions, ZonedOptions, zone_of
from connectors.sources.posted.wordpress import GET_IS_SHORT, NOTHING, ONE_SITE, UNSEEN, Options, read_brackets
from syncd.connector import (
    ANY_METHOD,
    FORM_TYPES,
    JSON_TYPE,
    About,
    Field,
    Json,
    ListApi,
    Listed,
    Listing,
    LockedSourceOptions,
    Plugin,
    Posted,
    Posting,
    Read,
    WebRequest,
    basic,
    by_number,
    json_inside,
    named,
    object_in,
    objects_in,
)

# Fluent Forms: https://fluentforms.com/docs/webhook-integration/


class FluentOptions(ZonedOptions, LockedSourceOptions):
    pass


fluent_forms = Plugin(
    FluentOptions,
    partial(
        Posted,
        Posting(
            "fluent_forms",
            answers=named(
                "",
                skip=("serial_number", "form_id", "form_title", "submission_id"),
                boxes=("gdpr-agreement", "gdpr_agreement", "terms-n-condition", "terms_n_condition"),
            ),
            read=read_brackets,
            takes=(JSON_TYPE, *FORM_TYPES),
            methods=ANY_METHOD,
            id=("__submission.id", "submission_id"),
            time=("__submission.created_at",),
            zone=zone_of,
            form_id=("__submission.form_id", "form_id"),
            form_name=("form_title",),
            page_url=("__submission.source_url",),
            user_agent=("__submission.browser",),
        ),
    ),
    About(
        "Fluent Forms",
        link="https://fluentforms.com/docs/webhook-integration/",
        setup=(
            "Fluent Forms Pro, Integrations, WebHook; in the form: Settings, WebHook: {url}, a token in it.",
            "Request Method POST, Request Format JSON, Request Body All Data.",
            "Its times are of the site's own zone: Settings, General, Timezone is `zone` here.",
        ),
        missed="Nothing by itself: the plugin has no list for others. What failed can be run again from its API log.",
        tested=f"{UNSEEN} That its times are the site's own is from the plugin's source.",
        notes=(
            "With Selected Fields send submission_id along, or equal content within 24 hours is one submission.",
            ONE_SITE,
            GET_IS_SHORT,
        ),
    ),
)


# Ninja Forms: https://ninjaforms.com/docs/webhooks/


def _read_ninja(request: WebRequest) -> Read:
    """Arguments, or JSON with all of them in it: in one of them, or as a body that is not told to be JSON."""
    if request.body.lstrip().startswith(b"{"):
        request = replace(request, headers={**request.headers, "content-type": JSON_TYPE})
    body, request = read_brackets(request)
    if isinstance(body, dict) and len(body) == 1:
        inner = json_inside(next(iter(body.values())))
        return (inner if isinstance(inner, dict) else body), request
    return body, request


ninja_forms = Plugin(
    Options,
    partial(
        Posted,
        Posting(
            "ninja_forms",
            answers=named("", skip=("form_id", "form_title", "sub_id", "seq_num", "submission_id")),
            read=_read_ninja,
            takes=(JSON_TYPE, *FORM_TYPES),
            methods=("GET",),
            id=("sub_id", "submission_id"),
            form_id=("form_id",),
            form_name=("form_title",),
        ),
    ),
    About(
        "Ninja Forms",
        link="https://ninjaforms.com/docs/webhooks/",
        setup=(
            "Webhooks add-on; in the form: Emails & Actions, WebHooks: Remote URL {url}, a token in it, method POST.",
            "Args: a telling name for each field, and sub_id from the merge tag {sub:id}.",
        ),
        missed=NOTHING,
        tested="Bodies of our own after the add-on's source; no capture was seen.",
        notes=("Without sub_id, equal content within 24 hours is one submission.", ONE_SITE, GET_IS_SHORT),
    ),
)


# Formidable Forms: https://formidableforms.com/knowledgebase/formidable-api/


class FormidableOptions(LockedFetchOptions):
    form_id: str = Field("", pattern=FORM_ID, description="number of the form whose entries are fetched")
    base_url: str = Field(
        "https://example.com/wp-json/frm/v2",
        pattern=r"^https?://",
        description="where the site's API lives: https://<site>/wp-json/frm/v2",
    )
    page_size: int = Field(100, ge=1, le=1000, description="entries for each call")


def _formidable_pages(api: ListApi, options: FormidableOptions, _since: datetime) -> Iterator[Sequence[Json]]:
    """An object by the entries' keys, or a list."""

    def ask(page: int) -> Sequence[Json]:
        params = {"page": str(page), "page_size": str(options.page_size), "order": "DESC", "order_by": "created_at"}
        found = api.get(f"entries of form {options.form_id}", f"/forms/{options.form_id}/entries", params)
        return objects_in(list(found.values()) if isinstance(found, dict) else found)

    return by_number(ask, 1, first=1, step=1)


def _formidable_login(options: FormidableOptions) -> Mapping[str, str]:
    """The key is the user's name, and any password does."""
    return basic(options.api_token.get_secret_value() if options.api_token else "", None)


formidable = Plugin(
    FormidableOptions,
    partial(
        Listed,
        Posting(
            "formidable",
            answers=named("meta"),
            read=read_brackets,
            takes=(JSON_TYPE, *FORM_TYPES),
            unwrap=lambda item: item if object_in(item, "meta") else {**item, "meta": _flat(item)},
            ours=lambda item: str(item.get("is_draft") or "0") == "0",
            id=("id", "item_key"),
            time=("created_at",),
            form_id=("form_id",),
        ),
        Listing(_formidable_pages, headers=_formidable_login, newest_first=True),
    ),
    About(
        "Formidable Forms",
        link="https://formidableforms.com/knowledgebase/formidable-api/",
        setup=(
            "API add-on; in the form: Settings, Actions & Notifications, Send API Data: {url}, a token in it, JSON.",
            "To fetch what was missed: Formidable, Global Settings, API: the key is `api_token`.",
            "The form's number is `form_id`, `base_url` is https://<site>/wp-json/frm/v2.",
        ),
        missed="All entries of the form, by REST API v2, under the webhook's own ids.",
        tested="Bodies of our own after the API's reference; what Send API Data posts is from memory.",
        notes=("Where the body is of your own making, send id, form_id and created_at along.", ONE_SITE),
        example={
            "token": "${FORMIDABLE_TOKEN}",
            "base_url": "https://www.acme.example/wp-json/frm/v2",
            "form_id": '"4"',
            "api_token": "${FORMIDABLE_KEY}",
        },
    ),
)


def _flat(item: Json) -> Json:
    """Where somebody chose the names, everything else is an answer."""
    return {name: value for name, value in item.items() if name not in _ABOUT_THE_ENTRY}


_ABOUT_THE_ENTRY = frozenset(
    {
        "id",
        "item_key",
        "form_id",
        "form_key",
        "created_at",
        "updated_at",
        "updated_by",
        "parent_item_id",
        "post_id",
        "user_id",
        "is_draft",
        "ip",
        "meta",
    }
)
