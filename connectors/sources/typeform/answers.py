"""What Typeform says in a response, in our words; webhook and API write it in the same way."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from syncd.connector import (
    Answer,
    AnswerKind,
    Rejected,
    Text,
    flatten,
    list_in,
    moment_of,
    object_in,
    text_in,
    text_of,
)

Json = Mapping[str, Any]


def response_of(payload: Any) -> Json | None:
    """The response in a delivery; None for another kind of event. Raises Rejected when there is none."""
    if text_in(payload, "event_type") not in ("", "form_response"):
        return None
    if response := object_in(payload, "form_response"):
        return response
    raise Rejected("typeform: no form_response in it")


def token_of(response: Json) -> str:
    return text_in(response, "token") or text_in(response, "response_id")


def is_test(delivery: Any, response: Json) -> bool:
    """Of the button "Send test request": its token is the delivery's own id, and it fills in an address of nobody."""
    sample = any(text_in(answer, "email") == "an_account@example.com" for answer in list_in(response, "answers"))
    return sample or text_in(delivery, "event_id") == token_of(response)


def submitted_at(response: Json) -> datetime | None:
    return moment_of(response.get("submitted_at"))


def seconds_to_submit(response: Json) -> float | None:
    """By Typeform's clock, from the first page to the last."""
    landed, submitted = moment_of(response.get("landed_at")), submitted_at(response)
    if landed is None or submitted is None or submitted < landed:
        return None
    return (submitted - landed).total_seconds()


_KINDS = {
    "email": AnswerKind.EMAIL,
    "phone_number": AnswerKind.PHONE,
    "url": AnswerKind.URL,
    "number": AnswerKind.NUMBER,
    "date": AnswerKind.DATE,
    "choice": AnswerKind.CHOICE,
    "choices": AnswerKind.CHOICE,
    "boolean": AnswerKind.CHOICE,
    "file_url": AnswerKind.FILE,
}


def answers_of(response: Json, form: Json) -> Iterator[Answer]:
    """Skipped questions are simply not there, so answers are told apart by their field's id alone."""
    questions = dict(_questions(form))
    for given in list_in(response, "answers"):
        asked, kind = object_in(given, "field"), text_in(given, "type")
        if text := _text(given.get(kind) if kind else None):
            yield _answer(asked, questions.get(text_in(asked, "id"), {}), kind, text)
    for name, text in flatten(object_in(response, "hidden")):
        yield Answer(name, text, label=name, kind=AnswerKind.HIDDEN)
    for variable in list_in(response, "variables"):
        name, text = text_in(variable, "key"), text_in(variable, text_in(variable, "type"))
        if name and text not in ("", "0"):
            yield Answer(name, text, label=name, kind=AnswerKind.HIDDEN)
    score = text_in(object_in(response, "calculated"), "score")
    if score not in ("", "0") and not list_in(response, "variables"):
        yield Answer("score", score, label="score", kind=AnswerKind.HIDDEN)


def _answer(asked: Json, question: Json, kind: str, text: Text) -> Answer:
    ref = text_in(asked, "ref")
    legal = "legal" in (asked.get("type"), question.get("type"))
    return Answer(
        id=text_in(asked, "id") or ref or kind,
        value=text,
        label=title_of(question),
        ref=ref,
        kind=AnswerKind.CONSENT if legal else _KINDS.get(kind, AnswerKind.TEXT),
    )


def _text(value: Any) -> Text:
    """Choices by what people read; of a payment the amount; of anything else all there is."""
    if not isinstance(value, dict):
        return text_of(value)
    chosen = text_of([*list_in(value, "labels"), value.get("label"), value.get("other")])
    return chosen or text_in(value, "amount") or "; ".join(_parts(value))


def _parts(value: Json) -> Iterator[str]:
    for _, text in flatten(value):
        yield text if isinstance(text, str) else "; ".join(text)


def _questions(form: Json) -> Iterator[tuple[str, Json]]:
    """Fields by id, those in groups and contact blocks as well."""
    for question in [*list_in(form, "fields"), *list_in(object_in(form, "properties"), "fields")]:
        if isinstance(question, dict):
            yield text_in(question, "id"), question
            yield from _questions(question)


def asks_unknown(responses: Sequence[Json], form: Json) -> bool:
    known = dict(_questions(form))
    answered = (answer for response in responses for answer in list_in(response, "answers"))
    return any(text_in(object_in(answer, "field"), "id") not in known for answer in answered)


def title_of(titled: Json) -> str:
    """Titles may carry *emphasis*."""
    return text_in(titled, "title").replace("*", "").strip()
