"""The source itself: the probe, ids as they are posted, and responses as they are fetched."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self

from connectors.sources.surveymonkey.answers import Survey, answers_of, survey_of
from connectors.sources.surveymonkey.hooks import hook_up, hooks_of
from syncd.connector import (
    ASKED_ANEW,
    Context,
    FetchOptions,
    Field,
    Fresh,
    Hook,
    HookedSourceOptions,
    HttpReply,
    Json,
    ListApi,
    Listed,
    Listing,
    Posting,
    ProvenSourceOptions,
    RateLimited,
    Received,
    Rejected,
    SecretStr,
    Signature,
    Submission,
    Tools,
    WebReply,
    WebRequest,
    by_number,
    in_utc,
    json_bytes,
    list_in,
    model_validator,
    moment_of,
    objects_in,
    signed,
    text_at,
    text_in,
    unreadable,
)

SIGNATURE = Signature("sm-signature", algorithm="sha1", encoding="base64")
PAUSE = timedelta(seconds=60)
_ID = re.compile(r"[0-9]{1,30}")
_EVENTS = ("", "response_completed", "response_updated")
"""Not those of a response that has only begun, was turned away or deleted: its id may still be that of a lead."""
WORDS = ("error.message",)


class Options(FetchOptions, ProvenSourceOptions, HookedSourceOptions):
    api_key: str = Field("", description="client id of the app: with its secret it is the key of the signatures")
    survey_id: str = Field("", pattern=r"^[0-9]{0,30}$", description="the survey whose responses are fetched")
    base_url: str = Field(
        "https://api.surveymonkey.com/v3",
        pattern=r"^https?://",
        description="where the account lives; https://api.eu.surveymonkey.com/v3 in the EU",
    )
    page_size: int = Field(100, ge=1, le=100, description="responses for each call")

    @property
    def keys(self) -> tuple[SecretStr, ...]:
        """https://api.surveymonkey.com/v3/docs#webhook-callbacks: the key is the client id, & and the secret."""
        return tuple(SecretStr(f"{self.api_key}&{key.get_secret_value()}") for key in super().keys)

    @model_validator(mode="after")
    def _can_fetch(self) -> Self:
        if self.api_token is None:
            raise ValueError("set api_token: SurveyMonkey posts ids alone, and the answers have to be fetched")
        if self.keys and not self.api_key:
            raise ValueError("set api_key: SurveyMonkey signs with the client id and the secret of the app")
        return self


class SurveyMonkey(Listed):
    handshakes = ("HEAD",)
    options: Options

    def __init__(self, options: Options, tools: Tools) -> None:
        self._surveys: dict[str, Fresh[Survey]] = {}
        posting = Posting(
            "surveymonkey",
            answers=lambda item: answers_of(item, self._survey(_survey_in(item, options))),
            proof=signed(SIGNATURE),
            id=("id",),
            time=("date_modified", "date_created"),
            form_id=("survey_id",),
            language=("metadata.contact.language.value",),
        )
        listing = Listing(_pages, oldest_first=True, judge=judge)
        super().__init__(posting, listing, options, tools)

    def receive(self, request: WebRequest) -> Received:
        """It asks by HEAD whether somebody is there before it makes a webhook."""
        return Received(reply=WebReply()) if request.method == "HEAD" else super().receive(request)

    def submissions_in(self, body: Any, request: WebRequest) -> Iterator[Submission]:
        if not isinstance(body, dict):
            raise Rejected("not an object")
        if text_in(body, "event_type") not in _EVENTS or text_in(body, "object_type") not in ("", "response"):
            return
        response = text_in(body, "object_id")
        survey = text_at(body, "resources.survey_id") or (
            text_in(body, "filter_id") if text_in(body, "filter_type") == "survey" else ""
        )
        if not (_ID.fullmatch(response) and _ID.fullmatch(survey)):
            yield unreadable(self.name, request.body, request.received_at, "surveymonkey: no response or survey in it")
            return
        yield Submission(
            source=self.name,
            key=response,
            received_at=request.received_at,
            answers=(),
            raw=request.body,
            content_type=request.header("content-type"),
            submitted_at=moment_of(text_in(body, "event_datetime")),
            context=Context(form_id=survey),
            announced=True,
        )

    def collect(self, submission: Submission) -> Submission:
        survey = submission.context.form_id
        path = f"/surveys/{survey}/responses/{submission.key}/details"
        response = self.api().get("response", path, words=WORDS)
        return self.fetched(response, submission.received_at, json_bytes(response))

    def lists(self, since: datetime) -> Iterator[Sequence[Json]]:
        return super().lists(since) if self.options.survey_id else iter(())

    def fetched(self, item: Json, received_at: datetime, raw: bytes) -> Submission:
        found = super().fetched(item, received_at, raw)
        survey = self._survey(_survey_in(item, self.options))
        return replace(found, context=replace(found.context, form_name=survey.title))

    @property
    def hooked(self) -> bool:
        return bool(self.options.survey_id)

    def hooks(self) -> Sequence[Hook]:
        return hooks_of(self.api(), self.options.survey_id)

    def hook_up(self, url: str) -> None:
        hook_up(self.api(), self.options.survey_id, url)

    def _survey(self, own: str) -> Survey:
        """Asked for once an hour."""
        if not _ID.fullmatch(own):
            return Survey()
        return self._surveys.setdefault(own, Fresh(partial(self._ask_for, own), self.clock, ASKED_ANEW)).value()

    def _ask_for(self, own: str) -> Survey:
        return survey_of(self.api().get("survey", f"/surveys/{own}/details", words=WORDS))


def _survey_in(item: Json, options: Options) -> str:
    return text_in(item, "survey_id") or options.survey_id


def judge(reply: HttpReply, _found: Any, named: str) -> None:
    """https://api.surveymonkey.com/v3/docs#request-and-response-limits"""
    if reply.status != 429:
        return
    which = "day" if reply.headers.get("x-ratelimit-app-global-day-remaining") == "0" else "minute"
    seconds = reply.headers.get(f"x-ratelimit-app-global-{which}-reset", "")
    pause = timedelta(seconds=min(int(seconds), 86_400)) if seconds.isdecimal() and int(seconds) else PAUSE
    raise RateLimited(f"{named} answered 429: the calls of the {which} are used up", reply.retry_after or pause)


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    def ask(page: int) -> Sequence[Json]:
        params = {
            "start_modified_at": in_utc(since, "%Y-%m-%dT%H:%M:%S"),
            "per_page": str(options.page_size),
            "page": str(page),
            "sort_by": "date_modified",
            "sort_order": "ASC",
            "status": "completed",
        }
        found = api.get("responses", f"/surveys/{options.survey_id}/responses/bulk", params, words=WORDS)
        return objects_in(list_in(found, "data"))

    return by_number(ask, options.page_size, first=1, step=1)
