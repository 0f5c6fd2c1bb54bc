"""Netlify Forms: https://docs.netlify.com/forms/notifications/ and https://docs.netlify.com/deploy/deploy-notifications/"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import jwt

from connectors.sources.posted.options import FORM_ID, WEB, ProvenFetchOptions
from syncd.connector import (
    About,
    Field,
    Hook,
    HookedSourceOptions,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    Refused,
    SecretStr,
    Tools,
    Unauthenticated,
    WebRequest,
    by_number,
    hooks_told,
    insist_on_key,
    list_in,
    named,
    object_in,
    objects_in,
    proved_by,
    rows_in,
    same_address,
    text_at,
    true_at,
)

HEADER = "x-webhook-signature"
LONGEST = 4096
SUBMITTED = "submission_created"


class Options(ProvenFetchOptions, HookedSourceOptions):
    site_id: str = Field("", pattern=FORM_ID, description="id of the site, to look at its webhooks")
    form_id: str = Field("", pattern=FORM_ID, description="id of the form whose submissions are fetched")
    base_url: str = Field("https://api.netlify.com/api/v1", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="submissions for each call")


def _verify(options: Options, request: WebRequest) -> None:
    """A JSON Web Signature whose claims name Netlify and the hash of the body."""
    given = request.header(HEADER)
    if not given or len(given) > LONGEST:
        raise Unauthenticated(f"no usable header {HEADER}")
    digest = hashlib.sha256(request.body).hexdigest()
    matches = [_says(given, key, digest) for key in options.keys]
    if not any(matches):
        raise Unauthenticated(f"{HEADER} does not match the body")


_CLAIMS: Any = {"require": ["iss"]}


def _says(given: str, key: SecretStr, digest: str) -> bool:
    try:
        claims = jwt.decode(given, key.get_secret_value(), algorithms=["HS256"], issuer="netlify", options=_CLAIMS)
    except jwt.PyJWTError:
        return False
    return hmac.compare_digest(str(claims.get("sha256", "")).encode(), digest.encode())


def _submitted(item: Json) -> Json:
    """A function of Netlify's gets it in an envelope."""
    return object_in(item, "payload") or item


def _labels(item: Json) -> Mapping[str, str]:
    return {text_at(one, "name"): text_at(one, "title") for one in objects_in(list_in(item, "ordered_human_fields"))}


def _pages(api: ListApi, options: Options, _since: datetime) -> Iterator[Sequence[Json]]:
    def ask(page: int) -> Sequence[Json]:
        params = {"page": str(page), "per_page": str(options.page_size)}
        found = api.get(f"submissions of form {options.form_id}", f"/forms/{options.form_id}/submissions", params)
        return rows_in(found)

    return by_number(ask, 1, first=1, step=1)


SUBMISSION = Posting(
    "netlify",
    answers=named("data", skip=("ip", "user_agent", "referrer", "form-name", "g-recaptcha-response"), labels=_labels),
    proof=proved_by(_verify),
    unwrap=_submitted,
    id=("id",),
    time=("created_at",),
    form_id=("form_id",),
    form_name=("form_name",),
    page_url=("data.referrer",),
    user_agent=("data.user_agent",),
)


class Netlify(Listed):
    options: Options

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(SUBMISSION, Listing(_pages, newest_first=True), options, tools)

    @property
    def hooked(self) -> bool:
        return bool(self.options.fetches and self.options.site_id)

    def hooks(self) -> Sequence[Hook]:
        """https://open-api.netlify.com/#tag/hook: those of the form, and those for all forms of the site."""
        told = hooks_told("netlify", self.api().get("webhooks", "/hooks", self._site()), "")
        return [
            Hook(text_at(one, "id"), text_at(one, "data.url"), not true_at("disabled")(one), (SUBMITTED,))
            for one in told
            if (text_at(one, "type"), text_at(one, "event")) == ("url", SUBMITTED) and self._is_ours(one)
        ]

    def hook_up(self, url: str) -> None:
        """One that was switched off is switched on as it is; a new one is for the form, or for all if none is named."""
        there = [hook for hook in self.hooks() if same_address(hook.url, url)]
        if any(hook.active for hook in there):
            return
        insist_on_key("netlify", self.options)
        if there:
            self.api().ask("POST", "webhook", f"/hooks/{there[0].id}/enable", writes=True)
            return
        data = {"url": url} | ({"signature_secret": key} if (key := self._key()) else {})
        form = {"form_id": self.options.form_id} if self.options.form_id else {}
        wanted = {"type": "url", "event": SUBMITTED, "data": data, **self._site(), **form}
        self.api().ask("POST", "webhook", "/hooks", params=self._site(), json=wanted, writes=True)

    def _is_ours(self, hook: Json) -> bool:
        return not self.options.form_id or text_at(hook, "form_id") in ("", self.options.form_id)

    def _key(self) -> str:
        return self.options.keys[0].get_secret_value() if self.options.keys else ""

    def _site(self) -> dict[str, str]:
        if not self.options.site_id:
            raise Refused("netlify: set site_id: webhooks belong to a site")
        return {"site_id": self.options.site_id}


plugin = Plugin(
    Options,
    Netlify,
    About(
        "Netlify Forms",
        link="https://docs.netlify.com/forms/notifications/",
        setup=(
            "In the site: Forms, Form notifications, HTTP POST request; put {url} in as the address.",
            "The JWS secret token that is set there is `secret` here; without one, put a token into {url}.",
            "To fetch what was missed: a personal access token as `api_token`, the form's id as `form_id`.",
            "With that token and `site_id`, `syncd hooks create <source>` makes the notification, or switches it on.",
        ),
        missed="All submissions that Netlify does not take for spam, by the API, under the webhook's own ids.",
        tested=(
            "Bodies of our own after captured ones, signature vectors; that the newest come first is from memory. Its "
            "webhooks: a fake after the API's published description; the names of the secret and of the form in it are "
            "from memory."
        ),
        notes=(
            "Netlify switches off a notification that fails six times: with `hooks: keep` it is switched on again.",
        ),
    ),
)
