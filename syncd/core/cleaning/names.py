"""Names of people: form fields -> first, last and the full text; and whether two names are alike."""

import re
from dataclasses import dataclass
from typing import Final

from nameparser import HumanName
from nameparser.config import CONSTANTS
from rapidfuzz.distance import OSA

from syncd.core.cleaning.letter_case import PARTICLES, recase
from syncd.core.cleaning.text import clean_line, plain_form


@dataclass(frozen=True, slots=True)
class PersonName:
    first: str  # given names
    last: str  # family name with its particles; the lone word of a one-field name stands here
    full: str  # as typed, with titles and whatever else fits neither


def clean_name(first: str = "", last: str = "", full: str = "") -> PersonName:
    """Separate fields are believed; only without them `full` is taken apart.

    Words like "n/a" are nobody's name. Names in one case throughout get capital letters.
    """
    full = clean_line(full)
    first, last = _real_parts(clean_line(first), clean_line(last))
    if not (first or last):
        if _is_nobody(full):
            full = ""
        else:
            split = _split(recase(full, family="," in full))
            first, last = _real_parts(*map(clean_line, split))
    return PersonName(first, last, full or f"{first} {last}".strip())


def similar_names(one: PersonName, other: PersonName) -> bool:
    """Both parts alike: equal but for accents, spelling or one slip, or an initial of the first name.

    First and last swapped count too. A missing part is like nothing, except that two lone words
    may be equal. First names with different last letters are two people, as Mario and Maria are,
    who share a telephone.
    """
    first, last = plain_form(one.first), plain_form(one.last)
    their_first, their_last = plain_form(other.first), plain_form(other.last)
    if not (first and last and their_first and their_last):
        return first == their_first and last == their_last and bool(first or last)
    if _like_first(first, their_first) and _like_last(last, their_last):
        return True
    return _like_last(first, their_last) and _like_last(last, their_first)


def _real_parts(first: str, last: str) -> tuple[str, str]:
    words, last_words = _words(first), _words(last)
    if words in _MAYBE_NOBODY and last_words in _MAYBE_NOBODY:
        return "", ""
    first = "" if words in _NOBODY or _ADDRESS.fullmatch(first) else first
    last = "" if last_words in _NOBODY or _ADDRESS.fullmatch(last) else last
    return _recased(first, beside=last), _recased(last, beside=first, family=True)


def _is_nobody(full: str) -> bool:
    words = _words(full)
    return words in _NOBODY or words in _MAYBE_NOBODY or _ADDRESS.fullmatch(full) is not None


def _words(part: str) -> str:
    return part.casefold() if part.isalpha() or not part else plain_form(part)


def _recased(part: str, *, beside: str, family: bool = False) -> str:
    """Two capitals alone may be initials: "JR Smith" keeps them, "LI WEI" is a name in capitals."""
    if len(part) <= len("JR") and part.isupper():
        shouted = beside.isupper() and recase(beside) != beside
        if not (shouted and _VOWEL.search(part)):
            return part
    return recase(part, family=family)


def _split(full: str) -> tuple[str, str]:
    """First and last. Words that nameparser has no opinion on need no nameparser (300 us)."""
    words = full.split(" ")
    if len(words) <= _MOST_PLAIN_WORDS and all(map(_is_plain, words)):
        return " ".join(words[:-1]), words[-1]
    parsed = HumanName(full)
    given = f"{parsed.first} {parsed.middle}".strip()
    if parsed.last:
        return given, parsed.last
    return "", given or full


def _is_plain(word: str) -> bool:
    return _PLAIN_WORD.fullmatch(word) is not None and word.lower() not in _TELLING_WORDS


def _like_first(one: str, other: str) -> bool:
    """Word by word as far as both go: "Eva" and "Eva Maria", not "Jean Paul" and "Jean Pierre"."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    return all(map(_like_given_name, one.split(), other.split()))


def _like_given_name(one: str, other: str) -> bool:
    if one == other:
        return True
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0] and one[0] != one[0].upper()  # an initial; Chinese has none
    one, other = _sound(one), _sound(other)
    return one == other or (
        one[-1] == other[-1] and (len(one) != len(other) or sorted(one) == sorted(other)) and _is_slip(one, other)
    )


def _like_last(one: str, other: str) -> bool:
    """Equal, one slip apart, or one of them with a further name: "Garcia" and "Garcia Lopez"."""
    words, their_words = _without_particles(one), _without_particles(other)
    if words <= their_words or their_words <= words:
        return True
    one, other = _sound(one.replace(" ", "")), _sound(other.replace(" ", ""))
    return one == other or _is_slip(one, other)


def _without_particles(last: str) -> set[str]:
    words = set(last.split())
    return words - PARTICLES or words


def _is_slip(one: str, other: str) -> bool:
    """One letter added, lost, changed or swapped, in words long enough for that to be chance."""
    long_enough = min(len(one), len(other)) >= _SHORTEST_WITH_SLIP
    return long_enough and OSA.distance(one, other, score_cutoff=1) <= 1


def _sound(word: str) -> str:
    """What spellings of one European name have in common: Stephan and Stefan, Mueller and Muller."""
    for written, spoken in _SPELLINGS:
        word = word.replace(written, spoken)
    return _DOUBLED.sub(r"\1", word)


_SPELLINGS: Final = (
    *(("ph", "f"), ("th", "t"), ("dt", "t"), ("ck", "k"), ("c", "k"), ("y", "i")),
    *(("ai", "ei"), ("ae", "a"), ("oe", "o"), ("ue", "u")),
)
_DOUBLED: Final = re.compile(r"(.)\1+")
_SHORTEST_WITH_SLIP: Final = 5

_ADDRESS: Final = re.compile(r"\S+@\S+")
_VOWEL: Final = re.compile("[AEIOUY\xc0-\xd6\xd8-\xdd]")

_NOBODY: Final = frozenset(
    {
        *("", "n a", "not provided", "not applicable", "not available", "no name", "noname", "unknown"),
        *("first name", "last name", "firstname", "lastname", "full name", "your name", "name"),
        *("anonymous", "undefined", "anonym", "unbekannt", "keine angabe", "k a", "ohne"),
        *("vorname", "nachname", "inconnu", "anonyme", "prénom", "nom", "nombre", "anonimo"),
    }
)
_MAYBE_NOBODY: Final = frozenset({"", "na", "nil", "no", "none", "null", "xx", "xxx"})  # Mr Null exists

_MOST_PLAIN_WORDS: Final = 4
_LATIN: Final = "[a-zA-Z\xc0-\xd6\xd8-\xf6\xf8-\u024f]"
_PLAIN_WORD: Final = re.compile(rf"{_LATIN}{{2,}}(?:-{_LATIN}{{2,}})*")
_MAIDEN: Final = frozenset({"born", "född", "fødd", "født", "geb", "geboren", "geborene", "nee", "né", "née", "rozená"})
_TELLING_WORDS: Final = _MAIDEN.union(
    CONSTANTS.titles,
    CONSTANTS.first_name_titles,
    CONSTANTS.prefixes,
    CONSTANTS.bound_first_names,
    CONSTANTS.conjunctions,
    CONSTANTS.suffix_acronyms,
    CONSTANTS.suffix_not_acronyms,
)
