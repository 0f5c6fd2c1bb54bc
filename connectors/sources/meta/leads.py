"""Where everything stands in a lead. https://developers.facebook.com/docs/graph-api/reference/user-lead-gen-info"""

from collections.abc import Iterator

from syncd.connector import (
    Answer,
    AnswerKind,
    Json,
    Posting,
    Signature,
    both,
    list_in,
    listed,
    objects_in,
    one_answer,
    signed,
    text_in,
)

SIGNATURES = (
    Signature("x-hub-signature-256", prefix="sha256="),
    Signature("x-hub-signature", algorithm="sha1", prefix="sha1="),
)
_PLATFORMS = {"fb": "facebook", "ig": "instagram"}
_TEST = "<test lead: dummy data"


def _disclaimers(lead: Json) -> Iterator[Answer]:
    """Boxes that ask for consent, each as it was left: they are not among the fields."""
    for box in objects_in(list_in(lead, "custom_disclaimer_responses")):
        if own := text_in(box, "checkbox_key"):
            yield from one_answer(own, own, "", AnswerKind.CONSENT, box.get("is_checked", ""))


def _ad(lead: Json) -> Iterator[Answer]:
    """Where they came from, in the words that pages use for it."""
    platform = text_in(lead, "platform").lower()
    medium = "social" if text_in(lead, "is_organic") == "yes" else "paid_social"
    told = {
        "utm_source": _PLATFORMS.get(platform, platform or "facebook"),
        "utm_medium": medium,
        "utm_campaign": text_in(lead, "campaign_name"),
        "utm_term": text_in(lead, "adset_name"),
        "utm_content": text_in(lead, "ad_name"),
        "ad_id": text_in(lead, "ad_id"),
        "campaign_id": text_in(lead, "campaign_id"),
    }
    for name, value in told.items():
        if value:
            yield Answer(name, value, name, kind=AnswerKind.HIDDEN)


def _is_test(lead: Json) -> bool:
    """What the testing tool fills in."""
    given = (value for field in objects_in(list_in(lead, "field_data")) for value in list_in(field, "values"))
    return any(isinstance(value, str) and value.startswith(_TEST) for value in given)


ITEM = Posting(
    "meta",
    answers=both(
        listed(
            "field_data",
            id=("name",),
            label=("name",),
            value=("values", "value"),
            kind="name",
            kinds={
                "email": AnswerKind.EMAIL,
                "work_email": AnswerKind.EMAIL,
                "phone_number": AnswerKind.PHONE,
                "work_phone_number": AnswerKind.PHONE,
                "full_name": AnswerKind.NAME,
                "website": AnswerKind.URL,
            },
        ),
        _disclaimers,
        _ad,
    ),
    proof=signed(*SIGNATURES),
    id=("id",),
    time=("created_time",),
    form_id=("form_id",),
    test=_is_test,
)
