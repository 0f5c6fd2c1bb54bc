"""Hosted form builders whose answers say what was asked."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Literal

from connectors.sources.posted.options import FORM_ID, WEB, LockedFetchOptions
from syncd.connector import (
    About,
    AnswerKind,
    Field,
    HookApi,
    HookedSourceOptions,
    Json,
    ListApi,
    Listed,
    Listing,
    Numbered,
    Plugin,
    Posting,
    Question,
    Subscribed,
    both,
    by_number,
    by_token,
    in_utc,
    listed,
    named,
    objects_in,
    rows_in,
    text_at,
    tracked,
)

# Fillout: https://www.fillout.com/help/fillout-rest-api


class FilloutOptions(LockedFetchOptions):
    form_id: str = Field("", pattern=FORM_ID, description="the form whose submissions are fetched: in its address")
    base_url: str = Field(
        "https://api.fillout.com/v1/api",
        pattern=WEB,
        description="where the API lives; https://eu-api.fillout.com/v1/api in the EU",
    )
    page_size: int = Field(150, ge=1, le=150, description="submissions for each call")


def _unwrapped(item: Json) -> Json:
    """Some bodies are {formId, formName, submission: {...}}."""
    inner = item.get("submission")
    return {**item, **inner} if isinstance(inner, dict) else item


_FILLOUT = Posting(
    "fillout",
    answers=both(
        listed(
            "questions",
            label=("name",),
            kinds={
                "emailinput": AnswerKind.EMAIL,
                "phonenumber": AnswerKind.PHONE,
                "urlinput": AnswerKind.URL,
                "numberinput": AnswerKind.NUMBER,
                "datepicker": AnswerKind.DATE,
                "multiplechoice": AnswerKind.CHOICE,
                "dropdown": AnswerKind.CHOICE,
                "checkboxes": AnswerKind.CHOICE,
                "multiselect": AnswerKind.CHOICE,
                "fileupload": AnswerKind.FILE,
            },
        ),
        listed("urlParameters", label=("name",)),
    ),
    unwrap=_unwrapped,
    id=("submissionId",),
    time=("submissionTime",),
    form_id=("formId",),
    form_name=("formName",),
)


def _fillout_pages(api: ListApi, options: FilloutOptions, since: datetime) -> Iterator[Sequence[Json]]:
    """Oldest first, by offset. https://www.fillout.com/help/fillout-rest-api"""

    def ask(offset: int) -> Sequence[Json]:
        params = {"limit": str(options.page_size), "offset": str(offset), "afterDate": in_utc(since), "sort": "asc"}
        found = api.get(f"submissions of form {options.form_id}", f"/forms/{options.form_id}/submissions", params)
        return objects_in(found.get("responses") if isinstance(found, dict) else None)

    return by_number(ask, options.page_size, first=0, step=options.page_size)


fillout = Plugin(
    FilloutOptions,
    partial(Listed, _FILLOUT, Listing(_fillout_pages, oldest_first=True)),
    About(
        "Fillout",
        link="https://www.fillout.com/help/webhook",
        setup=(
            "In the form: Integrate, Webhook; put {url} in as the address.",
            "To fetch what was missed: an API key from Settings, Developer as `api_token`, the form's id as `form_id`.",
        ),
        missed="All submissions of the form, by the API; the webhook's own ids, so nothing comes twice.",
        tested="Bodies made from the API's documentation; that a webhook may wrap them is from memory, both are read.",
        notes=(
            "Fillout's API makes and removes webhooks and tells of none: whether one is there, only its page shows.",
        ),
    ),
)


# Paperform: https://paperform.co/help/developer/


class PaperformOptions(LockedFetchOptions, HookedSourceOptions):
    hooks: Literal["look", "keep", "no"] = Field(
        "no",
        description=(
            "look: tell when the provider's webhook is gone; keep: set it up again; no: neither. Looking takes "
            "Paperform's Business API"
        ),
    )
    form_id: str = Field("", pattern=FORM_ID, description="slug or id of the form whose submissions are fetched")
    base_url: str = Field("https://api.paperform.co/v1", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="submissions for each call")


_PAPERFORM_KINDS = {
    "email": AnswerKind.EMAIL,
    "phone": AnswerKind.PHONE,
    "url": AnswerKind.URL,
    "number": AnswerKind.NUMBER,
    "date": AnswerKind.DATE,
    "choices": AnswerKind.CHOICE,
    "dropdown": AnswerKind.CHOICE,
    "yesno": AnswerKind.CHOICE,
    "file": AnswerKind.FILE,
    "image": AnswerKind.FILE,
    "hidden": AnswerKind.HIDDEN,
}

_PAPERFORM = Posting(
    "paperform",
    answers=both(
        listed("data", id=("key",), label=("title",), ref=("custom_key",), kinds=_PAPERFORM_KINDS),
        named("data"),  # as the API writes it: an object by key
        tracked("device"),
    ),
    id=("submission_id", "id"),
    time=("created_at_utc", "created_at"),
    form_id=("form_id",),
    form_name=("form_title",),
    page_url=("device.url",),
    user_agent=("device.user_agent",),
)


def _paperform_pages(api: ListApi, options: PaperformOptions, _since: datetime) -> Iterator[Sequence[Json]]:
    """Newest first, by the id of the last one."""

    def ask(before: str) -> tuple[Sequence[Json], str]:
        params = {"limit": str(options.page_size), **({"before_id": before} if before else {})}
        found = api.get(f"submissions of form {options.form_id}", f"/forms/{options.form_id}/submissions", params)
        items = rows_in(found, "results.submissions", "data")
        return items, text_at(items[-1], "id") if items else ""

    return by_token(ask)


def _paperform_questions(api: ListApi, options: PaperformOptions) -> dict[str, Question]:
    found = api.get(f"fields of form {options.form_id}", f"/forms/{options.form_id}/fields")
    fields = rows_in(found, "results.fields", "data")
    return {
        text_at(one, "key"): Question(
            text_at(one, "title"), _PAPERFORM_KINDS.get(text_at(one, "type").lower(), AnswerKind.TEXT)
        )
        for one in fields
    }


PAPERFORM_HOOKS = HookApi(
    "/forms/{form_id}/webhooks",
    items="results.webhooks",
    address="target_url",
    events="triggers",
    wanted=("submission",),
    change=("PUT", "/webhooks/{id}"),
    needs={"form_id": "a webhook belongs to a form"},
    pages=Numbered("limit", 100, "skip", first=0, step=100),
)
"""https://paperform.readme.io/reference/createformwebhook: there is no switch by which one is off."""

paperform = Plugin(
    PaperformOptions,
    partial(
        Subscribed,
        _PAPERFORM,
        Listing(_paperform_pages, newest_first=True, questions=_paperform_questions),
        PAPERFORM_HOOKS,
    ),
    About(
        "Paperform",
        link="https://paperform.co/help/articles/webhooks/",
        setup=(
            "In the form: After Submission, Integrations & Webhooks, Webhooks; put {url} in as the address.",
            "Or let `syncd hooks create <source>` put it in, where the account has the Business API.",
            "To fetch what was missed: an API key of the account as `api_token`, the form's slug as `form_id`.",
        ),
        missed="All submissions of the form, by the API, under the webhook's own ids.",
        tested=(
            "Bodies of our own: webhook, list and their order are from memory, no capture was seen. Its webhooks: a "
            "fake after the API's published description."
        ),
        notes=("Whether its webhook is there is looked at only with `hooks: look`: it takes the Business API.",),
    ),
)
