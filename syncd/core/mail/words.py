"""What mail programs and people write around a mail: lists of phrases in several languages, as patterns."""

import re
from collections.abc import Mapping
from importlib.resources import files

import yaml

_TEXT = files("syncd.core.mail").joinpath("words.yaml").read_text("utf-8")
_PHRASES: Mapping[str, list[str]] = yaml.load(_TEXT, yaml.BaseLoader)  # noqa: S506 - it makes strings of everything


def phrases(kind: str) -> list[str]:
    return _PHRASES[kind]


def any_of(kind: str) -> str:
    """The source of a pattern that is any phrase of this kind, the longest first."""
    return "(?:" + "|".join(map(_source, sorted(_PHRASES[kind], key=len, reverse=True))) + ")"


def _source(phrase: str) -> str:
    pieces = (_SPACE.join(map(re.escape, piece.split(" "))) for piece in phrase.split("*"))
    return r"[^\n]{0,80}?".join(pieces).replace("'", _APOSTROPHE)


_SPACE = r"[ \t\xa0]+"
_APOSTROPHE = "['\u2019`\u00b4]"
COLON = "[:\uff1a]"
DASHES = "-\u2013\u2014"
