"""GoToWebinar. https://developer.goto.com/GoToWebinarV2"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.sources.posted.options import WEB, LockedFetchOptions
from syncd.connector import (
    About,
    Ambiguous,
    Answer,
    AnswerKind,
    Field,
    Hook,
    HookedSourceOptions,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    Received,
    RefreshTokenOptions,
    Tools,
    WebReply,
    WebRequest,
    at_path,
    both,
    hooks_told,
    in_utc,
    insist_on_token,
    moment_of,
    objects_in,
    one_answer,
    renewing,
    rows_in,
    same_address,
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
ADDED, ACTIVE = "registrant.added", "ACTIVE"
AHEAD = timedelta(days=366)


class Login(RefreshTokenOptions):
    """https://developer.goto.com/guides/HowTos/03_HOW_accessToken"""

    token_url: str = Field(
        "https://authentication.logmeininc.com/oauth/token", pattern=WEB, description="where tokens are given out"
    )


class Options(LockedFetchOptions, HookedSourceOptions):
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
    ours=lambda item: text_in(item, "eventName") in ("", ADDED),
    key=_key,
    time=("registrationDate", "timestamp"),
    form_id=("webinarKey",),
    form_name=("webinarTitle",),
)


class GoToWebinar(Listed):
    options: Options
    handshakes = ("GET",)

    def __init__(self, options: Options, tools: Tools) -> None:
        login = options.oauth
        grant = renewing("gotowebinar", login.token_url, login, tools) if login else None
        super().__init__(REGISTRANT, Listing(pages), options, tools, grant)

    def receive(self, request: WebRequest) -> Received:
        """It asks by GET whether somebody is there when the address is put in."""
        return Received(reply=WebReply()) if request.method == "GET" else super().receive(request)

    @property
    def hooked(self) -> bool:
        return self.options.fetches

    def hooks(self) -> Sequence[Hook]:
        """https://developer.goto.com/GoToWebinarV2/#tag/Webhooks: one posts for the users who are subscribed to it."""
        api = self.api()
        subscribed = {text_in(one, "webhookKey"): one for one in _told(api, "userSubscriptions")}
        return [
            _hook(one, subscribed.get(text_in(one, "webhookKey"), {}))
            for one in _told(api, "webhooks")
            if text_in(one, "eventName") == ADDED
        ]

    def hook_up(self, url: str) -> None:
        """A new one is off, and posts nothing before its user is subscribed: both are seen to."""
        there = [hook for hook in self.hooks() if same_address(hook.url, url)]
        if any(hook.active for hook in there):
            return
        insist_on_token("gotowebinar", self.options)
        api = self.api()
        own = there[0].id if there else _made(api, url)
        _put(api, "webhooks", [{"webhookKey": own, "callbackUrl": url, "state": ACTIVE}])
        wanted = {"webhookKey": own, "callbackUrl": url, "userSubscriptionState": ACTIVE}
        subscribed = [one for one in _told(api, "userSubscriptions") if text_in(one, "webhookKey") == own]
        if subscribed:
            keys = [text_in(one, "userSubscriptionKey") for one in subscribed]
            _put(api, "userSubscriptions", [{**wanted, "userSubscriptionKey": key} for key in keys])
        else:
            api.ask("POST", "subscription", "/userSubscriptions", json=[wanted], writes=True)


def _told(api: ListApi, what: str) -> Sequence[Json]:
    answer = api.get(what, f"/{what}", {"product": "g2w"})
    return hooks_told("gotowebinar", answer, f"_embedded.{what}") if answer else ()  # {}: HAL has no empty lists


def _hook(webhook: Json, subscription: Json) -> Hook:
    url = text_in(subscription, "callbackUrl") or text_in(webhook, "callbackUrl")
    on = text_in(webhook, "state") == text_in(subscription, "userSubscriptionState") == ACTIVE
    return Hook(text_in(webhook, "webhookKey"), url, on, (text_in(webhook, "eventName"),))


def _made(api: ListApi, url: str) -> str:
    wanted = {"callbackUrl": url, "eventName": ADDED, "eventVersion": "1.0.0", "product": "g2w"}
    made = api.ask("POST", "webhook", "/webhooks", json=[wanted], writes=True)
    own = text_at(made, "_embedded.webhooks.0.webhookKey")
    if not own:
        raise Ambiguous("gotowebinar: webhook made, but the answer has no key of it")
    return own


def _put(api: ListApi, what: str, wanted: Sequence[Json]) -> None:
    api.ask("PUT", what, f"/{what}", json=wanted, writes=True)


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
            "GoToWebinar has published no way to check its signature: set a `token` for the address.",
            "`syncd hooks create <source>` makes a webhook for registrant.added at {url}: there is no page for it.",
            "It is set to ACTIVE, and the user whose login it is subscribed; GoToWebinar asks by GET who is there.",
        ),
        missed="All registrants of the webinars in `ids`, or of all webinars still to come.",
        tested=(
            "Bodies and answers made from GoTo's documentation; login and pages of webinars are from memory. Its "
            "webhooks: a fake after the API's published description."
        ),
        notes=("A webhook that fails is not sent again: set `oauth`, so that registrants are fetched.",),
        example={
            "token": "${WEBINARS_TOKEN}",
            "organizer": '"300000000000384444"',
            "oauth": '{client_id: aBcD, client_secret: "${GOTO_CLIENT_SECRET}", refresh_token: "${GOTO_TOKEN}"}',
        },
    ),
)
