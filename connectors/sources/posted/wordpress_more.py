"""More form plugins of WordPress."""

from dataclasses import replace
from functools import partial

from connectors.sources.posted.options import ZonedOptions, zone_of
from connectors.sources.posted.wordpress import GET_IS_SHORT, NOTHING, ONE_SITE, Options, read_brackets
from syncd.connector import (
    ANY_METHOD,
    FORM_TYPES,
    JSON_TYPE,
    About,
    LockedSourceOptions,
    Plugin,
    Posted,
    Posting,
    Read,
    WebRequest,
    json_inside,
    named,
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
        tested="Bodies of our own after the plugin's source; no capture was seen.",
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
