"""A person's text, apart from what it quotes, what a gateway put in front and what stands below every mail.

Nothing is lost by it: the whole mail is kept beside what is read of it. Linear, unlike the usual patterns for this.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from syncd.core.mail.heads import head_length
from syncd.core.mail.words import COLON, any_of

LONGEST = 64 * 1024
FARTHEST = 4  # lines over which one "On ..., somebody wrote:" may be spread


@dataclass(frozen=True, slots=True)
class Split:
    """`said` is what is new; where nothing is, the whole text."""

    said: str
    signature: str = ""
    quoted: str = ""


def split_text(text: str) -> Split:
    lines = [line.rstrip() for line in text[:LONGEST].replace("\u200b", "").replace("\ufeff", "").split("\n")]
    new, quoted = _apart(_without_banner(lines))
    said, signature = _signed(_without_footer(new))
    whole = "\n".join(said).strip()
    return Split(
        whole or "\n".join(new).strip() or text.strip(), "\n".join(signature).strip(), "\n".join(quoted).strip()
    )


def _without_banner(lines: list[str]) -> list[str]:
    """A gateway's warning comes first and ends at an empty line."""
    first = next((number for number, line in enumerate(lines) if line.strip(" *>[]-_=|")), 0)
    if not lines or not _BANNER.search(lines[first][:300]):
        return lines
    end = next((number for number in range(first, min(first + 8, len(lines))) if not lines[number].strip()), first + 1)
    return lines[end:] if any(line.strip() for line in lines[end:]) else lines


_BANNER = re.compile(rf"[\W_]*{any_of('banner')}", re.IGNORECASE)


def _apart(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """What was written, above, below or between what is quoted; and what is quoted."""
    new: list[str] = []
    quoted: list[str] = []
    place = 0
    while place < len(lines):
        if lines[place].lstrip().startswith(">"):
            quoted.append(lines[place])
            place += 1
        elif length := _opening(lines, place):
            while new and new[-1].strip() and not new[-1].strip("_- "):
                quoted.append(new.pop())
            quoted += lines[place : place + length]
            place += length
            if not _quotes_follow(lines, place):
                quoted += lines[place:]
                break
        else:
            new.append(lines[place])
            place += 1
    return new, quoted


def _opening(lines: Sequence[str], place: int) -> int:
    """How many lines here say that a quoted mail follows; 0 when none does."""
    line = lines[place].strip()
    if not line:
        return 0
    if _ORIGINAL.match(line):
        return 1 + head_length(lines, place + 1)
    if head := head_length(lines, place):
        return head
    return _attribution(lines, place) if _BEGINS.match(line) or _DATE.search(line[:400]) else 0


def _attribution(lines: Sequence[str], place: int) -> int:
    """How many lines say who wrote it and when; a long line is broken by mail programs."""
    said = ""
    for count, line in enumerate(lines[place : place + FARTHEST], 1):
        said = f"{said} {line.strip()}".strip()
        if len(said) > 400 or not line.strip():
            return 0
        if said.endswith((":", ":*")) and (_WROTE.search(said) or _is_dated(said, lines, place + count)):
            return count
    return 0


def _is_dated(said: str, lines: Sequence[str], place: int) -> bool:
    """In any language: a date or an address, a colon, and then nothing but quoted lines."""
    return bool(_DATE.search(said)) and "@" in said and _quotes_follow(lines, place)


def _quotes_follow(lines: Sequence[str], place: int) -> bool:
    following = next((line for line in lines[place : place + 8] if line.strip()), "")
    return following.lstrip().startswith(">")


_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}:\d{2}|\b(?:19|20)\d\d\b")
_BEGINS = re.compile(rf"\W{{0,3}}{any_of('wrote_begins')}\b", re.IGNORECASE)
_WROTE = re.compile(
    rf"^\W{{0,3}}{any_of('wrote_begins')} .{{4,300}}\b{any_of('wrote')}\b.{{0,120}}{COLON}\*?$"
    rf"|\d.{{4,300}}\b{any_of('wrote')}\s*{COLON}$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(rf"[-_ ]{{2,}}\s*{any_of('original')}\b.{{0,60}}$", re.IGNORECASE)


def _without_footer(lines: list[str]) -> list[str]:
    """What a phone or a company puts under every mail."""
    for number, line in enumerate(lines):
        plain = line.strip(" *_-=#")
        if _DISCLAIMER.match(plain) and number and not lines[number - 1].strip(" *_-=#"):
            lines = lines[:number]
            break
    return [line for line in lines if not _PHONE_LINE.fullmatch(line.strip()[:120])]


_DISCLAIMER = re.compile(any_of("disclaimer"), re.IGNORECASE)
_PHONE_LINE = re.compile(any_of("phone_line") + r"\W*", re.IGNORECASE)


def _signed(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut at "-- ", below a closing phrase, or at a last paragraph that is made of contact details."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled:
        return lines, []
    last = filled[-1]
    for number in range(last, max(last - _LONGEST_SIGNATURE, 0) - 1, -1):
        if lines[number] in _DELIMITERS and number < last:
            return lines[:number], lines[number + 1 :]
    for number in filled[-_LONGEST_CLOSED:]:
        if _CLOSING.fullmatch(lines[number].strip(" *_")[:60]) and number > filled[0]:
            return lines[:number], lines[number + 1 :]
    start = next((n + 1 for n in range(last, max(last - 9, 0), -1) if not lines[n].strip()), 0)
    block = lines[start : last + 1]
    if start and all(len(line) <= 70 for line in block) and sum(map(_is_contact, block)) >= 2:
        return lines[:start], block
    return lines, []


def _is_contact(line: str) -> bool:
    return _CONTACT.search(line) is not None


_DELIMITERS = ("--", "-- ", "\u2014", "\u2013\u2013")
_LONGEST_SIGNATURE = 25
_LONGEST_CLOSED = 14
_CONTACT = re.compile(
    r"\S@\S+\.\w|https?://|\bwww\.|(?:\+|\b0|\()\d[\d ()/.-]{6,}\d|\b(?:gmbh|ltd|inc|llc|ag|s\.a\.)(?!\w)",
    re.IGNORECASE,
)
_CLOSING = re.compile(any_of("closing") + r"[\s,.!]*", re.IGNORECASE)
