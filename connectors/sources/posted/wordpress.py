"""Form plugins of WordPress that only post: unsigned, once, while the visitor waits."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from syncd.connector import (
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
    Read,
    WebRequest,
    both,
    named,
    nested,
    object_in,
    one_answer,
    read_any,
    text_at,
)

UNSEEN = "Bodies of our own: what the plugin posts is from memory, no capture was seen."
NOTHING = "Nothing: the plugin has no list to ask for, and sends once. Let it send its mail besides."


class Options(LockedSourceOptions):
    pass


def read_brackets(request: WebRequest) -> Read:
    """Names of form fields that are paths: fields[email][value]."""
    body, request = read_any(request)
    return (nested(body) if isinstance(body, dict) else body), request


# Contact Form 7 with CF7 to Webhook: https://wordpress.org/plugins/cf7-to-zapier/


def _read_cf7(request: WebRequest) -> Read:
    """A body of somebody's own that is no JSON comes as text/plain, and may be JSON all the same."""
    if request.content_type == "text/plain":
        request = replace(request, headers={**request.headers, "content-type": JSON_TYPE})
    return read_any(request)


def _without_uploads(item: Json) -> Json:
    """Of a file that came along its name."""

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(one) for one in value]
        return text_at(value, "filename") if isinstance(value, dict) and "content" in value else value

    return {name: told(value) for name, value in item.items()}


cf7 = Plugin(
    Options,
    partial(
        Posted,
        Posting(
            "cf7",
            answers=named("", boxes=("acceptance",)),
            read=_read_cf7,
            takes=(JSON_TYPE, *FORM_TYPES, "text/plain"),
            unwrap=_without_uploads,
            form_id=("_wpcf7",),
            form_name=("_contact_form_title", "_post_title"),
            page_url=("_url",),
            user_agent=("_user_agent",),
        ),
    ),
    About(
        "Contact Form 7",
        link="https://wordpress.org/plugins/cf7-to-zapier/",
        setup=(
            "Install CF7 to Webhook; in the form: Webhook, Integrate, URL {url}, a token in it, method POST.",
            "Tick the special tags _url and _user_agent, and Send CF7 mail, or the webhook is the only copy.",
        ),
        missed=NOTHING,
        tested="Bodies of our own after the plugin's source.",
        notes=("Posts have no id: equal content within 24 hours is one submission.", "Method GET is not taken."),
    ),
)


# Elementor Pro: https://elementor.com/help/form-webhook/

_ELEMENTOR_KINDS = {
    "email": AnswerKind.EMAIL,
    "tel": AnswerKind.PHONE,
    "url": AnswerKind.URL,
    "number": AnswerKind.NUMBER,
    "date": AnswerKind.DATE,
    "select": AnswerKind.CHOICE,
    "radio": AnswerKind.CHOICE,
    "checkbox": AnswerKind.CHOICE,
    "acceptance": AnswerKind.CONSENT,
    "upload": AnswerKind.FILE,
    "hidden": AnswerKind.HIDDEN,
}
_ELEMENTOR_META = frozenset(
    {"form", "fields", "meta", "form_id", "form_name", "Date", "Time", "Page URL", "User Agent", "Remote IP"}
    | {"Powered by"}
)


def _elementor_answers(item: Json) -> Iterator[Answer]:
    """With advanced data a field says what it is; without, there is no more than labels."""
    fields = object_in(item, "fields")
    for own, field in fields.items():
        if isinstance(field, dict):
            kind = _ELEMENTOR_KINDS.get(text_at(field, "type").lower(), AnswerKind.TEXT)
            value = field.get("raw_value") or field.get("value") or ""
            yield from one_answer(own, text_at(field, "title"), "", kind, value)
    if not fields:
        yield from named("", skip=_ELEMENTOR_META)(item)


elementor = Plugin(
    Options,
    partial(
        Posted,
        Posting(
            "elementor",
            answers=_elementor_answers,
            read=read_brackets,
            takes=(JSON_TYPE, *FORM_TYPES),
            form_id=("form.id", "form_id"),
            form_name=("form.name", "form_name"),
            page_url=("meta.page_url.value", "Page URL"),
            user_agent=("meta.user_agent.value", "User Agent"),
        ),
    ),
    About(
        "Elementor Pro",
        link="https://elementor.com/help/form-webhook/",
        setup=(
            "In the form widget: Actions After Submit, add Webhook; Webhook URL {url}, a token in it.",
            "Switch Advanced Data on.",
        ),
        missed=NOTHING,
        tested="Bodies of our own after a captured one with advanced data; the plain form is from memory.",
        notes=(
            "Its date has no zone and is written in the site's language: the time of arrival counts.",
            "Posts have no id: equal content within 24 hours is one submission.",
        ),
    ),
)


# WPForms: https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-with-wpforms/


def _wpforms_answers(item: Json) -> Iterator[Answer]:
    """Under the names that somebody chose, or all of them with what they are."""
    for own, field in object_in(item, "fields").items():
        if isinstance(field, dict):
            kind = _WPFORMS_KINDS.get(text_at(field, "type").lower(), AnswerKind.TEXT)
            yield from one_answer(own, text_at(field, "name"), "", kind, field.get("value"))


_WPFORMS_KINDS = {
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

wpforms = Plugin(
    Options,
    partial(
        Posted,
        Posting(
            "wpforms",
            answers=both(
                _wpforms_answers,
                named("", skip=("fields", "entry_id", "form_id", "form_name", "date", "page_url"), boxes=("gdpr",)),
            ),
            read=read_brackets,
            takes=(JSON_TYPE, *FORM_TYPES),
            id=("entry_id",),
            time=("date",),
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
            "The add-on's Secret is a header: `header_secret` here.",
        ),
        missed=NOTHING,
        tested=UNSEEN,
        notes=("Without entry_id, equal content within 24 hours is one submission.",),
    ),
)
