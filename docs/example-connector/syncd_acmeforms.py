"""Acmeforms: the webhook. https://acmeforms.example/docs/webhooks"""

from collections.abc import Iterator, Sequence
from typing import Any

from syncd.connector import (
    Answer, AnswerKind, Context, Finding, Plugin, Received, Rejected, Signature, SignedSourceOptions, Submission,
    Tools, WebRequest, content_key, id_key, json_value, list_in, moment_of, object_in, text_in, text_of, unreadable,
    verify,
)  # fmt: skip

SIGNATURE = Signature("x-acmeforms-signature")  # HMAC-SHA256 of the raw body, in hex


class Options(SignedSourceOptions):
    """`secret`, `tag`, `map` and others come from there; an option of your own is a Field with a description."""


class Acmeforms:
    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name = options, tools.name

    def receive(self, request: WebRequest) -> Received:
        verify(SIGNATURE, self.options.keys, request)  # before a single byte is parsed
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too. What cannot be read is kept and parked: its sender has proved who they are."""
        try:
            return Received([self._submission(json_value(request.body), request)])
        except Rejected as error:
            return Received([unreadable(self.name, request.body, request.received_at, str(error))])

    def check(self) -> Sequence[Finding]:
        return [Finding("signing secret", ok=bool(self.options.keys), remedy="copy it from the webhook's page")]

    def close(self) -> None:
        """Nothing is open."""

    def _submission(self, payload: Any, request: WebRequest) -> Submission:
        """Each name of the vendor's stands here or in `_answers`, once."""
        form, answers = object_in(payload, "form"), tuple(_answers(payload))
        if not answers:
            raise Rejected("acmeforms: no answers in it")
        told = [(answer.id, answer.value) for answer in answers]
        return Submission(
            source=self.name,
            key=id_key(text_in(payload, "id")) or content_key(text_in(form, "id"), told),
            received_at=request.received_at,
            answers=answers,
            raw=request.body,
            submitted_at=moment_of(payload.get("sent_at")),
            context=Context(form_id=text_in(form, "id"), form_name=text_in(form, "name")),
        )


KINDS = {"email": AnswerKind.EMAIL, "phone": AnswerKind.PHONE, "choice": AnswerKind.CHOICE}


def _answers(payload: Any) -> Iterator[Answer]:
    for field in list_in(payload, "answers"):
        name, text = text_in(field, "question"), text_of(field.get("answer") if isinstance(field, dict) else None)
        if name and text:  # what nobody answered is no answer
            yield Answer(id=name, value=text, kind=KINDS.get(text_in(field, "type"), AnswerKind.TEXT))


plugin = Plugin(Options, Acmeforms)
