"""The source itself: the challenge, ids as they are posted, and responses as they are fetched."""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal, Self
from urllib.parse import quote

from connectors.sources.linkedin.hooks import hook_up, hooks_of
from connectors.sources.linkedin.responses import RESPONSE, form_of, questions_of
from syncd.connector import (
    ASKED_ANEW,
    AuthFailed,
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
    ProvenSourceOptions,
    Question,
    RateLimited,
    Received,
    RefreshTokenOptions,
    Refused,
    Submission,
    Tools,
    Unauthenticated,
    WebReply,
    WebRequest,
    bearer,
    by_number,
    json_bytes,
    list_in,
    model_validator,
    moment_of,
    objects_in,
    renewing,
    text_at,
    text_in,
    unreadable,
)

LeadType = Literal["SPONSORED", "EVENT", "COMPANY", "ORGANIZATION_PRODUCT"]
PAUSE = timedelta(minutes=15)
_CHALLENGE = re.compile(r"[A-Za-z0-9-]{1,100}")
_RESPONSE = re.compile(r"(?:urn:li:leadGenFormResponse:)?([A-Za-z0-9_-]{1,100})")
_SUNSET = 426


class Login(RefreshTokenOptions):
    """https://learn.microsoft.com/linkedin/shared/authentication/programmatic-refresh-tokens"""

    token_url: str = Field(
        "https://www.linkedin.com/oauth/v2/accessToken", pattern=r"^https?://", description="where tokens are given out"
    )


class Options(FetchOptions, ProvenSourceOptions, HookedSourceOptions):
    oauth: Login | None = Field(
        None, description="login of an app with refresh tokens, instead of api_token, which ends after 60 days"
    )
    owner: str = Field(
        "",
        pattern=r"^(urn:li:(sponsoredAccount|organization):[0-9]{1,20})?$",
        description="whose leads are fetched: urn:li:sponsoredAccount:123 or urn:li:organization:123",
    )
    lead_types: tuple[LeadType, ...] = Field(("SPONSORED",), description="kinds of leads that are fetched")
    version: str = Field(
        "202510", pattern=r"^20[0-9]{4}$", description="version of LinkedIn's API; each ends after about a year"
    )
    base_url: str = Field("https://api.linkedin.com/rest", pattern=r"^https?://", description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="responses for each call")

    @property
    def fetches(self) -> bool:
        return self.oauth is not None or self.api_token is not None

    @model_validator(mode="after")
    def _can_fetch(self) -> Self:
        if not self.fetches:
            raise ValueError(
                "set oauth or api_token: LinkedIn posts ids alone, and what they stand for has to be fetched"
            )
        return self


class LinkedIn(Listed):
    handshakes = ("GET",)
    options: Options

    def __init__(self, options: Options, tools: Tools) -> None:
        login = options.oauth
        grant = renewing("linkedin", login.token_url, login, tools) if login else None
        super().__init__(RESPONSE, Listing(_pages, headers=headers, judge=judge), options, tools, grant)
        self._forms: dict[str, Fresh[Mapping[str, Question]]] = {}

    def receive(self, request: WebRequest) -> Received:
        return Received(reply=self._shake(request)) if request.method == "GET" else super().receive(request)

    def submissions_in(self, body: Any, request: WebRequest) -> Iterator[Submission]:
        events = body if isinstance(body, list) else [body]
        for event in events:
            raw = json_bytes(event) if len(events) > 1 else request.body
            own = _RESPONSE.fullmatch(text_in(event, "leadGenFormResponse"))
            if text_in(event, "type") not in ("LEAD_ACTION", "") and own is None:
                continue
            if own is None:
                yield unreadable(self.name, raw, request.received_at, "linkedin: no leadGenFormResponse in it")
            else:
                yield self._announced(event, own[1], request, raw)

    def _announced(self, event: Json, own: str, request: WebRequest, raw: bytes) -> Submission:
        """Told that a lead is to be erased: that is for a person, and no lead comes of it."""
        told = Submission(
            source=self.name,
            key=own,
            received_at=request.received_at,
            answers=(),
            raw=raw,
            submitted_at=moment_of(text_in(event, "occurredAt")),
            announced=True,
        )
        if text_in(event, "leadAction") != "DELETED":
            return told
        reason = f"LinkedIn asks to erase the lead of response {own}: erase it here and in the CRM"
        return replace(told, key=f"{own}:deleted", announced=False, problem=reason)

    def collect(self, submission: Submission) -> Submission:
        response = self.api().get("lead", f"/leadFormResponses/{quote(submission.key, safe='')}")
        return self.fetched(response, submission.received_at, json_bytes(response))

    def questions_of(self, item: Json) -> Mapping[str, Question]:
        """The texts stand in the form, which is asked for once an hour."""
        form = form_of(item)
        if not form:
            return {}
        known = self._forms.setdefault(form, Fresh(partial(self._ask_for, form), self.clock, ASKED_ANEW))
        return known.value()

    def _ask_for(self, form: str) -> Mapping[str, Question]:
        """A form that cannot be read costs the labels, never the lead."""
        try:
            return questions_of(self.api().get("form", f"/leadForms/{form}"))
        except (Refused, AuthFailed):
            return {}

    @property
    def hooked(self) -> bool:
        return bool(self.options.owner)

    def hooks(self) -> Sequence[Hook]:
        owner = self.options.owner
        return hooks_of(self.api(), owner, restli(owner), self.options.lead_types)

    def hook_up(self, url: str) -> None:
        hook_up(self.api(), url, self.options.owner, self.options.lead_types, self.hooks())

    def _shake(self, request: WebRequest) -> WebReply:
        """https://learn.microsoft.com/linkedin/shared/api-guide/webhook-validation"""
        code = request.query.get("challengeCode", "")
        if not self.options.keys or not _CHALLENGE.fullmatch(code):
            raise Unauthenticated("no challenge that could be answered")
        key = self.options.keys[0].get_secret_value().encode()
        answer = {"challengeCode": code, "challengeResponse": hmac.new(key, code.encode(), hashlib.sha256).hexdigest()}
        return WebReply(body=json_bytes(answer), content_type="application/json")


def headers(options: Options) -> dict[str, str]:
    return {
        **bearer(options),
        "linkedin-version": options.version,
        "x-restli-protocol-version": "2.0.0",
    }


def judge(reply: HttpReply, found: Any, named: str) -> None:
    """https://learn.microsoft.com/linkedin/shared/api-guide/concepts/rate-limits: none says for how long."""
    said = f"{named} answered {reply.status}: {text_at(found, 'message')[:200]}"
    if reply.status == 429:
        raise RateLimited(said, reply.retry_after or PAUSE)
    if reply.status == _SUNSET:
        raise AuthFailed(f"{said} - LinkedIn has ended this version of its API: raise `version`")


def restli(owner: str) -> str:
    """A URN as Rest.li wants it within a query: its colons escaped, the brackets around it not."""
    kind = owner.split(":")[2] if owner.count(":") == 3 else ""
    return f"({kind}:{quote(owner, safe='')})"


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    if not options.owner:
        return
    begin = int(since.astimezone(UTC).timestamp() * 1000)
    for kind in options.lead_types:
        asked = (
            f"/leadFormResponses?q=owner&owner={restli(options.owner)}&leadType=(leadType:{kind})"
            f"&limitedToTestLeads=false&submittedAtTimeRange=(start:{begin})&count={options.page_size}"
        )

        def ask(start: int, asked: str = asked) -> Sequence[Json]:
            return objects_in(list_in(api.get("leads", f"{asked}&start={start}"), "elements"))

        yield from by_number(ask, options.page_size, first=0, step=options.page_size)
