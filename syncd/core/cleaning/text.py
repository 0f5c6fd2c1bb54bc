"""Free text and one-line text as people and providers really send it, and the forms they are compared in."""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final

CUT: Final = " [...]"

_NEWLINE: Final = "\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]"
_SPACE: Final = "[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_UNSEEN: Final = (
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SURROGATE: Final = "[\ud800-\udfff]"
_NEWLINES: Final = re.compile(_NEWLINE)
_SPACES: Final = re.compile(_SPACE)
_INVISIBLE: Final = re.compile(_UNSEEN)
_SURROGATES: Final = re.compile(_SURROGATE)
_UNTIDY: Final = re.compile(f"{_NEWLINE}|{_SPACE}|{_UNSEEN}|{_SURROGATE}")
_BEYOND_PLAIN_ASCII: Final = re.compile("[^\t\n -~]")
_VARIATION_SELECTORS: Final = re.compile("[\ufe00-\ufe0f]")

# A closing ";" is required: html.unescape alone would turn "?a=1&region=eu" into a trade mark sign.
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_APOSTROPHES: Final = re.compile("['`\xb4\u02b9\u02bb\u02bc\u2018\u2019\u2032\uff07\uff40]")
_STROKED: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"})
_NOT_A_WORD: Final = re.compile(r"[\W_]")  # vowel signs of Indic and Thai script are among them
_INITIALS: Final = re.compile(r"(?<!\w)(?:(?:\w\.){2,}(?:\w(?!\w))?|\w/\w(?!\w))")


def clean_text(raw: str, longest: int = 32_000) -> str:
    """Text of several lines: NFC, LF, plain spaces, nothing invisible, at most `longest` characters.

    HTML is unescaped once. Text that would still hold entities afterwards is about HTML (or was
    escaped twice) and keeps every one as it arrived. What was cut ends in CUT. Lone surrogates
    become U+FFFD, since no database takes them.
    """
    return _clean(raw, longest, _tidied)


def clean_line(raw: str, longest: int = 255) -> str:
    """As clean_text, on one line: every run of white space, line ends too, is one space."""
    return _clean(raw, longest, _tidied_line)


def match_form(raw: str) -> str:
    """What two spellings that differ only in case, width or spacing have in common (NFKC, casefold)."""
    line = _tidied_line(raw)
    if line.isascii():
        return line.lower()
    folded = unicodedata.normalize("NFD", _VARIATION_SELECTORS.sub("", line)).casefold()
    folded = unicodedata.normalize("NFKC", folded).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def plain_form(raw: str, *, join_initials: bool = False) -> str:
    """match_form in words one space apart, without punctuation and Latin, Greek and Cyrillic accents.

    "&" becomes "and", apostrophes vanish. Marks of other scripts carry meaning and stay.
    `join_initials`: "S.p.A." is one word, "A/S" too; "St. Gallen" is two in any case.
    """
    form = match_form(_APOSTROPHES.sub("", raw))
    if join_initials and ("." in form or "/" in form):
        form = _INITIALS.sub(lambda found: found[0].replace(".", "").replace("/", ""), form)
    form = form.replace("&", " and ")
    if not form.isascii():
        bare = _ACCENTS.sub("", unicodedata.normalize("NFD", form.translate(_STROKED)))
        form = unicodedata.normalize("NFC", bare)
    return " ".join(_NOT_A_WORD.sub(_mark_or_space, form).split())


def _clean(raw: str, longest: int, tidied: Callable[[str], str]) -> str:
    arrived = _capped(tidied(raw), longest)
    if "&" not in arrived:
        return arrived
    plain = _capped(tidied(_unescaped(arrived)), longest)
    if "&" not in plain or _capped(tidied(_unescaped(plain)), longest) == plain:
        return plain
    return arrived


def _tidied(raw: str) -> str:
    if _BEYOND_PLAIN_ASCII.search(raw) is None:
        return raw.strip()
    if _UNTIDY.search(raw) is not None:
        raw = _SPACES.sub(" ", _NEWLINES.sub("\n", raw))
        raw = _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", raw))
    return unicodedata.normalize("NFC", raw).strip()


def _tidied_line(raw: str) -> str:
    return " ".join(_tidied(raw).split())


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def _capped(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    room = longest - len(CUT)
    return text[:room].rstrip() + CUT if room > 0 else text[:longest].rstrip()


def _mark_or_space(found: re.Match[str]) -> str:
    return found[0] if unicodedata.category(found[0])[0] == "M" else " "
