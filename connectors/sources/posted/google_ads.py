"""Google Ads lead forms. https://developers.google.com/google-ads/webhook/docs/implementation"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Json,
    KeyedSourceOptions,
    Plugin,
    Posted,
    Posting,
    Received,
    WebReply,
    WebRequest,
    both,
    key_inside,
    listed,
    text_in,
    true_at,
)

_KINDS = {
    "full_name": AnswerKind.NAME,
    "email": AnswerKind.EMAIL,
    "work_email": AnswerKind.EMAIL,
    "phone_number": AnswerKind.PHONE,
    "work_phone": AnswerKind.PHONE,
}
_CLICK = {"gclid": "gcl_id", "campaign_id": "campaign_id", "adgroup_id": "adgroup_id", "creative_id": "creative_id"}


class Options(KeyedSourceOptions):
    """The key of the webhook is `secret`."""


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


class GoogleAds(Posted):
    json_errors = True

    def receive(self, request: WebRequest) -> Received:
        """Google wants an empty object."""
        return replace(super().receive(request), reply=WebReply(body=b"{}", content_type="application/json"))


plugin = Plugin(
    Options,
    partial(GoogleAds, LEAD),
    About(
        "Google Ads lead forms",
        link="https://developers.google.com/google-ads/webhook/docs/implementation",
        setup=(
            "In the lead form asset: Export leads, Webhook integration; {url} as URL, `secret` as key.",
            "Send test data there: it arrives marked as a test and goes to nobody.",
        ),
        missed=(
            "Nothing: the webhook has no list. Download the leads of the last 30 days as CSV and put the file into a "
            "`csv` source, or `syncd import` it."
        ),
        tested="Bodies made from Google's documentation; that 4xx is final and 5xx is sent again is from memory.",
        notes=(
            "Google signs nothing: it repeats the key in every body, which is compared before anything is kept.",
            "The click id becomes `gclid`.",
        ),
    ),
)
