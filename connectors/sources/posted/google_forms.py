"""Google Forms: https://developers.google.com/workspace/forms/api/reference/rest

Asked by its API, or told by a script of the form's own (Apps Script). Not both: the ids of the two differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Self

from connectors.sources.posted.options import FORM_ID, WEB, LockedFetchOptions
from syncd.connector import (
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
    RefreshTokenOptions,
    Tools,
    by_token,
    in_utc,
    list_in,
    listed,
    model_validator,
    named,
    object_in,
    objects_in,
    one_answer,
    renewing,
    rows_in,
    text_at,
)


class Options(LockedFetchOptions):
    form_id: str = Field("", pattern=FORM_ID, description="the form: in its address between /d/ and /edit")
    login: RefreshTokenOptions | None = Field(
        None, description="the app that may read (scopes forms.responses.readonly and forms.body.readonly)"
    )
    base_url: str = Field("https://forms.googleapis.com/v1", pattern=WEB, description="where the API lives")
    token_url: str = Field("https://oauth2.googleapis.com/token", pattern=WEB, description="where tokens come from")
    page_size: int = Field(1000, ge=1, le=5000, description="responses for each call")

    @property
    def fetches(self) -> bool:
        return self.login is not None

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if self.login and not self.form_id:
            raise ValueError("name the form_id whose responses are fetched")
        if self.login and (self.unsigned or list(self.locks())):
            raise ValueError("either login, or a token for the form's script: the ids of the two differ")
        return self


def _answers(item: Json) -> Iterator[Answer]:
    """Of the API by the question's id; of the script by id and title, or by title alone."""
    if address := text_at(item, "respondentEmail"):
        yield Answer("respondentEmail", address, "Email", kind=AnswerKind.EMAIL)
    given = item.get("answers")
    for own, answer in given.items() if isinstance(given, dict) else ():
        texts = [one.get("value") for one in objects_in(list_in(object_in(answer, "textAnswers"), "answers"))]
        files = [
            text_at(one, "fileId") for one in objects_in(list_in(object_in(answer, "fileUploadAnswers"), "answers"))
        ]
        yield from one_answer(own, "", "", AnswerKind.TEXT, texts)
        links = [f"https://drive.google.com/open?id={file}" for file in files]
        yield from one_answer(own, "", "", AnswerKind.FILE, links)
    yield from listed("answers", label=("title",))(item)
    yield from named("namedValues")(item)


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    """In no order that is promised."""

    def ask(token: str) -> tuple[Sequence[Json], str]:
        params = {"filter": f"timestamp >= {in_utc(since)}", "pageSize": str(options.page_size)}
        if token:
            params["pageToken"] = token
        found = api.get(f"responses of form {options.form_id}", f"/forms/{options.form_id}/responses", params)
        items = [{"formId": options.form_id, **one} for one in rows_in(found, "responses")]
        return items, text_at(found, "nextPageToken")

    return by_token(ask)


def _questions(api: ListApi, options: Options) -> Mapping[str, Question]:
    """A grid asks a question for each of its rows."""
    found: dict[str, Question] = {}
    form = api.get(f"form {options.form_id}", f"/forms/{options.form_id}")
    for item in objects_in(list_in(form, "items")):
        title = text_at(item, "title")
        found[text_at(item, "questionItem.question.questionId")] = Question(title)
        for row in objects_in(list_in(object_in(item, "questionGroupItem"), "questions")):
            found[text_at(row, "questionId")] = Question(f"{title} {text_at(row, 'rowQuestion.title')}".strip())
    return found


class GoogleForms(Listed):
    """With `login` asked, otherwise told."""

    def __init__(self, options: Options, tools: Tools) -> None:
        grant = renewing("google_forms", options.token_url, options.login, tools) if options.login else None
        super().__init__(_POSTING, Listing(_pages, questions=_questions), options, tools, grant)


_POSTING = Posting(
    "google_forms",
    answers=_answers,
    id=("responseId",),
    time=("lastSubmittedTime", "createTime", "timestamp"),
    form_id=("formId",),
    form_name=("formName",),
)

plugin = Plugin(
    Options,
    GoogleForms,
    About(
        "Google Forms",
        link="https://developers.google.com/workspace/forms/api/guides",
        setup=(
            "Fetched: in Google Cloud switch the Forms API on, make an OAuth client; the form's owner allows it once.",
            "Client id, secret and the refresh token of that go into `login`, the form into `form_id`.",
            "Or told: in the form's script editor a function on the trigger On form submit, that posts to {url}:",
            "formId, responseId, timestamp and answers [{id, title, value}], or e.namedValues; with a token in {url}.",
        ),
        missed="Fetched: every response since the last look; one that is edited later is not new. Told: nothing.",
        tested="Bodies of our own after published ones; a fake of the API with pages in no order and tokens that end.",
        notes=(
            "Give login or a token, not both: a script's ids of responses are others than the API's.",
            "Google's watches go to Pub/Sub alone and say no more than that there is something new: they are not used.",
        ),
        example={
            "form_id": "1BxiMVs0XRA5nFMdLXDSR2r9NphkU4V9",
            "login": '{client_id: "${G_ID}", client_secret: "${G_SECRET}", refresh_token: "${G_REFRESH}"}',
        },
    ),
)
