"""Descriptions of tasks, in which people write as well as we do."""

import re
from dataclasses import dataclass, field

from syncd.connector import CUT, cut_utf16, utf16_units

DIVIDER = "\n\n~ ~ ~ before ~ ~ ~\n"
_MARK = re.compile(r"^syncd:(\S{1,80})\s*$", re.MULTILINE)
_MARK_LINE = re.compile(r"\s*^syncd:\S{1,80}\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Present:
    """What stands there, and whether the last to touch the task were we."""

    text: str = field(repr=False)
    ours: bool


def with_mark(text: str, mark: str, room: int) -> str:
    line = f"\n\nsyncd:{mark}"
    return cut_utf16(text, room - len(line)) + line


def marks_in(text: object) -> list[str]:
    return _MARK.findall(text) if isinstance(text, str) else []


def renewed(present: Present, text: str, room: int) -> str:
    """The new text in the place of our old one. What others wrote stays below a line, for good, and so does a mark."""
    marks = marks_in(present.text)
    before = _MARK_LINE.sub("", present.text.replace("\r\n", "\n")).strip()
    if present.ours:
        _, divider, before = before.partition(DIVIDER)
        before = before if divider else ""
    if before == text.strip():
        before = ""
    tail = "".join(f"\n\nsyncd:{mark}" for mark in marks[:1])
    kept = cut_utf16(f"{DIVIDER}{before}", room - len(tail)) if before else ""
    space = room - utf16_units(kept) - len(tail)
    return (cut_utf16(text, space) if space > len(CUT) else "") + kept + tail
