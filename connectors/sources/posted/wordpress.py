"""Form plugins of WordPress that only post: unsigned, once, while the visitor waits."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from connectors.sources.posted.cf7_body import LARGEST, read_cf7
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
    Read,
    WebRequest,
    named,
    nested,
    object_in,
    one_answer,
    read_any,
    text_at,
)

GET_IS_SHORT = "POST is better than GET: an address holds 8 KB, and proxies write it into their logs."
ONE_SITE = "One source for each site, for every site counts from 1."
NOTHING = "Nothing: the plugin has no list to ask for, and sends once. Let it send its mail besides."


class Options(LockedSourceOptions):
    pass


def read_brackets(request: WebRequest) -> Read:
    """Names of form fields that are paths: fields[email][value]."""
    body, request = read_any(request)
    return (nested(body) if isinstance(body, dict) else body), request


# Contact Form 7 with CF7 to Webhook: https://wordpress.org/plugins/cf7-to-zapier/


cf7 = Plugin(
    Options,
    partial(
        Posted,
        Posting(
            "cf7",
            answers=named("", boxes=("acceptance",)),
            read=read_cf7,
            takes=(JSON_TYPE, *FORM_TYPES, "text/plain"),
            methods=ANY_METHOD,
            largest_body=LARGEST,
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
        notes=(
            "Posts have no id: equal content within 24 hours is one submission.",
            "A body of your own is read even where a visitor's quotes and line ends have broken its JSON.",
            "Of files that come as their content, the name is kept.",
            GET_IS_SHORT,
        ),
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
_ELEMENTOR_FORM = frozenset({"form", "fields", "meta", "form_id", "form_name"})
_ELEMENTOR_META = frozenset({"Page URL", "Page Title", "User Agent", "Remote IP", "Powered by"})
_NO_LABEL = "No Label "


def _read_elementor(request: WebRequest) -> Read:
    """Without advanced data names are labels, and brackets in one are part of it."""
    body, request = read_any(request)
    advanced = isinstance(body, dict) and any(name.startswith(("fields[", "form[", "meta[")) for name in body)
    return (nested(body) if advanced else body), request


def _elementor_answers(item: Json) -> Iterator[Answer]:
    """With advanced data a field says what it is; without, there is no more than labels.

    Of a file the raw value is where it lies on the site's own disk.
    """
    fields = object_in(item, "fields")
    for own, field in fields.items():
        if isinstance(field, dict):
            kind = _ELEMENTOR_KINDS.get(text_at(field, "type").lower(), AnswerKind.TEXT)
            value = (kind is not AnswerKind.FILE and field.get("raw_value")) or field.get("value") or ""
            yield from one_answer(own, text_at(field, "title"), "", kind, value)
    if not fields:
        yield from _labelled(item)


def _labelled(item: Json) -> Iterator[Answer]:
    """A field called Date is one of the form's, unless the plugin writes its own there."""
    no_answers = _ELEMENTOR_FORM | _ELEMENTOR_META
    if not _ELEMENTOR_META.isdisjoint(item):
        no_answers |= {"Date", "Time"}
    for answer in named("", skip=no_answers)(item):
        yield replace(answer, ref=answer.id.removeprefix(_NO_LABEL)) if answer.id.startswith(_NO_LABEL) else answer


elementor = Plugin(
    Options,
    partial(
        Posted,
        Posting(
            "elementor",
            answers=_elementor_answers,
            read=_read_elementor,
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
        tested="Bodies of our own after a captured one with advanced data, and after the plugin's source.",
        notes=(
            "Its date has no zone and is written in the site's language: the time of arrival counts.",
            "Posts have no id: equal content within 24 hours is one submission.",
        ),
    ),
)
