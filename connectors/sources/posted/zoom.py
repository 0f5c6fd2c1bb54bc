"""Zoom webinars and meetings with registration. https://developers.zoom.us/docs/api/webhooks"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from connectors.sources.posted.options import WEB, ProvenFetchOptions
from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Asking,
    ClientCredentialsOptions,
    Field,
    Grant,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    Received,
    Rejected,
    Signature,
    TokenService,
    Tools,
    WebReply,
    WebRequest,
    both,
    by_token,
    json_bytes,
    json_value,
    list_in,
    listed,
    moment_of,
    object_in,
    objects_in,
    one_answer,
    signed,
    text_at,
    text_in,
)

SIGNATURE = Signature(
    "x-zm-signature", prefix="v0=", template="v0:{timestamp}:{body}", timestamp_header="x-zm-request-timestamp"
)
_EVENT = re.compile(r"(webinar|meeting)\.registration_(created|approved|cancelled|denied)")
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,200}")
_KINDS = {"email": AnswerKind.EMAIL, "phone": AnswerKind.PHONE}
_LABELS = {
    "first_name": "First name", "last_name": "Last name", "email": "Email", "phone": "Phone", "org": "Organization",
    "job_title": "Job title", "industry": "Industry", "address": "Address", "city": "City", "state": "State",
    "zip": "Zip", "country": "Country", "no_of_employees": "Number of employees",
    "purchasing_time_frame": "Purchasing time frame", "role_in_purchase_process": "Role in purchase process",
    "comments": "Comments", "tracking_source": "Tracking source",
}  # fmt: skip
_TALKS: Mapping[str, str] = {"webinars": "webinar", "meetings": "meeting"}


class Login(ClientCredentialsOptions):
    """A server-to-server app: https://developers.zoom.us/docs/internal-apps/s2s-oauth"""

    account_id: str = Field(description="account id of the app")
    token_url: str = Field("https://zoom.us/oauth/token", pattern=WEB, description="where tokens are given out")


class Options(ProvenFetchOptions):
    oauth: Login | None = Field(None, description="login of a server-to-server app, to fetch what was missed")
    kind: Literal["webinars", "meetings"] = Field("webinars", description="whose registrants are fetched")
    ids: tuple[str, ...] = Field((), description="webinars or meetings; empty: all that the account has planned")
    base_url: str = Field("https://api.zoom.us/v2", pattern=WEB, description="where the API lives")
    page_size: int = Field(300, ge=1, le=300, description="registrants for each call")

    @property
    def fetches(self) -> bool:
        return self.oauth is not None or self.api_token is not None


def _unwrapped(item: Json) -> Json:
    talk = object_in(object_in(item, "payload"), "object")
    registrant = object_in(talk, "registrant")
    found = _EVENT.fullmatch(text_in(item, "event"))
    told = {"_what": found[2] if found else "", "_at": text_in(registrant, "create_time") or text_in(item, "event_ts")}
    return {**registrant, **told, "_talk": text_in(talk, "id"), "_topic": text_in(talk, "topic"),
            "_starts": text_in(talk, "start_time")}  # fmt: skip


def _key(registrant: Json, _options: Any) -> str:
    """Registered is the same person at the same talk, whoever approves it."""
    talk, own = text_in(registrant, "_talk"), text_at(registrant, "id", "registrant_id", "email").lower()
    what = text_in(registrant, "_what")
    ended = f":{what}" if what in ("cancelled", "denied") else ""
    return f"{talk}:{own}{ended}" if talk and own else ""


def _answers(registrant: Json) -> Iterator[Answer]:
    for name, label in _LABELS.items():
        yield from one_answer(name, label, "", _KINDS.get(name, AnswerKind.TEXT), registrant.get(name))
    yield from one_answer("topic", "Webinar", "", AnswerKind.TEXT, registrant.get("_topic"))
    yield from one_answer("start_time", "Starts at", "", AnswerKind.TEXT, registrant.get("_starts"))


def _no_lead(registrant: Json) -> str:
    what = text_in(registrant, "_what")
    return f"Zoom: the registration was {what}" if what in ("cancelled", "denied") else ""


REGISTRANT = Posting(
    "zoom",
    answers=both(_answers, listed("custom_questions", id=("title",), label=("title",))),
    proof=signed(SIGNATURE),
    unwrap=_unwrapped,
    ours=lambda item: bool(_EVENT.fullmatch(text_in(item, "event"))),
    key=_key,
    time=("_at",),
    form_id=("_talk",),
    form_name=("_topic",),
    no_lead=_no_lead,
)


class Zoom(Listed):
    options: Options

    def __init__(self, options: Options, tools: Tools) -> None:
        grant = Grant(_service(options.oauth), _asking(options.oauth), tools) if options.oauth else None
        super().__init__(REGISTRANT, Listing(pages), options, tools, grant)

    def receive(self, request: WebRequest) -> Received:
        """https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint: within 3 s, and every 72 h."""
        self.posting.proof.of_bytes(self.options, request)
        if b"endpoint.url_validation" in request.body and self.options.keys and (reply := self._validated(request)):
            return Received(reply=reply)
        return super().receive(request)

    def _validated(self, request: WebRequest) -> WebReply | None:
        try:
            asked = json_value(request.body)
        except Rejected:
            return None
        plain = text_at(asked, "payload.plainToken")
        if text_in(asked, "event") != "endpoint.url_validation" or not _PLAIN.fullmatch(plain):
            return None
        key = self.options.keys[0].get_secret_value().encode()
        told = {"plainToken": plain, "encryptedToken": hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()}
        return WebReply(body=json_bytes(told), content_type="application/json")


def _service(login: Login) -> TokenService:
    return TokenService(login.token_url, "zoom: access token", code="reason")


def _asking(login: Login) -> Asking:
    basic = b64encode(f"{login.client_id}:{login.client_secret.get_secret_value()}".encode()).decode()
    asked = {"grant_type": "account_credentials", "account_id": login.account_id}
    return Asking(lambda _: asked, whose=f"client {login.client_id}", headers={"authorization": f"Basic {basic}"})


def pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    """Everybody who registered since then, approved or not yet."""
    for talk in _talks(api, options):
        own = text_in(talk, "id")
        for status in ("approved", "pending"):
            asked = {"status": status, "page_size": str(options.page_size)}
            path = f"/{options.kind}/{own}/registrants"
            for found in by_token(lambda token, path=path, asked=asked: _page(api, path, asked, token)):  # type: ignore[misc]
                newer = [one for one in found if (at := moment_of(text_in(one, "create_time"))) is None or at >= since]
                yield [_posted(talk, one, options.kind) for one in newer]


def _talks(api: ListApi, options: Options) -> Iterator[Json]:
    if options.ids:
        for own in options.ids:
            found = api.get(_TALKS[options.kind], f"/{options.kind}/{own}")
            yield found if isinstance(found, dict) else {}
        return
    asked = {"page_size": str(options.page_size)} | ({"type": "upcoming"} if options.kind == "meetings" else {})
    path = f"/users/me/{options.kind}"
    for talks in by_token(lambda token: _page(api, path, asked, token)):
        yield from talks


def _posted(talk: Json, registrant: Json, kind: str) -> Json:
    told = {name: talk.get(name) for name in ("id", "topic", "start_time")}
    event = f"{_TALKS[kind]}.registration_created"
    return {"event": event, "payload": {"object": {**told, "registrant": registrant}}}


def _page(api: ListApi, path: str, asked: dict[str, str], token: str) -> tuple[Sequence[Json], str]:
    what = path.rpartition("/")[2]
    found = api.get(what, path, {**asked, **({"next_page_token": token} if token else {})})
    return objects_in(list_in(found, what)), text_in(found, "next_page_token")


plugin = Plugin(
    Options,
    Zoom,
    About(
        "Zoom webinars and meetings",
        link="https://developers.zoom.us/docs/api/webhooks",
        setup=(
            "At marketplace.zoom.us make a server-to-server app; its account id, client id and secret are `oauth`.",
            "Scopes: webinar:read:list_registrants:admin and webinar:read:list_webinars:admin, or those of meetings.",
            "Under Features, Event subscriptions: {url}, with registration created, approved, cancelled and denied.",
            "The secret token of the app is `secret`; Zoom asks at once, and every 72 hours, whether it is known here.",
        ),
        missed="Registrants of the webinars or meetings in `ids`, or of all planned ones: approved and pending.",
        tested=(
            "Bodies and answers made from Zoom's documentation; where the registrant stands within the webhook is from "
            "memory."
        ),
        notes=(
            "Cancelled and denied registrations make no lead: they are kept with that reason.",
            "Zoom gives up after three tries within an hour and a half: set `oauth`.",
            "Its subscriptions are the app's, told to another kind of token: `syncd hooks` does not see them.",
        ),
        example={
            "secret": "${ZOOM_SECRET}",
            "oauth": '{account_id: aBcD, client_id: eFgH, client_secret: "${ZOOM_CLIENT_SECRET}"}',
        },
    ),
)
