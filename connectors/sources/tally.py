"""Tally: the webhook. https://tally.so/help/webhooks"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Self

from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Context,
    Finding,
    Plugin,
    Received,
    Rejected,
    Signature,
    SignedSourceOptions,
    Submission,
    Text,
    Tools,
    UnsupportedBody,
    WebRequest,
    content_key,
    flatten,
    id_key,
    json_value,
    list_in,
    model_validator,
    moment_of,
    object_in,
    text_in,
    text_of,
    unreadable,
    verify,
)

SIGNATURE = Signature("tally-signature", encoding="base64")
RETRY_WINDOW = timedelta(hours=48)  # Tally tries again after 5 min, 30 min, 1 h, 6 h and 24 h

Json = Mapping[str, Any]


class Options(SignedSourceOptions):
    @model_validator(mode="after")
    def _has_a_way_in(self) -> Self:
        if not (self.keys or self.unsigned):
            raise ValueError("set the webhook's signing secret, or say unsigned: true")
        return self


class Tally:
    takes = ("application/json",)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name = options, tools.name

    def receive(self, request: WebRequest) -> Received:
        if not self.options.unsigned:
            verify(SIGNATURE, self.options.keys, request)
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too: what `receive` would return, whoever signed it."""
        if request.content_type != "application/json":
            raise UnsupportedBody("tally: the body is not JSON")
        try:
            payload = json_value(request.body)
            if text_in(payload, "eventType") not in ("", "FORM_RESPONSE"):
                return Received()
            return Received([self._submission(payload, request)])
        except Rejected as error:
            if self.options.unsigned:
                raise
            return Received([unreadable(self.name, request.body, request.received_at, str(error))])

    def check(self) -> Sequence[Finding]:
        signed = not self.options.unsigned
        remedy = "" if signed else "set the signing secret that Tally shows with the webhook"
        return [Finding("webhooks", ok=True, detail="signed" if signed else "unsigned", remedy=remedy)]

    def close(self) -> None:
        """Nothing is open."""

    def _submission(self, payload: Any, request: WebRequest) -> Submission:
        data = object_in(payload, "data")
        if not isinstance(data.get("fields"), list):
            raise Rejected("tally: no fields in it")
        form_id = text_in(data, "formId")
        answers = tuple(_answers(data))
        own = id_key(text_in(data, "submissionId") or text_in(data, "responseId"))
        told = [(answer.label or answer.id, answer.value) for answer in answers]
        return Submission(
            source=self.name,
            key=own or content_key(form_id, told),
            received_at=request.received_at,
            answers=answers,
            raw=request.body,
            submitted_at=moment_of(data.get("createdAt")),
            context=Context(form_id=form_id, form_name=text_in(data, "formName")),
            window=None if own else RETRY_WINDOW,
        )


_KINDS = {
    "INPUT_EMAIL": AnswerKind.EMAIL,
    "INPUT_PHONE_NUMBER": AnswerKind.PHONE,
    "INPUT_LINK": AnswerKind.URL,
    "INPUT_NUMBER": AnswerKind.NUMBER,
    "LINEAR_SCALE": AnswerKind.NUMBER,
    "RATING": AnswerKind.NUMBER,
    "INPUT_DATE": AnswerKind.DATE,
    "MULTIPLE_CHOICE": AnswerKind.CHOICE,
    "CHECKBOXES": AnswerKind.CHOICE,
    "DROPDOWN": AnswerKind.CHOICE,
    "MULTI_SELECT": AnswerKind.CHOICE,
    "RANKING": AnswerKind.CHOICE,
    "MATRIX": AnswerKind.CHOICE,
    "FILE_UPLOAD": AnswerKind.FILE,
    "SIGNATURE": AnswerKind.FILE,
    "HIDDEN_FIELDS": AnswerKind.HIDDEN,
    "CALCULATED_FIELDS": AnswerKind.HIDDEN,
}


def _answers(data: Json) -> Iterator[Answer]:
    fields = [field for field in list_in(data, "fields") if isinstance(field, dict)]
    groups = {text_in(field, "key") for field in fields if list_in(field, "options")}
    for field in fields:
        key, label = text_in(field, "key"), text_in(field, "label")
        kind = _KINDS.get(text_in(field, "type"), AnswerKind.TEXT)
        if _is_echo(field, groups) or not (text := _text(field, kind)):
            continue
        if kind is AnswerKind.HIDDEN and label:  # one field per hidden name, which stands in the label
            yield Answer(id=label, value=text, label=label, ref=key, kind=kind)
        else:
            yield Answer(id=key or label, value=text, label=label, kind=kind)


def _is_echo(field: Json, groups: set[str]) -> bool:
    """A group of boxes comes as one list, and then once more box by box as `<key>_<option>`: yes or no."""
    key = text_in(field, "key")
    one_box = text_in(field, "type") == "CHECKBOXES" and isinstance(field.get("value"), bool)
    return one_box and any(group and key.startswith(f"{group}_") for group in groups)


def _text(field: Json, kind: AnswerKind) -> Text:
    value = field.get("value")
    if kind is AnswerKind.FILE:
        return text_of([text_in(file, "url") for file in list_in(field, "value")]) or text_of(value)
    if isinstance(value, dict):
        return tuple(_matrix(field, value))
    options = _names(field, "options")
    if isinstance(value, list):
        return text_of([options.get(one, one) if isinstance(one, str) else one for one in value])
    text = text_of(value)
    return options.get(text, text) if isinstance(text, str) else text


def _matrix(field: Json, value: Json) -> Iterator[str]:
    """Row id -> ids of columns; other objects are told part by part."""
    rows, columns = _names(field, "rows"), _names(field, "columns")
    for row, text in flatten(value):
        chosen = (text,) if isinstance(text, str) else text
        yield f"{rows.get(row, row)}: {', '.join(columns.get(one, one) for one in chosen)}"


def _names(field: Json, of: str) -> dict[str, str]:
    """What people read, by id."""
    return {text_in(one, "id"): text_in(one, "text") for one in list_in(field, of) if text_in(one, "text")}


plugin = Plugin(
    Options,
    Tally,
    About(
        "Tally",
        link="https://tally.so/help/webhooks",
        setup=(
            "In the form: Integrations, Webhooks; put {url} in as the endpoint.",
            "Add a signing secret there; it is `secret` here.",
            "To fetch what was missed: Settings, API keys; the key is `api_token`, the form's id is `form_id`.",
        ),
        missed="All completed submissions of the form, by the API, under the webhook's own ids.",
        tested="Captured deliveries, signature vectors; answers of the API's list after its documentation.",
        notes=("Tally tries five more times, within a day and a half, and then gives up.",),
    ),
)
