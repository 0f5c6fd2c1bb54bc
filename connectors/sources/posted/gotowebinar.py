"""GoToWebinar. https://developer.goto.com/GoToWebinarV2"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.sources.posted.options import WEB, LockedFetchOptions
from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Field,
    Grant,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    RefreshTokenOptions,
    TokenService,
    Tools,
    at_path,
    both,
    by_refresh_token,
    in_utc,
    moment_of,
    objects_in,
    one_answer,
    rows_in,
    text_at,
    text_in,
)

_PARTS = (
    ("firstName", "First name", AnswerKind.TEXT),
    ("lastName", "Last name", AnswerKind.TEXT),
    ("email", "Email", AnswerKind.EMAIL),
    ("phone", "Phone", AnswerKind.PHONE),
    ("organization", "Organization", AnswerKind.TEXT),
    ("jobTitle", "Job title", AnswerKind.TEXT),
    ("industry", "Industry", AnswerKind.TEXT),
    ("numberOfEmployees", "Number of employees", AnswerKind.TEXT),
    ("country", "Country", AnswerKind.TEXT),
    ("questionsAndComments", "Questions and comments", AnswerKind.TEXT),
    ("webinarTitle", "Webinar", AnswerKind.TEXT),
    ("registrationSource", "Registration source", AnswerKind.HIDDEN),
)
AHEAD = timedelta(days=366)


class Login(RefreshTokenOptions):
    """https://developer.goto.com/guides/HowTos/03_HOW_accessToken"""

    token_url: str = Field(
        "https://authentication.logmeininc.com/oauth/token", pattern=WEB, description="where tokens are given out"
    )


class Options(LockedFetchOptions):
    oauth: Login | None = Field(None, description="login of an app, to fetch what was missed")
    organizer: str = Field("", pattern=r"^[0-9]{0,30}$", description="key of the organizer whose webinars they are")
    ids: tuple[str, ...] = Field((), description="keys of webinars; empty: all that are still to come")
    base_url: str = Field("https://api.getgo.com/G2W/rest/v2", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=200, description="webinars for each call")

    @property
    def fetches(self) -> bool:
        return self.oauth is not None or self.api_token is not None


def _key(registrant: Json, _options: Any) -> str:
    """Keys are whole numbers beyond what a float holds: they stay texts."""
    webinar, own = text_in(registrant, "webinarKey"), text_in(registrant, "registrantKey")
    return f"{webinar}:{own}" if webinar and own else ""


def _answers(registrant: Json) -> Iterator[Answer]:
    for name, label, kind in _PARTS:
        yield from one_answer(name, label, "", kind, registrant.get(name))
    for given in objects_in(registrant.get("responses")):
        asked = text_at(given, "questionText", "question", "questionKey")
        said = next((found for name in ("responseText", "answer", "answers") if (found := at_path(given, name))), None)
        yield from one_answer(text_at(given, "questionKey") or asked, asked, "", AnswerKind.TEXT, said)


REGISTRANT = Posting(
    "gotowebinar",
    answers=both(_answers),
    ours=lambda item: text_in(item, "eventName") in ("", "registrant.added"),
    key=_key,
    time=("registrationDate", "timestamp"),
    form_id=("webinarKey",),
    form_name=("webinarTitle",),
)


class GoToWebinar(Listed):
    options: Options

    def __init__(self, options: Options, tools: Tools) -> None:
        grant = None
        if options.oauth:
            service = TokenService(options.oauth.token_url, "gotowebinar: access token")
            grant = Grant(service, by_refresh_token(options.oauth), tools)
        super().__init__(REGISTRANT, Listing(pages), options, tools, grant)


def pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    for webinar in _webinars(api, options, since):
        own, title = text_in(webinar, "webinarKey"), text_at(webinar, "subject", "webinarTitle")
        found = rows_in(api.get("registrants", f"/organizers/{options.organizer}/webinars/{own}/registrants"), "data")
        newer = [one for one in found if (at := moment_of(text_in(one, "registrationDate"))) is None or at >= since]
        yield [{**one, "webinarKey": own, "webinarTitle": title} for one in newer]


def _webinars(api: ListApi, options: Options, since: datetime) -> Iterator[Json]:
    if options.ids:
        yield from ({"webinarKey": own} for own in options.ids)
        return
    number = 0
    while True:
        asked = {
            "fromTime": in_utc(since),
            "toTime": in_utc(since + AHEAD),
            "page": str(number),
            "size": str(options.page_size),
        }
        found = api.get("webinars", f"/organizers/{options.organizer}/webinars", asked)
        yield from rows_in(found, "_embedded.webinars")
        number += 1
        pages_in_all = text_at(found, "page.totalPages")
        if not pages_in_all.isdecimal() or number >= int(pages_in_all):
            return


plugin = Plugin(
    Options,
    GoToWebinar,
    About(
        "GoToWebinar",
        link="https://developer.goto.com/GoToWebinarV2#tag/Webhooks",
        setup=(
            "At developer.goto.com make an app; its client id, secret and a refresh token are `oauth`.",
            "The number of the organizer is `organizer`: it comes with the token.",
            "By the API make a webhook for registrant.added at {url}, set it to ACTIVE, and subscribe the user to it.",
            "GoToWebinar has published no way to check its signature: set a `token` for the address.",
        ),
        missed="All registrants of the webinars in `ids`, or of all webinars still to come.",
        tested="Bodies and answers made from GoTo's documentation; login and pages of webinars are from memory.",
        notes=("A webhook that fails is not sent again: set `oauth`, so that registrants are fetched.",),
        example={
            "token": "${WEBINARS_TOKEN}",
            "organizer": '"300000000000384444"',
            "oauth": '{client_id: aBcD, client_secret: "${GOTO_CLIENT_SECRET}", refresh_token: "${GOTO_TOKEN}"}',
        },
    ),
)
