"""Netlify Forms: https://docs.netlify.com/forms/notifications/ and https://docs.netlify.com/deploy/deploy-notifications/"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import jwt

from connectors.sources.posted.options import FORM_ID, WEB, ProvenFetchOptions
from syncd.connector import (
    About,
    Field,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    SecretStr,
    Unauthenticated,
    WebRequest,
    by_number,
    list_in,
    named,
    object_in,
    objects_in,
    proved_by,
    rows_in,
    text_at,
)

HEADER = "x-webhook-signature"
LONGEST = 4096


class Options(ProvenFetchOptions):
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


plugin = Plugin(
    Options,
    partial(
        Listed,
        Posting(
            "netlify",
            answers=named(
                "data", skip=("ip", "user_agent", "referrer", "form-name", "g-recaptcha-response"), labels=_labels
            ),
            proof=proved_by(_verify),
            unwrap=_submitted,
            id=("id",),
            time=("created_at",),
            form_id=("form_id",),
            form_name=("form_name",),
            page_url=("data.referrer",),
            user_agent=("data.user_agent",),
        ),
        Listing(_pages, newest_first=True),
    ),
    About(
        "Netlify Forms",
        link="https://docs.netlify.com/forms/notifications/",
        setup=(
            "In the site: Forms, Form notifications, HTTP POST request; put {url} in as the address.",
            "The JWS secret token that is set there is `secret` here; without one, put a token into {url}.",
            "To fetch what was missed: a personal access token as `api_token`, the form's id as `form_id`.",
        ),
        missed="All submissions that Netlify does not take for spam, by the API, under the webhook's own ids.",
        tested="Bodies of our own after captured ones, signature vectors; that the newest come first is from memory.",
        notes=("Netlify switches off a notification that fails six times.",),
    ),
)
