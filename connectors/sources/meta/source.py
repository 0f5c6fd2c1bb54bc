"""The source itself: the handshake, ids as they are posted, and leads as they are fetched."""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

import orjson

from connectors.sources.meta.hooks import hook_up, hooks_of
from connectors.sources.meta.leads import ITEM
from connectors.sources.meta.trouble import judge
from syncd.connector import (
    AuthFailed,
    Context,
    FetchOptions,
    Field,
    Finding,
    Hook,
    HookedSourceOptions,
    Json,
    ListApi,
    Listed,
    Listing,
    ProvenSourceOptions,
    RateLimited,
    Received,
    Refused,
    Rejected,
    Retryable,
    SecretStr,
    Submission,
    Tools,
    WebReply,
    WebRequest,
    by_token,
    json_bytes,
    list_in,
    model_validator,
    moment_of,
    object_in,
    objects_in,
    same_secret,
    text_at,
    text_in,
    unreadable,
)

FIELDS = (
    "created_time,id,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,is_organic,platform,"
    "field_data,custom_disclaimer_responses"
)
_ID = r"^[0-9]{0,30}$"
_LEAD = re.compile(r"[0-9]{1,30}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,200}")


class Options(FetchOptions, ProvenSourceOptions, HookedSourceOptions):
    verify_token: SecretStr | None = Field(
        None, min_length=8, description="the word that Meta has to say when it asks whether somebody is there"
    )
    page_id: str = Field("", pattern=_ID, description="the page whose forms they are")
    form_ids: tuple[str, ...] = Field((), description="forms whose leads are fetched; empty: all of the page")
    base_url: str = Field(
        "https://graph.facebook.com/v24.0", pattern=r"^https?://", description="the Graph API, with its version"
    )
    page_size: int = Field(100, ge=1, le=500, description="leads for each call")

    @model_validator(mode="after")
    def _can_fetch(self) -> Self:
        if self.api_token is None:
            raise ValueError("set api_token: Meta posts ids alone, and what they stand for has to be fetched")
        return self


class Meta(Listed):
    handshakes = ("GET",)
    options: Options

    def __init__(self, options: Options, tools: Tools) -> None:
        listing = Listing(_pages, judge=judge)
        super().__init__(ITEM, listing, options, tools)

    def receive(self, request: WebRequest) -> Received:
        return Received(reply=self._shake(request)) if request.method == "GET" else super().receive(request)

    def submissions_in(self, body: Any, request: WebRequest) -> Iterator[Submission]:
        """Other changes of a page are let go."""
        if not isinstance(body, dict) or "entry" not in body:
            raise Rejected("no entry in it")
        leads = [
            object_in(change, "value")
            for entry in objects_in(list_in(body, "entry"))
            for change in objects_in(list_in(entry, "changes"))
            if text_in(change, "field") == "leadgen"
        ]
        for lead in leads:
            raw = json_bytes(lead) if len(leads) > 1 else request.body
            if _LEAD.fullmatch(text_in(lead, "leadgen_id")):
                yield self._announced(lead, request, raw)
            else:
                yield unreadable(self.name, raw, request.received_at, "meta: a lead without leadgen_id")

    def _announced(self, lead: Json, request: WebRequest, raw: bytes) -> Submission:
        return Submission(
            source=self.name,
            key=text_in(lead, "leadgen_id"),
            received_at=request.received_at,
            answers=(),
            raw=raw,
            submitted_at=moment_of(text_in(lead, "created_time")),
            context=Context(form_id=text_in(lead, "form_id")),
            announced=True,
        )

    def collect(self, submission: Submission) -> Submission:
        """https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving#reading-leads"""
        lead = self.api().get("lead", f"/{submission.key}", {"fields": FIELDS, **self._proof()})
        return self.fetched(lead, submission.received_at, json_bytes(lead))

    def check(self) -> Sequence[Finding]:
        found = list(super().check())
        if self.options.page_id:
            found.append(self._subscription())
        return found

    def _subscription(self) -> Finding:
        """Whether the page posts its leads to the app: without that they are lost without a word."""
        try:
            subscribed = any(hook.active for hook in self.hooks())
        except (AuthFailed, RateLimited, Refused, Retryable) as error:
            return Finding(
                "subscription", ok=False, detail=str(error), remedy="see page_id and the rights of api_token"
            )
        detail = "the page posts its leads" if subscribed else "the page posts no leads to the app"
        return Finding(
            "subscription", ok=subscribed, detail=detail, remedy="" if subscribed else f"syncd hooks create {self.name}"
        )

    @property
    def hooked(self) -> bool:
        return bool(self.options.page_id)

    def hooks(self) -> Sequence[Hook]:
        return hooks_of(self.api(), self.options.page_id, self._proof())

    def hook_up(self, _url: str) -> None:
        """The address stands in the app: it is put in there by hand, once."""
        hook_up(self.api(), self.options.page_id, self._proof())

    def _shake(self, request: WebRequest) -> WebReply:
        """https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests"""
        asked, token = request.query, self.options.verify_token
        challenge = asked.get("hub.challenge", "")
        right = token is not None and same_secret(asked.get("hub.verify_token", ""), [token])
        if not right or asked.get("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(challenge):
            return WebReply(403, body=b"not ours\n")
        return WebReply(body=challenge.encode())

    def _proof(self) -> dict[str, str]:
        return proof(self.options)


def proof(options: Options) -> dict[str, str]:
    """That the token is used by who knows the app secret: an app may insist on it.

    https://developers.facebook.com/docs/graph-api/securing-requests
    """
    if not (options.keys and options.api_token):
        return {}
    key, token = options.keys[0].get_secret_value(), options.api_token.get_secret_value()
    return {"appsecret_proof": hmac.new(key.encode(), token.encode(), hashlib.sha256).hexdigest()}


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    """Of each form, by cursor. The filter says "greater than", so it begins a second earlier."""
    after = int((since - timedelta(seconds=1)).timestamp())
    only = orjson.dumps([{"field": "time_created", "operator": "GREATER_THAN", "value": max(after, 0)}]).decode()
    for form in options.form_ids or _forms(api, options):
        params = {"fields": FIELDS, "filtering": only, "limit": str(options.page_size), **proof(options)}
        yield from by_token(lambda token, form=form, params=params: _page(api, f"/{form}/leads", params, token))  # type: ignore[misc]


def _forms(api: ListApi, options: Options) -> Iterator[str]:
    if not options.page_id:
        return
    params = {"fields": "id,status", "limit": "100", **proof(options)}
    for forms in by_token(lambda token: _page(api, f"/{options.page_id}/leadgen_forms", params, token)):
        yield from filter(None, (text_in(form, "id") for form in forms))


def _page(api: ListApi, path: str, params: dict[str, str], token: str) -> tuple[Sequence[Json], str]:
    found = api.get(
        "leads" if path.endswith("leads") else "forms", path, {**params, **({"after": token} if token else {})}
    )
    more = text_at(found, "paging.next")
    return objects_in(list_in(found, "data")), text_at(found, "paging.cursors.after") if more else ""
