"""Google Ads lead forms: told by their webhook, and asked for by the Google Ads API.

https://developers.google.com/google-ads/webhook/docs/implementation
https://developers.google.com/google-ads/api/fields/v26/lead_form_submission_data
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self

from connectors.sources.posted.options import WEB, ProvenFetchOptions
from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Field,
    HttpReply,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    RateLimited,
    Received,
    RefreshTokenOptions,
    SecretStr,
    Tools,
    WebReply,
    WebRequest,
    both,
    by_token,
    field_validator,
    in_utc,
    key_inside,
    list_in,
    listed,
    model_validator,
    object_in,
    objects_in,
    renewing,
    rows_in,
    text_at,
    text_in,
    true_at,
)

KEPT = timedelta(days=60)
"""For so long Google gives out what people wrote."""
HALF_A_DAY = timedelta(hours=12)
_KINDS = {
    "full_name": AnswerKind.NAME,
    "email": AnswerKind.EMAIL,
    "work_email": AnswerKind.EMAIL,
    "phone_number": AnswerKind.PHONE,
    "work_phone": AnswerKind.PHONE,
}
_CLICK = {"gclid": "gcl_id", "campaign_id": "campaign_id", "adgroup_id": "adgroup_id", "creative_id": "creative_id"}


class Options(ProvenFetchOptions):
    """The key of the webhook is `secret`."""

    customer_id: str = Field("", pattern=r"^[0-9-]{0,12}$", description="the account whose leads are fetched")
    manager_id: str = Field(
        "", pattern=r"^[0-9-]{0,12}$", description="the manager account above it, where the login is that one's"
    )
    developer_token: SecretStr | None = Field(None, description="developer token, from a manager account's API centre")
    login: RefreshTokenOptions | None = Field(None, description="the app that may read (scope adwords)")
    api_version: str = Field(
        "v26", pattern=r"^v[0-9]{2}$", description="version of the Google Ads API; each lasts a year"
    )
    base_url: str = Field("https://googleads.googleapis.com", pattern=WEB, description="where the API lives")
    token_url: str = Field("https://oauth2.googleapis.com/token", pattern=WEB, description="where tokens come from")

    @property
    def fetches(self) -> bool:
        return self.login is not None

    @field_validator("customer_id", "manager_id")
    @classmethod
    def _is_plain(cls, number: str) -> str:
        """People read it with dashes, the API without."""
        return number.replace("-", "")

    @model_validator(mode="after")
    def _knows_the_account(self) -> Self:
        if self.login and not (self.customer_id and self.developer_token):
            raise ValueError("to fetch, give customer_id and developer_token beside login")
        return self


def _ad(lead: Json) -> Iterator[Answer]:
    for name, stands_at in _CLICK.items():
        if value := text_in(lead, stands_at):
            yield Answer(name, value, name, kind=AnswerKind.HIDDEN)


LEAD = Posting(
    "google_ads",
    answers=both(
        listed(
            "user_column_data",
            id=("column_id", "column_name"),
            label=("column_name", "column_id"),
            value=("string_value",),
            kind="column_id",
            kinds=_KINDS,
        ),
        _ad,
    ),
    proof=key_inside("google_key"),
    id=("lead_id",),
    time=("lead_submit_time",),
    form_id=("form_id",),
    test=true_at("is_test"),
)

_LEADS = "lead_form_submission_data"
_FIELDS = (
    "id",
    "asset",
    "campaign",
    "ad_group",
    "ad_group_ad",
    "gclid",
    "submission_date_time",
    "lead_form_submission_fields",
    "custom_lead_form_submission_fields",
)


def _query(since: datetime) -> str:
    """Days are the account's own, whose zone is not known here: so it begins half a day before."""
    names = [f"{_LEADS}.{name}" for name in _FIELDS]
    at = f"{_LEADS}.submission_date_time"
    day = in_utc(since - HALF_A_DAY, "%Y-%m-%d")
    return f"SELECT {', '.join(names)} FROM {_LEADS} WHERE {at} >= '{day}' ORDER BY {at}"  # noqa: S608 - a day


def _as_posted(row: Json) -> Json:
    """A row of the API as the webhook writes it; what it refers to is named by paths with the id at their end."""
    lead = object_in(row, "leadFormSubmissionData")
    asked = objects_in(list_in(lead, "leadFormSubmissionFields"))
    own = objects_in(list_in(lead, "customLeadFormSubmissionFields"))
    columns = [
        *({"column_id": text_in(one, "fieldType"), "string_value": one.get("fieldValue")} for one in asked),
        *({"column_name": text_in(one, "questionText"), "string_value": one.get("fieldValue")} for one in own),
    ]
    return {
        "lead_id": text_in(lead, "id"),
        "lead_submit_time": text_in(lead, "submissionDateTime"),
        "form_id": _last(lead, "asset"),
        "campaign_id": _last(lead, "campaign"),
        "adgroup_id": _last(lead, "adGroup"),
        "creative_id": _last(lead, "adGroupAd").rpartition("~")[2],
        "gcl_id": text_in(lead, "gclid"),
        "user_column_data": columns,
    }


def _last(lead: Json, name: str) -> str:
    return text_in(lead, name).rpartition("/")[2]


_SECONDS = re.compile(r"([0-9]{1,6})(?:\.[0-9]+)?s")


def _judge(reply: HttpReply, found: Any, what: str) -> None:
    """How long to wait stands in the error (https://developers.google.com/google-ads/api/docs/best-practices/quotas)."""
    delay = text_at(found, "error.details.0.errors.0.details.quotaErrorDetails.retryDelay")
    if reply.status == 429 and (seconds := _SECONDS.fullmatch(delay)):
        raise RateLimited(f"{what}: the quota is used up", timedelta(seconds=int(seconds[1])))


def _headers(options: Options) -> Mapping[str, str]:
    token = options.developer_token.get_secret_value() if options.developer_token else ""
    manager = {"login-customer-id": options.manager_id} if options.manager_id else {}
    return {"developer-token": token, **manager}


class GoogleAds(Listed):
    json_errors = True

    def __init__(self, options: Options, tools: Tools) -> None:
        grant = renewing("google_ads", options.token_url, options.login, tools) if options.login else None
        listing = Listing(self._pages, headers=_headers, oldest_first=True, judge=_judge)
        super().__init__(LEAD, listing, options, tools, grant)

    def receive(self, request: WebRequest) -> Received:
        """Google wants an empty object."""
        return replace(super().receive(request), reply=WebReply(body=b"{}", content_type="application/json"))

    def _pages(self, api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
        query = _query(max(since, self.clock.now() - KEPT))
        path = f"/{options.api_version}/customers/{options.customer_id}/googleAds:search"

        def ask(token: str) -> tuple[Sequence[Json], str]:
            wanted = {"query": query, **({"pageToken": token} if token else {})}
            words = ("error.details.0.errors.0.message",)
            found = api.ask("POST", f"leads of account {options.customer_id}", path, json=wanted, words=words)
            return [_as_posted(row) for row in rows_in(found, "results")], text_at(found, "nextPageToken")

        return by_token(ask)


plugin = Plugin(
    Options,
    GoogleAds,
    About(
        "Google Ads lead forms",
        link="https://developers.google.com/google-ads/webhook/docs/implementation",
        setup=(
            "In the lead form asset: Export leads, Webhook integration; {url} as URL, `secret` as key.",
            "Send test data there: it arrives marked as a test and goes to nobody.",
            "To fetch what was missed: a manager account's API centre gives a `developer_token` (basic access).",
            "In Google Cloud switch the Google Ads API on, make an OAuth client; a user of the account allows it once.",
            "Client id, secret and the refresh token of that go into `login`, the account's number into `customer_id`.",
        ),
        missed=(
            "Every lead of the last 60 days, by the Google Ads API. Without that login nothing: download the leads of "
            "the last 30 days as CSV and put the file into a `csv` source, or `syncd import` it."
        ),
        tested=(
            "Bodies made from Google's documentation; that 4xx is final and 5xx is sent again is from memory. The "
            "list: a fake after the published description of lead_form_submission_data; that its id is the webhook's "
            "lead_id, and an asset's number the form's, is from memory."
        ),
        notes=(
            "Google signs nothing: it repeats the key in every body, which is compared before anything is kept.",
            "The click id becomes `gclid`.",
            "See that the first lead is kept once by webhook and list: with other ids it were one lead, asking twice.",
            "Google ends a version of its API after about a year: set api_version in time.",
        ),
        example={
            "secret": "${GOOGLE_ADS_KEY}",
            "customer_id": "123-456-7890",
            "developer_token": "${GOOGLE_ADS_DEVELOPER_TOKEN}",
            "login": '{client_id: "${G_ID}", client_secret: "${G_SECRET}", refresh_token: "${G_REFRESH}"}',
        },
    ),
)
