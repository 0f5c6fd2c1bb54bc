"""A mark in the last line of a text, for what has no field where one could stand."""

import re

from syncd.wire.texts import cut_text, html_text

_MARK = re.compile(r"(?:^|[\n>]|&nbsp;)[^\S\n]*syncd: ([A-Za-z0-9._:\-]{1,200})(?:<[^<>]*>|\s|&nbsp;)*$")


def marked_plain(text: str, mark: str, most: int) -> str:
    """Not longer than `most` characters: it is the text that is cut."""
    line = f"\n\nsyncd: {mark}"
    return cut_text(text, most - len(line)) + line


def marked_rich(text: str, mark: str, most: int) -> str:
    """Plain text as rich text of at most `most` characters, its mark in a paragraph of its own."""
    line = f"<p>syncd: {mark}</p>"
    return f"<p>{html_text(text, most - len(line) - len('<p></p>'))}</p>{line}"


def mark_in(value: object) -> str:
    """Of either kind, though services dress rich text anew; empty where the last line is no mark."""
    found = _MARK.search(value) if isinstance(value, str) else None
    return found[1] if found else ""
