"""WPForms for WordPress and its Webhooks add-on.

https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-with-wpforms/
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from connectors.sources.posted.wordpress import GET_IS_SHORT, NOTHING, ONE_SITE, read_brackets
from syncd.connector import (
    ANY_METHOD,
    FORM_TYPES,
    JSON_TYPE,
    About,
    Answer,
    AnswerKind,
    Json,
    LockedSourceOptions,
    Plugin,
    Posted,
    Posting,
    both,
    model_validator,
    named,
    object_in,
    one_answer,
    text_at,
)

SIGNATURE = {"header": "X-WPForms-Webhook-Signature", "prefix": "v=", "template": "{timestamp}.{body}"}
_ABOUT_THE_ENTRY = ("fields", "entry_id", "form_id", "form_name", "page_url")
_KINDS = {
    "email": AnswerKind.EMAIL,
    "phone": AnswerKind.PHONE,
    "url": AnswerKind.URL,
    "number": AnswerKind.NUMBER,
    "select": AnswerKind.CHOICE,
    "radio": AnswerKind.CHOICE,
    "checkbox": AnswerKind.CHOICE,
    "gdpr-checkbox": AnswerKind.CONSENT,
    "file-upload": AnswerKind.FILE,
    "hidden": AnswerKind.HIDDEN,
}


class Options(LockedSourceOptions):
    @model_validator(mode="before")
    @classmethod
    def _signs_in_its_own_way(cls, given: Any) -> Any:
        """A secret alone is the one that the add-on signs with."""
        if not isinstance(given, dict) or {"signature", "scheme"} & given.keys():
            return given
        return {**given, "signature": SIGNATURE} if {"secret", "secrets"} & given.keys() else given


def _listed_fields(item: Json) -> Iterator[Answer]:
    """All fields, with what they are."""
    for own, field in object_in(item, "fields").items():
        if isinstance(field, dict):
            kind = _KINDS.get(text_at(field, "type").lower(), AnswerKind.TEXT)
            yield from one_answer(own, text_at(field, "name"), "", kind, field.get("value"))


def _chosen_names(item: Json) -> Iterator[Answer]:
    """Under the names that somebody chose."""
    plain = {name: _plain(value) for name, value in item.items()}
    yield from named("", skip=_ABOUT_THE_ENTRY, boxes=("gdpr",))(plain)


def _plain(value: Any) -> Any:
    """Several choices, and the lines of an address, are parted by ||; a time comes with its number of seconds."""
    if isinstance(value, dict) and value.keys() == {"value", "unix"}:
        return value["value"]
    return value.split("||") if isinstance(value, str) and "||" in value else value


plugin = Plugin(
    Options,
    partial(
        Posted,
        Posting(
            "wpforms",
            answers=both(_listed_fields, _chosen_names),
            read=read_brackets,
            takes=(JSON_TYPE, *FORM_TYPES),
            methods=ANY_METHOD,
            id=("entry_id",),
            form_id=("form_id",),
            form_name=("form_name",),
            page_url=("page_url",),
        ),
    ),
    About(
        "WPForms",
        link="https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-with-wpforms/",
        setup=(
            "Webhooks add-on; in the form: Settings, Webhooks: {url}, a token in it, method POST, format JSON.",
            "Request Body: a telling name for each field; entry_id from the smart tag {entry_id}.",
            "With what stands there as Secret the add-on signs, in format JSON: it is `secret` here.",
        ),
        missed=NOTHING,
        tested="Bodies and signatures of our own after the add-on's source; no capture was seen.",
        notes=(
            "Without entry_id, equal content within 24 hours is one submission.",
            "The add-on sends in the background, so no visitor waits for it.",
            ONE_SITE,
            GET_IS_SHORT,
        ),
    ),
)
