"""Site builders that only post."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Json,
    LockedSourceOptions,
    Plugin,
    Posted,
    Posting,
    ProvenSourceOptions,
    Read,
    Signature,
    WebRequest,
    named,
    object_in,
    objects_in,
    one_answer,
    read_json,
    signed,
    text_at,
)

# Framer: https://www.framer.com/help/articles/form-webhooks/

FRAMER_ID = "framer-webhook-submission-id"


class FramerOptions(ProvenSourceOptions):
    pass


def _read_framer(request: WebRequest) -> Read:
    """The id of the submission is a header, and part of what is signed."""
    body, request = read_json(request)
    return ({**body, "_id": request.header(FRAMER_ID)} if isinstance(body, dict) else body), request


framer = Plugin(
    FramerOptions,
    partial(
        Posted,
        Posting(
            "framer",
            answers=named(),
            proof=signed(Signature("framer-signature", prefix="sha256=", template="{body}{id}", id_header=FRAMER_ID)),
            read=_read_framer,
            id=("_id",),
        ),
    ),
    About(
        "Framer",
        link="https://www.framer.com/help/articles/form-webhooks/",
        setup=(
            "Select the form; Send To, Webhook: {url} as the address.",
            "The secret that is set there is `secret` here.",
        ),
        missed="Nothing: Framer has no list to ask for. It tries five times.",
        tested="Bodies of our own after the documentation; signature vectors.",
        notes=("A post says neither which form it is of nor when it was sent: use a source for each form.",),
    ),
)


# Wix: https://dev.wix.com/docs/rest/business-solutions/forms


class WixOptions(LockedSourceOptions):
    pass


_WIX_NO_ANSWERS = frozenset(
    {"formName", "formId", "submissionId", "submissionTime", "contactId", "contact", "context", "_context"}
    | {"submissions", "submissionsLink", "formFieldMask"}
)
_WIX_PERSON = (
    ("contact.name.first", "First name", AnswerKind.NAME, ("contact.name.first", "contact.Name.First")),
    ("contact.name.last", "Last name", AnswerKind.TEXT, ("contact.name.last", "contact.Name.Last")),
    ("contact.email", "Email", AnswerKind.EMAIL, ("contact.email", "contact.emails.0.email", "contact.Email[0]")),
    ("contact.phone", "Phone", AnswerKind.PHONE, ("contact.phone", "contact.phones.0.phone", "contact.Phone[0]")),
    ("contact.company", "Company", AnswerKind.TEXT, ("contact.company", "contact.Company.Name")),
    ("contact.jobTitle", "Job title", AnswerKind.TEXT, ("contact.jobTitle", "contact.Company.Position")),
)


def _wix_answers(item: Json) -> Iterator[Answer]:
    """Who it is stands in the contact; the fields have the ids of components, or titles in older forms."""
    for own, label, kind, paths in _WIX_PERSON:
        yield from one_answer(own, label, "", kind, text_at(item, *paths))
    fields = {name: value for name, value in item.items() if not name.startswith("contact.")}
    for answer in named("", skip=_WIX_NO_ANSWERS)(fields):
        yield replace(answer, value=_ticked(answer.text)) if answer.text in _TICKED else answer
    for one in objects_in(item.get("submissions")):
        label, value = text_at(one, "fieldTitle", "label"), text_at(one, "fieldInputValue", "value")
        yield from one_answer(label, label, "", AnswerKind.TEXT, _ticked(value))


_TICKED = ("Checked", "Not Checked", "Unchecked")


def _ticked(text: str) -> str:
    return "yes" if text == "Checked" else "no" if text in _TICKED else text


wix = Plugin(
    WixOptions,
    partial(
        Posted,
        Posting(
            "wix",
            answers=_wix_answers,
            unwrap=lambda item: object_in(item, "data") or item,
            id=("submissionId",),
            time=("submissionTime",),
            form_id=("formId",),
            form_name=("formName",),
        ),
    ),
    About(
        "Wix",
        link="https://support.wix.com/en/article/wix-automations-sending-data-with-an-http-request",
        setup=(
            "In Automations: trigger Form submitted, action Send HTTP request, method POST, to {url}, a token in it.",
            "Body: the entire payload.",
        ),
        missed="Nothing: the list of Wix Forms is open to apps alone.",
        tested="Bodies of our own after published ones.",
        notes=(
            "Fields come as field:comp-...: name those that matter in `map`, by that id.",
            "The webhooks of a Wix app, signed by Wix itself, are not read.",
        ),
    ),
)
