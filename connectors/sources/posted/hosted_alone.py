"""Hosted form builders without a list that could be asked for what was missed."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import partial

from connectors.sources.posted.options import ZonedOptions, zone_of
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
    Signature,
    at_path,
    both,
    json_inside,
    moment_of,
    named,
    one_answer,
    signed,
    text_at,
    tracked,
)

# OpnForm: https://docs.opnform.com


class OpnformOptions(ProvenSourceOptions):
    pass


def _opnform_answers(item: Json) -> Iterator[Answer]:
    """By id with name and type; the older way by name alone."""
    data = at_path(item, "data")
    if not isinstance(data, dict):
        yield from named("submission")(item)
        yield from named("", skip=_OPNFORM_NO_ANSWERS)(item)
        return
    for own, field in data.items():
        if isinstance(field, dict):
            kind = _OPNFORM_KINDS.get(text_at(field, "type").lower(), AnswerKind.TEXT)
            yield from one_answer(own, text_at(field, "name"), "", kind, field.get("value"))
        else:
            yield from one_answer(own, "", "", AnswerKind.TEXT, field)


_OPNFORM_NO_ANSWERS = (
    "form_id",
    "form_title",
    "form_slug",
    "submission_id",
    "edit_link",
    "message",
    "meta",
    "submission",
)
_OPNFORM_KINDS = {
    "email": AnswerKind.EMAIL,
    "phone_number": AnswerKind.PHONE,
    "url": AnswerKind.URL,
    "number": AnswerKind.NUMBER,
    "date": AnswerKind.DATE,
    "select": AnswerKind.CHOICE,
    "multi_select": AnswerKind.CHOICE,
    "files": AnswerKind.FILE,
}

opnform = Plugin(
    OpnformOptions,
    partial(
        Posted,
        Posting(
            "opnform",
            answers=both(_opnform_answers, tracked("meta.attribution")),
            proof=signed(Signature("x-webhook-signature", prefix="sha256=")),
            id=("submission_id",),
            form_id=("form_id", "form_slug"),
            form_name=("form_title",),
        ),
    ),
    About(
        "OpnForm",
        link="https://docs.opnform.com",
        setup=("In the form: Integrations, Webhook; put {url} in as the address, and a secret that is `secret` here.",),
        missed="Nothing: OpnForm's webhook is asked for an answer within 5 seconds, and its list is not read.",
        tested="Bodies made after OpnForm's own source code; signature vectors of our own.",
        notes=("A submission has an id only where the form lets people edit it; else equal content counts.",),
    ),
)


# Microsoft Forms: https://learn.microsoft.com/connectors/microsoftforms/


class MicrosoftFormsOptions(LockedSourceOptions, ZonedOptions):
    pass


def _unfolded(item: Json) -> Json:
    """Several choices come as JSON inside a text."""
    return {name: inner if isinstance(inner := json_inside(value), list) else value for name, value in item.items()}


def _flow_key(item: Json, _options: MicrosoftFormsOptions) -> str:
    """Responses are numbered from 1 in every form."""
    own = text_at(item, "responseId")
    return ":".join(filter(None, (text_at(item, "formId"), own))) if own else ""


def _flow_time(text: str, zone: tzinfo) -> datetime | None:
    """ISO 8601, or 3/2/2026 10:15:00 AM."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=zone).astimezone(UTC)
    return moment_of(text, zone)


microsoft_forms = Plugin(
    MicrosoftFormsOptions,
    partial(
        Posted,
        Posting(
            "microsoft_forms",
            answers=named("", skip=("formId", "formName", "responseId", "submitDate")),
            unwrap=_unfolded,
            key=_flow_key,
            time=("submitDate",),
            form_id=("formId",),
            form_name=("formName",),
            moment=_flow_time,
            zone=zone_of,
        ),
    ),
    About(
        "Microsoft Forms",
        link="https://learn.microsoft.com/connectors/microsoftforms/",
        setup=(
            "In Power Automate: a flow that begins with When a new response is submitted, then Get response details.",
            "Add the action HTTP: method POST, address {url}, header Content-Type application/json.",
            "As its body JSON of your own: formId, responseId, submitDate, and each answer under a telling name.",
        ),
        missed="Nothing: there is no list of responses to ask for. The flow's own history can run a missed one again.",
        tested="Bodies of our own: whoever makes the flow decides what they look like.",
        notes=("Without responseId, equal content within 24 hours is taken for a repeat.",),
    ),
)
