"""Which answer is which canonical field: configured by id, ref or label, otherwise by what the question says."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from syncd.core.attribution import PARAMETERS
from syncd.model import FIELDS, Answer, AnswerKind

MAPPABLE = frozenset(FIELDS) | {"full_name", "page_url", "landing_url", "referrer"}
"""What `map:` of a source may name: the canonical fields, a whole name, and where the visit came from."""

_KINDS = {AnswerKind.EMAIL: "email", AnswerKind.PHONE: "phone", AnswerKind.NAME: "full_name"}
_NOT_MESSAGES = frozenset({AnswerKind.HIDDEN, AnswerKind.FILE, AnswerKind.CONSENT, AnswerKind.CHOICE})
_SHORTEST_MESSAGE = 25


@dataclass(frozen=True, slots=True)
class Mapped:
    """Answers sorted out. Every answer given is in `answers`, whatever became of it."""

    fields: Mapping[str, str]  # MAPPABLE name -> raw text
    params: Mapping[str, str]  # UTM parameters and click ids, names in lower case
    answers: tuple[tuple[str, str], ...]  # (label, text)


def map_answers(answers: Iterable[Answer], configured: Mapping[str, str]) -> Mapped:
    """Configured names first; then the provider's hint; then what the question is called; never a guess twice."""
    given = [answer for answer in answers if answer.text.strip()]
    fields: dict[str, str] = {}
    params: dict[str, str] = {}
    used = _take_configured(given, configured, fields)
    for place, answer in enumerate(given):
        if place in used:
            continue
        name = _name_of(answer)
        if name in PARAMETERS:
            params.setdefault(name, answer.text)
            used.add(place)
        elif name and name not in fields and name not in configured:
            fields[name] = answer.text
            used.add(place)
    _find_address(given, used, fields)
    _find_message(given, used, fields)
    told = tuple((answer.label or answer.id, answer.text) for answer in given if answer.id.lower() not in PARAMETERS)
    return Mapped(fields, params, told)


def _take_configured(given: list[Answer], configured: Mapping[str, str], fields: dict[str, str]) -> set[int]:
    used: set[int] = set()
    for name, wanted in configured.items():
        plain = plain_label(wanted)
        for place, answer in enumerate(given):
            if wanted in {answer.id, answer.ref} or (plain and plain == plain_label(answer.label)):
                fields[name] = answer.text
                used.add(place)
                break
    return used


def _name_of(answer: Answer) -> str:
    identity = answer.id.lower()
    if identity in PARAMETERS:
        return identity
    if answer.label and (parameter := answer.label.lower()) in PARAMETERS:
        return parameter
    if answer.kind is AnswerKind.CONSENT:
        return "consent"
    for text in (answer.label, answer.ref, answer.id):
        if text and (name := known_label(text)):
            return name
    return _KINDS.get(answer.kind, "")


def _find_address(given: list[Answer], used: set[int], fields: dict[str, str]) -> None:
    """An address is an address, whatever its question is called."""
    if "email" in fields:
        return
    for place, answer in enumerate(given):
        text = answer.text.strip()
        if place not in used and text.count("@") == 1 and " " not in text and "." in text.rpartition("@")[2]:
            fields["email"] = text
            used.add(place)
            return


def _find_message(given: list[Answer], used: set[int], fields: dict[str, str]) -> None:
    """Without a question that is called a message, the longest free text is the message."""
    if "message" in fields:
        return
    free = [
        answer.text
        for place, answer in enumerate(given)
        if place not in used and answer.kind not in _NOT_MESSAGES and len(answer.text) >= _SHORTEST_MESSAGE
    ]
    if free:
        fields["message"] = max(free, key=len)


@lru_cache(maxsize=4096)
def plain_label(text: str) -> str:
    """Without case, punctuation, "your" and "(required)"."""
    words = _WORDS.sub(" ", text.casefold()).split()
    kept = [word for word in words if word not in _FILLERS]
    return " ".join(kept or words)


_WORDS = re.compile(r"[\W_]+")
_FILLERS = frozenset({"your", "please", "required", "optional", "ihre", "ihr", "votre", "su", "tu", "the", "enter"})


@lru_cache(maxsize=4096)
def known_label(text: str) -> str:
    """The MAPPABLE name that a question's name means, or nothing."""
    split = _HUMPS.sub(" ", text) if " " not in text else text
    return _LABELS.get(plain_label(split), "") or _LABELS.get(plain_label(text), "")


_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _read_labels() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in files("syncd.core.data").joinpath("labels.tsv").read_text("utf-8").splitlines():
        name, _, names = line.partition("\t")
        if names and not line.startswith("#"):
            table.update({plain_label(label): name for label in names.split("|")})
    return table


_LABELS = _read_labels()
