"""Capital letters for names that were typed all in one case."""

import re
import unicodedata
from typing import Final

PARTICLES: Final = frozenset(
    {
        *("af", "av", "bin", "bint", "da", "das", "de", "del", "den", "der", "do", "dos", "e", "ibn"),
        *("ten", "ter", "und", "van", "vom", "von", "y", "zu", "zum", "zur"),
    }
)
_ARTICLES: Final = frozenset({"la", "las", "le", "los"})  # small after a particle only
_ROMAN: Final = frozenset({"ii", "iii", "iv"})

_OF_A_NAME: Final = re.compile("(?:[^\\W\\d_]|[ ,.'\u2019\u0300-\u036f-])+")
_SEPARATORS: Final = re.compile("([.'\u2019-])")
_SCOTTISH: Final = re.compile(r"mc\w{3,}")


def recase(name: str, *, family: bool = False) -> str:
    """From "EVA MÜLLER" to "Eva Müller"; mixed case ("McDonald"), digits and signs leave it as it is.

    `family`: a family name or a list form, which may begin with a particle: "de la Cruz".
    """
    if not (name.isupper() or name.islower()) or _OF_A_NAME.fullmatch(name) is None:
        return name
    words = name.lower().replace("i\u0307", "i").split(" ")  # the lower case of a dotted capital I
    small = _small_words(words, family=family)
    cased = (word if at in small else _capitalised(word) for at, word in enumerate(words))
    return unicodedata.normalize("NFC", " ".join(cased))


def _small_words(words: list[str], *, family: bool) -> set[int]:
    small: set[int] = set()
    for at, word in enumerate(words[:-1]):
        if (family or at > 0) and (word in PARTICLES or (word in _ARTICLES and at - 1 in small)):
            small.add(at)
    return small


def _capitalised(word: str) -> str:
    if word in _ROMAN:
        return word.upper()
    return "".join(map(_with_capital, _SEPARATORS.split(word)))


def _with_capital(piece: str) -> str:
    if _SCOTTISH.fullmatch(piece):
        return "Mc" + _with_capital(piece.removeprefix("mc"))
    head = piece[:1].title()
    return head + piece[1:] if len(head) == 1 else piece
