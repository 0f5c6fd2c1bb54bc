"""Company names: shown as typed, compared without legal form, case, accents and punctuation."""

from dataclasses import dataclass
from importlib import resources
from typing import Final, TypeAlias

from cleanco import prepare_default_terms

from syncd.core.cleaning.text import clean_line, plain_form

_Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    display: str
    key: str  # equal keys: the same company; "" when the text names none ("Freelancer")


def clean_company(raw: str) -> Company | None:
    """None for nothing, and for what stands for nothing ("n/a").

    Only the name's end loses legal forms, and those few that stand in front ("AB Volvo"). A name
    that is nothing but legal forms keeps them.
    """
    display = clean_line(raw)
    words = _words_of(display)
    text = " ".join(words)
    if text in _NOTHING:
        return None
    return Company(display, "" if text in _NO_COMPANY else " ".join(_without_forms(words)))


def _words_of(name: str) -> _Words:
    return tuple(plain_form(name, join_initials=True).split())


def _without_forms(words: _Words) -> _Words:
    bare = words
    while bare != (shorter := _without_one_form(bare)):
        bare = shorter
    return words if _EMPTY_WORDS.issuperset(bare) else bare


def _without_one_form(words: _Words) -> _Words:
    for length in range(min(_LONGEST_FORM, len(words)), 0, -1):
        if words[-length:] in _AFTER:
            return words[:-length]
    if words[:1] in _BEFORE:
        return words[1:]
    return _without_glued_form(words)


def _without_glued_form(words: _Words) -> _Words:
    if not words or (words[0].isascii() and words[-1].isascii()):
        return words
    for form in _GLUED:
        if words[-1].endswith(form):
            return tuple(filter(None, (*words[:-1], words[-1].removesuffix(form))))
        if words[0].startswith(form):
            return tuple(filter(None, (words[0].removeprefix(form), *words[1:])))
    return words


def _read_forms(kind: str) -> frozenset[_Words]:
    table = resources.files("syncd.core").joinpath("data", "legal_forms.tsv")
    lines = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    return frozenset(_words_of(form) for found, *rest in lines if found == kind for form in rest)


def _cleanco_forms() -> frozenset[_Words]:
    return frozenset(_words_of(" ".join(words)) for _, words in prepare_default_terms())


_AFTER: Final = (_cleanco_forms() | _read_forms("after")) - _read_forms("word")
_BEFORE: Final = _read_forms("before") | {("the",)}
_GLUED: Final = tuple(sorted((words[0] for words in _read_forms("glued")), key=len, reverse=True))
_LONGEST_FORM: Final = max(map(len, _AFTER))

_EMPTY_WORDS: Final = frozenset({"and", "the"})
_NOTHING: Final = frozenset(
    {
        *("", "na", "n a", "nil", "none", "null", "undefined", "unknown", "unbekannt"),
        *("not applicable", "not provided", "no company", "keine", "kein", "keine angabe", "k a"),
        *("company", "company name", "firma", "firmenname", "entreprise", "empresa", "azienda"),
    }
)
# Strangers share these; as a key they would make them colleagues.
_NO_COMPANY: Final = frozenset(
    {
        *("private", "privat", "private person", "privatperson", "private individual", "individual"),
        *("personal", "self", "self employed", "selfemployed", "selbstandig", "selbststandig"),
        *("freelance", "freelancer", "freiberufler", "independent", "independant", "autonomo"),
        *("sole trader", "sole proprietor", "particulier", "particular", "student", "retired"),
        *("unemployed", "home", "me", "myself", "startup", "start up"),
    }
)
