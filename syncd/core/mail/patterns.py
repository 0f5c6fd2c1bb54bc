"""Patterns of templates: plain text, `*` for anything on that line, and `{form}` for the form's name."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

LONGEST = 2000


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a text is one of these, from its first letter to its last."""
    kept = tuple(patterns)
    return lambda text: any(_whole(pattern).fullmatch(text[:LONGEST].strip()) for pattern in kept)


def form_in(patterns: Iterable[str], text: str) -> str:
    """The form's name, where a pattern that is the whole text tells it."""
    for pattern in patterns:
        found = _whole(pattern).fullmatch(text[:LONGEST].strip())
        if found and "form" in found.re.groupindex:
            return str(found["form"]).strip()
    return ""


def anywhere(pattern: str, text: str) -> bool:
    """Whether this stands somewhere in the text, within one line."""
    return _inside(pattern).search(text) is not None


@lru_cache(maxsize=1024)
def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(_source(pattern), re.IGNORECASE)


@lru_cache(maxsize=1024)
def _inside(pattern: str) -> re.Pattern[str]:
    return re.compile(_source(pattern.strip("*")), re.IGNORECASE)


def _source(pattern: str) -> str:
    """Stars beside each other are one, so that no text takes long; the name is taken once."""
    named = False
    source = []
    for piece in _PIECES.split(re.sub(r"\*+", "*", pattern.strip())):
        if piece == "*" or (piece == "{form}" and named):
            source.append(r"[^\n]{0,300}?")
        elif piece == "{form}":
            named = True
            source.append(r"(?P<form>[^\n]{1,200}?)")
        else:
            source.append(r"[ \t\xa0]+".join(map(re.escape, re.split(r"\s+", piece))))
    return "".join(source)


_PIECES = re.compile(r"(\*|\{form\})")
