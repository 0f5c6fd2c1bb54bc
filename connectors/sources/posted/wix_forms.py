"""What a form of Wix asks, by its schema: https://dev.wix.com/docs/api-reference/crm/forms/form-schemas/form-object"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncd.connector import AnswerKind, Json, Question, list_in, object_in, objects_in, text_at

_KINDS = {
    "CONTACTS_EMAIL": AnswerKind.EMAIL,
    "CONTACTS_PHONE": AnswerKind.PHONE,
    "CONTACTS_SUBSCRIBE": AnswerKind.CONSENT,
    "FILE_UPLOAD": AnswerKind.FILE,
    "SIGNATURE": AnswerKind.FILE,
    "EMAIL": AnswerKind.EMAIL,
    "PHONE": AnswerKind.PHONE,
    "URL": AnswerKind.URL,
    "RADIO_GROUP": AnswerKind.CHOICE,
    "DROPDOWN": AnswerKind.CHOICE,
    "CHECKBOX_GROUP": AnswerKind.CHOICE,
    "TAGS": AnswerKind.CHOICE,
    "DATE_TIME": AnswerKind.DATE,
    "DATE": AnswerKind.DATE,
    "NUMBER": AnswerKind.NUMBER,
}
"""By a field's identifier, the format that it checks, its component, or its type."""


@dataclass(frozen=True, slots=True)
class Form:
    name: str = ""
    questions: Mapping[str, Question] = field(default_factory=dict)  # by what the answers stand under


def form_of(form: Json) -> Form:
    fields = objects_in(list_in(form, "formFields"))
    asked = {text_at(one, "inputOptions.target"): _question(one) for one in fields}
    return Form(text_at(form, "name"), {target: question for target, question in asked.items() if target})


_TARGET = re.compile(r"([a-z]+(?:_[a-z]+)*)(?:_[0-9a-f]{4,8})?(?:_[0-9]{1,2})?")
_GUESSED = {"email": AnswerKind.EMAIL, "phone": AnswerKind.PHONE}


def question_of(target: str) -> Question | None:
    """What the name of a field tells where the form is not known: Wix makes it of the label, as first_name_3f2a."""
    if made := _TARGET.fullmatch(target):
        words = made[1].replace("_", " ")
        return Question(words, _GUESSED.get(words, AnswerKind.TEXT))
    return None


def _question(one: Json) -> Question:
    """A setting stands in an object for the type, within it one for the component: stringOptions.textInputOptions."""
    known = object_in(one, "inputOptions")
    typed = next((object_in(known, name) for name in known if name.endswith("Options")), {})
    words = [text_at(one, "identifier"), text_at(typed, "validation.format"), text_at(typed, "componentType")]
    kinds = (_KINDS[word] for word in [*words, text_at(known, "inputType")] if word in _KINDS)
    labels = (_label(object_in(typed, name).get("label")) for name in typed if name.endswith("Options"))
    return Question(next(filter(None, labels), ""), next(kinds, AnswerKind.TEXT))


def _label(value: Any) -> str:
    """A text, or rich content: nodes within nodes, with the text in some of them."""
    return value.strip() if isinstance(value, str) else "".join(_texts(value)).strip()


def _texts(value: Any) -> Iterator[str]:
    if text := text_at(value, "textData.text"):
        yield text
    for node in objects_in(list_in(value, "nodes")):
        yield from _texts(node)
