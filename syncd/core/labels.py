"""What the name of a question means: a table of names in several languages, read strictly or loosely."""

import re
from functools import lru_cache
from importlib.resources import files

from syncd.core.cleaning.text import plain_form

NOTHING = "-"
"""The meaning of names that are known and stand neither for a field nor for a message ("User Agent")."""

_LONGEST = 120  # longer names are sentences, and strangers choose them: none is kept in memory


def known_label(text: str) -> str:
    """The field that exactly this name means, NOTHING, or "". Case, accents, punctuation and "your" do not count."""
    return _known(text) if len(text) <= _LONGEST else ""


def likely_label(text: str) -> str:
    """As known_label, without what form builders and people put around a name.

    "Name 2", "contact[email]", "fields[name][value]", "q3_fullName", "Phone (mobile)", "0-1/email",
    "Hi! What is your name?"
    """
    return _likely(text) if len(text) <= _LONGEST else ""


@lru_cache(maxsize=4096)
def _known(text: str) -> str:
    """Both as written and by its humps, for "WhatsApp" is one word and "firstName" are two."""
    return _LABELS.get(_plain(text), "") or _LABELS.get(_plain(_HUMPS.sub(" ", text)), "")


@lru_cache(maxsize=4096)
def _likely(text: str) -> str:
    if _ABOUT_A_FIELD.search(text):
        return NOTHING
    text = _ITS_VALUE.sub("]", text)
    for variant in (text, _IN_BRACKETS.sub(" ", text), _ASKED.sub("", text)):
        if name := _known(variant) or _meaning_inside(_plain(_HUMPS.sub(" ", variant))):
            return name
    return ""


def _meaning_inside(label: str) -> str:
    """Of what lies between numbers behind it and, in front, words that say whose or which field it is."""
    label = _NUMBERS_BEHIND.sub("", label)
    while label not in _LABELS:
        shorter = _IN_FRONT.sub("", label)
        if shorter == label:
            return ""
        label = shorter
    return _LABELS[label]


def plain_label(text: str) -> str:
    """What different ways to write one name have in common; empty only without a single letter or digit."""
    return _plain(text) if len(text) <= _LONGEST else _without_fillers(text)


def _without_fillers(text: str) -> str:
    words = plain_form(text).split()
    kept = [word for word in words if word not in _FILLERS]
    return " ".join(kept or words)


_plain = lru_cache(maxsize=4096)(_without_fillers)

_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ABOUT_A_FIELD = re.compile(r"\]\[(?:id|type|title|label|required)\]$")
_ITS_VALUE = re.compile(r"\]\[(?:raw_)?value\]$")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_ASKED = re.compile(r"^.*\b(?:what(?: i|['\u2019]?)s|type|write|provide|share) your\b", re.IGNORECASE | re.DOTALL)
_NUMBERS_BEHIND = re.compile(r"(?: [0-9]+)+$")
_IN_FRONT = re.compile(
    r"^(?:[0-9]+|q[0-9]+|form fields?|fields?|inputs?|names?|address|meta|et pb|wpforms|nf|frm|forminator"
    r"|contact|lead|person|client|customer|visitor|guest|user|attendee|kontakt|kunde|cliente) "
)
_FILLERS = frozenset(
    """
    your please required optional the enter what whats is my here best preferred
    ihr ihre ihren ihrer dein deine bitte geben sie eingeben pflichtfeld wie lautet ist
    votre vos obligatoire facultatif le la quel quelle est entrez saisissez
    su tu sus obligatorio opcional el por favor ingrese introduzca cual es
    tuo tua suo inserisci seu sua melhor digite qual uw je jouw verplicht vul
    """.split()  # noqa: SIM905 - five lines instead of 60
)


def _read_labels() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in files("syncd.core.data").joinpath("labels.tsv").read_text("utf-8").splitlines():
        name, _, labels = line.partition("\t")
        if labels and not line.startswith("#"):
            table |= dict.fromkeys(map(_plain, labels.split("|")), name)
    return table


_LABELS = _read_labels()
