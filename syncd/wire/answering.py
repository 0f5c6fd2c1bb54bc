"""From the ways in which providers write answers down to answers: a list of questions, or names with values."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from syncd.model import Answer, AnswerKind
from syncd.wire.tracking import is_tracking
from syncd.wire.values import Text, at_path, flatten, text_at, text_of

Json = Mapping[str, Any]
Answering = Callable[[Json], Iterable[Answer]]
Kinds = Mapping[str, AnswerKind]
"""A provider's own name of a kind of question, in lower case, and what it is to us."""


def listed(
    path: str,
    *,
    id: tuple[str, ...] = ("id",),  # noqa: A002 - it is the word
    label: tuple[str, ...] = ("label",),
    ref: tuple[str, ...] = (),
    value: tuple[str, ...] = ("value",),
    kind: str = "type",
    kinds: Kinds | None = None,
) -> Answering:
    """For a list at `path` with an object for each question; of several paths the first with a text counts.

    What has several parts (an address, a matrix) is one answer for each part, its label behind the question's.
    """

    def answers(item: Json) -> Iterator[Answer]:
        questions = at_path(item, path) if path else item
        for question in questions if isinstance(questions, list) else ():
            if isinstance(question, dict):
                its_kind = (kinds or {}).get(text_at(question, kind).lower(), AnswerKind.TEXT)
                own, asked = text_at(question, *id), text_at(question, *label)
                given = next((found for each in value if (found := at_path(question, each)) is not None), None)
                yield from one_answer(own or asked, asked, text_at(question, *ref), its_kind, given)

    return answers


def named(
    path: str = "",
    *,
    skip: Collection[str] = (),
    labels: Callable[[Json], Mapping[str, str]] | None = None,
    boxes: tuple[str, ...] = (),
) -> Answering:
    """For an object at `path` with a value under each name. `labels` says what people read above a name.

    `skip`: names that are no answers, whatever they hold. Those that begin with an underscore are none either.
    `boxes`: how the names of boxes begin that ask for consent; those that are not ticked say no.
    """
    no_answers = frozenset(skip)

    def answers(item: Json) -> Iterator[Answer]:
        found = at_path(item, path) if path else item
        known = labels(item) if labels else {}
        for name, value in found.items() if isinstance(found, dict) else ():
            if name in no_answers or name.startswith("_"):
                continue
            if boxes and name.lower().startswith(boxes):
                yield from one_answer(name, known.get(name, ""), "", AnswerKind.CONSENT, value)
            else:
                yield from (with_label(answer, known.get(name, "")) for answer in path_answers(flatten({name: value})))

    return answers


def tracked(path: str) -> Answering:
    """UTM parameters and click ids, and nothing else, of an object at `path`."""

    def answers(item: Json) -> Iterator[Answer]:
        found = at_path(item, path)
        for name, value in found.items() if isinstance(found, dict) else ():
            if is_tracking(name):
                yield from one_answer(name, name, "", AnswerKind.HIDDEN, value)

    return answers


def both(*ways: Answering) -> Answering:
    """One after the other; an answer whose id was there before is left out."""

    def answers(item: Json) -> Iterator[Answer]:
        seen = set[str]()
        for way in ways:
            for answer in way(item):
                if answer.id not in seen:
                    seen.add(answer.id)
                    yield answer

    return answers


@dataclass(frozen=True, slots=True)
class Question:
    """What a provider's API says about a question whose answers come with its id alone."""

    label: str
    kind: AnswerKind = AnswerKind.TEXT


def asked(answers: Iterable[Answer], questions: Mapping[str, Question]) -> Iterator[Answer]:
    """The answers with what is known of their questions. A box that asks for consent and has no answer says no."""
    boxes = {own for own, question in questions.items() if question.kind is AnswerKind.CONSENT}
    for answer in answers:
        boxes.discard(answer.id)
        question = questions.get(answer.id)
        if question is None:
            yield answer
        elif question.kind is AnswerKind.CONSENT:
            label = answer.label or question.label  # what was shown then; the form may say something else by now
            yield Answer(answer.id, consent_of(answer.value) or "no", label, answer.ref, question.kind)
        else:
            kind = question.kind if answer.kind is AnswerKind.TEXT else answer.kind
            yield Answer(answer.id, answer.value, answer.label or question.label, answer.ref, kind)
    for own in sorted(boxes):
        yield Answer(own, "no", questions[own].label, "", AnswerKind.CONSENT)


def one_answer(own: str, label: str, ref: str, kind: AnswerKind, value: Any) -> Iterator[Answer]:
    """Nothing for a question that was not answered; a part at a time where the value has parts."""
    if is_tracking(label) or is_tracking(own):
        kind = AnswerKind.HIDDEN
    if kind is AnswerKind.CONSENT:
        if (said := consent_of(value)) is not None:
            yield Answer(own, said, label, ref, kind)
    elif text := _text(kind, value):
        yield Answer(own, text, label, ref, kind)
    else:
        for part, text in flatten(value):
            yield Answer(f"{own}.{part}", text, f"{label} {part}".strip(), part, kind)


def consent_of(value: Any) -> str | None:
    """What a box that was shown says, yes or no; None where nothing says that it was shown."""
    text = text_of(value)
    plain = (text if isinstance(text, str) else "; ".join(text)).strip().lower()
    if value is None:
        return None
    return "no" if plain in _NOT_TICKED else "yes"


_NOT_TICKED = frozenset(
    {"", "no", "false", "0", "off", "unchecked", "not checked", "declined", "dismissed", "rejected", "nein", "non"}
)


def _text(kind: AnswerKind, value: Any) -> Text:
    if kind is AnswerKind.FILE and isinstance(value, list):
        return text_of([text_at(file, "url", "link", "href") if isinstance(file, dict) else file for file in value])
    return text_of(value)


def with_label(answer: Answer, label: str) -> Answer:
    return Answer(answer.id, answer.value, label, answer.ref, answer.kind) if label else answer


def path_answers(flat: Iterable[tuple[str, Text]]) -> Iterator[Answer]:
    """An answer for each text at its dotted path."""
    for path, text in flat:
        label, ref, kind = _usual_parts(path) if len(path) <= _CACHED_WITHIN else _parts(path)
        yield Answer(path, text, label, ref, kind)


_THINGS = frozenset(
    {"account", "campaign", "company", "event", "field", "file", "form", "list", "organisation"}
    | {"organization", "owner", "page", "product", "project", "site", "source", "team", "workflow"}
)


def _parts(path: str) -> tuple[str, str, AnswerKind]:
    """Label, ref and kind of the answer at a path."""
    last = path.rpartition(".")[2]
    return (last, "", AnswerKind.HIDDEN) if is_tracking(last) else ("", _ref(path), AnswerKind.TEXT)


_usual_parts = lru_cache(maxsize=4096)(_parts)  # a program sends the same fields again and again
_CACHED_WITHIN = 120


def _ref(path: str) -> str:
    """The last part of a path says what the question is, unless it may be about something else."""
    *above, last = path.split(".")
    about_another = any(part.isdecimal() or part.lower() in _THINGS for part in above)
    return last if above and not about_another else ""
