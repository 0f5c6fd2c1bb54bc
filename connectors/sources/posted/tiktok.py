"""TikTok lead generation, as it is believed to post: no body of it was published. https://business-api.tiktok.com"""

from functools import partial
from typing import Self

from syncd.connector import (
    About,
    AnswerKind,
    Field,
    Plugin,
    Posted,
    Posting,
    ProvenSourceOptions,
    Signature,
    listed,
    model_validator,
    signed,
)

SIGNATURE = Signature("tiktok-signature", prefix="s=", template="{timestamp}.{body}")


class Options(ProvenSourceOptions):
    unpublished: bool = Field(
        False, description="yes: I know that nobody has published what TikTok posts, and that this may not fit"
    )

    @model_validator(mode="after")
    def _is_meant(self) -> Self:
        if not self.unpublished:
            raise ValueError("TikTok has not published what it posts: say unpublished: yes, or take its CSV files")
        return self


LEAD = Posting(
    "tiktok",
    answers=listed(
        "changes",
        id=("field",),
        label=("field",),
        kind="field",
        kinds={"email": AnswerKind.EMAIL, "phone_number": AnswerKind.PHONE, "name": AnswerKind.NAME},
    ),
    proof=signed(SIGNATURE),
    items="entry",
    id=("lead_id",),
    time=("create_time", "time"),
    form_id=("page_id",),
)

plugin = Plugin(
    Options,
    partial(Posted, LEAD),
    About(
        "TikTok lead generation",
        link="https://business-api.tiktok.com/portal/docs",
        setup=(
            "Take TikTok's CSV files by a `csv` source, or its leads by Zapier or Make and a `webhook` source.",
            "To try the webhook all the same: `unpublished: yes`, {url} as callback, the client secret as `secret`.",
        ),
        missed="Nothing by itself: download the leads as CSV in the TikTok Ads Manager.",
        tested="Nothing but a body made up from memory. What cannot be read is kept and parked.",
        example={"secret": "${TIKTOK_SECRET}", "unpublished": "yes"},
    ),
)
