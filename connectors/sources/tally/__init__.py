"""Tally: the webhook, and the list of submissions for what it missed.

https://tally.so/help/webhooks and https://developers.tally.so/api-reference/endpoint/forms/submissions/list
A submission has the same id, and so the same key, in both; how the list writes it is made how the webhook does.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from connectors.sources.tally.answers import answers_of, as_posted
from syncd.connector import (
    About,
    FetchOptions,
    Field,
    HookApi,
    HookedSourceOptions,
    Json,
    ListApi,
    Listing,
    Numbered,
    Plugin,
    Posting,
    ProvenSourceOptions,
    Signature,
    Subscribed,
    by_token,
    object_in,
    rows_in,
    signed,
    text_at,
    text_in,
)

FORM_RESPONSE = "FORM_RESPONSE"
RETRY_WINDOW = timedelta(hours=48)  # Tally tries again after 5 min, 30 min, 1 h, 6 h and 24 h


class Options(FetchOptions, ProvenSourceOptions, HookedSourceOptions):
    form_id: str = Field("", pattern=r"^[A-Za-z0-9_-]{0,64}$", description="the form whose submissions are fetched")
    base_url: str = Field("https://api.tally.so", pattern=r"^https?://", description="where the API lives")


SUBMISSION = Posting(
    "tally",
    answers=lambda item: answers_of(object_in(item, "data")),
    proof=signed(Signature("tally-signature", encoding="base64")),
    ours=lambda item: text_at(item, "eventType") in ("", FORM_RESPONSE) and text_in(item, "isCompleted") != "no",
    id=("data.submissionId", "data.responseId"),
    time=("data.createdAt",),
    form_id=("data.formId",),
    form_name=("data.formName",),
    window=RETRY_WINDOW,
)


def _pages(api: ListApi, options: Options, _since: datetime) -> Iterator[Sequence[Json]]:
    """Newest first, made what the webhook posts; what was not finished is no submission yet."""
    form = options.form_id

    def ask(number: str) -> tuple[Sequence[Json], str]:
        params = {"page": number or "1", "limit": str(options.page_size), "filter": "completed"}
        found = api.get(f"submissions of form {form}", f"/forms/{form}/submissions", params)
        items = [as_posted(one, found, form) for one in rows_in(found, "submissions")]
        return items, str(int(number or "1") + 1) if items and text_in(found, "hasMore") == "yes" else ""

    return by_token(ask)


HOOKS = HookApi(
    "/webhooks",
    items="webhooks",
    on="isEnabled",
    events="eventTypes",
    wanted=(FORM_RESPONSE,),
    ours=lambda hook, options: text_in(hook, "formId") == options.form_id,
    body=lambda _api, options: {"formId": options.form_id},
    key_at="signingSecret",
    change=("PATCH", "/webhooks/{id}"),
    needs={"form_id": "a webhook belongs to a form"},
    pages=Numbered("limit", 100, "page"),
)
"""https://developers.tally.so/api-reference/endpoint/webhooks/post"""

plugin = Plugin(
    Options,
    partial(Subscribed, SUBMISSION, Listing(_pages, newest_first=True), HOOKS),
    About(
        "Tally",
        link="https://tally.so/help/webhooks",
        setup=(
            "In the form: Integrations, Webhooks; put {url} in as the endpoint.",
            "Add a signing secret there; it is `secret` here.",
            "To fetch what was missed: Settings, API keys; the key is `api_token`, the form's id is `form_id`.",
            "With these `syncd hooks create <source>` makes the webhook, or switches it on, with your secret.",
        ),
        missed="All completed submissions of the form, by the API, under the webhook's own ids.",
        tested=(
            "Captured deliveries, signature vectors; answers of the API's list after its documentation. Its webhooks: "
            "a fake after the API's published description."
        ),
        notes=("Tally tries five more times, within a day and a half, and then gives up.",),
    ),
)
