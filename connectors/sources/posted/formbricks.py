"""Formbricks: https://formbricks.com/docs/api-v2-reference and its page on webhooks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from connectors.sources.posted.options import FORM_ID, WEB, ProvenFetchOptions
from syncd.connector import (
    STANDARD_WEBHOOKS,
    About,
    Answer,
    AnswerKind,
    Field,
    HookApi,
    HookedSourceOptions,
    Json,
    ListApi,
    Listing,
    Plugin,
    Posting,
    Question,
    Subscribed,
    both,
    by_offset,
    list_in,
    named,
    object_in,
    objects_in,
    one_answer,
    rows_in,
    signed,
    text_at,
    true_at,
)

_KINDS = {
    "consent": AnswerKind.CONSENT,
    "multiplechoicesingle": AnswerKind.CHOICE,
    "multiplechoicemulti": AnswerKind.CHOICE,
    "pictureselection": AnswerKind.CHOICE,
    "ranking": AnswerKind.CHOICE,
    "rating": AnswerKind.NUMBER,
    "nps": AnswerKind.NUMBER,
    "date": AnswerKind.DATE,
    "fileupload": AnswerKind.FILE,
}
FINISHED = "responseFinished"
_PERSON = ("first name", "last name", "email", "phone", "company")
"""The places of the block Contact Info, whose answer is a list with empty places."""


class Options(ProvenFetchOptions, HookedSourceOptions):
    form_id: str = Field("", pattern=FORM_ID, description="id of the survey whose responses are fetched")
    base_url: str = Field("https://app.formbricks.com/api/v1", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=1000, description="responses for each call")


def _answers(item: Json) -> Iterator[Answer]:
    """By the question's id; the block Contact Info part by part."""
    given = object_in(item, "data")
    for own, value in given.items():
        if isinstance(value, list) and len(value) == len(_PERSON) and "@" in str(value[2]):
            for part, text in zip(_PERSON, value, strict=True):
                yield from one_answer(f"{own}.{part}", part, "", AnswerKind.TEXT, text)
        else:
            yield from named()({own: value})


def _pages(api: ListApi, options: Options, _since: datetime) -> Iterator[Sequence[Json]]:
    """Newest first, made what the webhook posts."""

    def ask(offset: int) -> Sequence[Json]:
        params = {"surveyId": options.form_id, "limit": str(options.page_size), "skip": str(offset)}
        found = api.get(f"responses of survey {options.form_id}", "/management/responses", params)
        return [{"event": _event(one), "data": one} for one in rows_in(found, "data")]

    return by_offset(ask)


def _event(response: Json) -> str:
    return FINISHED if true_at("finished")(response) else "responseUpdated"


def _questions(api: ListApi, options: Options) -> Mapping[str, Question]:
    survey = _survey(api, options)
    asked = objects_in(survey.get("questions"))
    for block in objects_in(survey.get("blocks")):
        asked += objects_in(block.get("elements"))
    return {
        text_at(one, "id"): Question(
            text_at(one, "label.default") or text_at(one, "headline.default"),
            _KINDS.get(text_at(one, "type").lower(), AnswerKind.TEXT),
        )
        for one in asked
    }


def _survey(api: ListApi, options: Options) -> Json:
    return object_in(api.get(f"survey {options.form_id}", f"/management/surveys/{options.form_id}"), "data")


def _login(options: Options) -> Mapping[str, str]:
    return {"x-api-key": options.api_token.get_secret_value() if options.api_token else ""}


def _of_survey(hook: Json, options: Options) -> bool:
    """Where it names none, it posts the responses of all."""
    surveys = list_in(hook, "surveyIds")
    return not surveys or options.form_id in surveys


def _where(api: ListApi, options: Options) -> Json:
    """In the environment of the survey, which newer versions call its workspace."""
    survey = _survey(api, options)
    place = next((name for name in ("environmentId", "workspaceId") if text_at(survey, name)), "environmentId")
    return {"surveyIds": [options.form_id], place: text_at(survey, place), "name": "syncd"}


HOOKS = HookApi(
    "/webhooks",
    items="data",
    events="triggers",
    wanted=(FINISHED,),
    ours=_of_survey,
    body=_where,
    own_key=True,
    needs={"form_id": "a webhook is made for a survey"},
)
"""https://formbricks.com/docs/api-reference: made, listed and deleted; there is no switch by which one is off."""

plugin = Plugin(
    Options,
    partial(
        Subscribed,
        Posting(
            "formbricks",
            answers=both(_answers, named("contactAttributes"), named("variables")),
            proof=signed(*STANDARD_WEBHOOKS),
            ours=lambda item: text_at(item, "event") == FINISHED,
            unwrap=lambda item: object_in(item, "data"),
            id=("id",),
            time=("updatedAt", "createdAt"),
            form_id=("surveyId",),
            form_name=("survey.title",),
            page_url=("meta.url",),
            user_agent=("meta.userAgent.browser",),
            language=("language",),
        ),
        Listing(_pages, headers=_login, newest_first=True, questions=_questions),
        HOOKS,
    ),
    About(
        "Formbricks",
        link="https://formbricks.com/docs/xm-and-surveys/core-features/integrations/webhooks",
        setup=(
            "Integrations, Webhooks, Add Webhook: {url} as the address, trigger Response Finished, your survey.",
            "The secret that is shown once (whsec_...) is `secret` here.",
            "Or, for a source with a `token` instead of a secret, let `syncd hooks create <source>` make it.",
            "To fetch what was missed, and what was asked: an API key as `api_token`, the survey as `form_id`.",
        ),
        missed="Finished responses of the survey, by the API, under the webhook's own ids.",
        tested=(
            "Bodies of our own after the documentation; the signature by the published vector of Standard Webhooks. "
            "Its webhooks: a fake after Formbricks' own source code."
        ),
        notes=(
            "Answers come under ids: without `api_token` name them in `map`.",
            "Who never finishes is no submission here; only finished responses are taken.",
            "`syncd hooks create` makes one that is known by the `token` in its address: its secret is told but once.",
        ),
    ),
)
