"""Hosted form builders."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from syncd.connector import (
    About,
    AnswerKind,
    FetchOptions,
    Field,
    Json,
    ListApi,
    Listed,
    Listing,
    LockedSourceOptions,
    Plugin,
    Posting,
    both,
    by_number,
    in_utc,
    listed,
    objects_in,
)

# Fillout: https://www.fillout.com/help/fillout-rest-api


class FilloutOptions(LockedSourceOptions, FetchOptions):
    form_id: str = Field(
        "", pattern=r"^[A-Za-z0-9_-]{0,64}$", description="the form whose submissions are fetched: in its address"
    )
    base_url: str = Field(
        "https://api.fillout.com/v1/api",
        pattern=r"^https?://",
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
    ),
)
