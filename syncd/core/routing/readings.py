"""The facts of one lead as conditions read them: each field is prepared once, however many rules ask."""

import math
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from syncd.core.cleaning.text import match_form

T = TypeVar("T")

Value = str | tuple[str, ...] | float | bool
Facts = Mapping[str, Value]

SHOWN = 40  # characters of a value that an explanation repeats


class Readings:
    """Field -> value in each form that an operator compares, made on first use.

    `texts` is empty exactly when the value is missing or blank. `figures` has the value of a fact that is a
    number, and no number that a text happens to spell; those are in `numbers`. `shown` is for explanations:
    quoted, on one line, shortened; "empty" when there is nothing.
    """

    __slots__ = ("_facts", "codes", "figures", "hosts", "numbers", "shown", "texts", "words")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.figures = _Lazy(lambda field: _figure(facts.get(field)))
        self.texts = _Lazy(lambda field: tuple(filter(None, map(match_form, self._raw_texts(field)))))
        self.numbers = _Lazy(self._numbers)
        self.codes = _Lazy(lambda field: tuple(map(pack, self.texts[field])))
        self.words = _Lazy(lambda field: "".join(map(mark_words, self.texts[field])))
        self.hosts = _Lazy(lambda field: tuple(map(read_host, self.texts[field])))
        self.shown = _Lazy(self._shown)

    def _numbers(self, field: str) -> tuple[float, ...]:
        figure = self.figures[field]
        if figure is not None:
            return (figure,)
        return tuple(number for number in map(read_number, self.texts[field]) if number is not None)

    def _shown(self, field: str) -> str:
        if not self.texts[field]:
            return "empty"
        if isinstance(self._facts[field], bool):
            return quote(self.texts[field][0])
        return quote("; ".join(text for text in self._raw_texts(field)[:SHOWN] if text.strip()))

    def _raw_texts(self, field: str) -> tuple[str, ...]:
        """A truth value reads as both of its usual words, since YAML hands over either as text."""
        value: object = self._facts.get(field)
        if isinstance(value, str):
            return (value,)
        if isinstance(value, bool):
            return ("true", "yes") if value else ("false", "no")
        if isinstance(value, tuple | list):
            return tuple(part for part in value if isinstance(part, str))
        figure = self.figures[field]
        if figure is None:
            return ()
        return (str(int(figure)) if figure.is_integer() else repr(figure),)


class _Lazy(dict[str, T]):
    """A dict that makes what it is first asked for."""

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, field: str) -> T:
        made = self[field] = self._make(field)
        return made


def _figure(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        figure = float(value)
    except OverflowError:
        return None
    return None if math.isnan(figure) else figure


def pack(text: str) -> str:
    """A match form without spaces and hyphens, so that "1012 AB" and "00-950" compare as codes."""
    return text.replace(" ", "").replace("-", "")


def quote(text: str) -> str:
    short = " ".join(text[: SHOWN * 10].split())
    return repr(short if len(short) <= SHOWN else f"{short[: SHOWN - 1]}…")


_NUMBER = re.compile(
    "[€$£~>≥]? ?"
    "(?P<sign>-?)(?:(?P<grouped>[1-9][0-9]{0,2}(?:[.,'\u2019 ][0-9]{3})+)|(?P<plain>0|[1-9][0-9]*))"
    "(?:[.,](?P<decimals>[0-9]+))?"
    "(?: ?(?:[-\u2010-\u2015]|[.][.]|to|bis) ?[€$£]? ?[0-9][0-9.,'\u2019 ]*)?"
    "[€$£%]? ?[+]?(?: (?P<unit>[^0-9]{1,40}))?"
)
_MAGNITUDES = frozenset(
    {"k", "m", "mio", "mio.", "mn", "bn", "mrd", "mrd.", "tsd", "tsd.", "thousand", "tausend"}
    | {"million", "millions", "millionen", "billion", "billions"}
)


def read_number(text: str) -> float | None:
    """The number in a text, the lower one of "51-200 employees"; None where it is not clearly one.

    Takes a match form. Three digits after a separator are thousands: "1,000", "1.000" and "1 000" are the
    same. Leading zeros make a code, not a number; "10 million" is refused rather than read as ten.
    """
    shape = _NUMBER.fullmatch(text) if len(text) <= 80 else None
    if shape is None or _MAGNITUDES.intersection((shape["unit"] or "").split()):
        return None
    whole = shape["plain"] or re.sub("[^0-9]", "", shape["grouped"])
    return float(f"{shape['sign']}{whole}.{shape['decimals'] or 0}")


def read_host(text: str) -> str:
    """The domain in the match form of an e-mail or web address, in ASCII if it can be; "" if over-long."""
    head, scheme, rest = text.partition("://")
    host = rest if scheme else head.rpartition("@")[2]
    host = re.split(r"[/?#\\]", host, maxsplit=1)[0].rpartition("@")[2]
    host = host.partition(":")[0].strip("<>. ")
    if len(host) > 253:
        return ""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


# Scripts written without spaces between words, or with particles glued on: every character stands alone.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
# Vowel signs and accents that belong to the letter before them, though `\w` leaves them out.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_]|[{_MARKS}])+|\S")


def mark_words(text: str) -> str:
    """A match form with a NUL before and after every word: a phrase of whole words is then a substring."""
    return f"\0{chr(0).join(_WORD.findall(text))}\0"
