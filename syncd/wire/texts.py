"""Texts on their way into a service that limits their length, or that reads markup."""

from html import escape
from itertools import accumulate

from syncd.core.mail.pages import read_page

CUT = " [...]"


def cut_text(text: str, most: int) -> str:
    """Not longer than `most` characters, and it shows where something is missing."""
    return text if len(text) <= most else text[: most - len(CUT)] + CUT


def cut_line(text: str, most: int) -> str:
    """As `cut_text`, in one line."""
    return cut_text(" ".join(text.split()), most)


def utf16_units(text: str) -> int:
    """Characters as UTF-16 counts them: those beyond its first plane are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut_utf16(text: str, most: int) -> str:
    """As `cut_text`, for a service that counts as UTF-16 does. `most` 0: as long as it is."""
    if not most or utf16_units(text) <= most:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * max(0, most - len(CUT))].decode("utf-16-le", "ignore")
    return (kept + CUT)[:most]


def plain_text(html: str) -> str:
    """What a person would see of HTML, a line for each line; a text without markup is that text."""
    return read_page(html).text if "<" in html or "&" in html else html


def html_text(text: str, most: int) -> str:
    """Plain text as rich text of `most` characters: nothing of it is markup, its lines stay lines."""
    lines = "\n".join(text.splitlines())
    whole = escape(lines).replace("\n", "<br>")
    if len(whole) <= most:
        return whole
    pieces = ["<br>" if character == "\n" else escape(character) for character in lines]
    ends = accumulate(len(piece) for piece in pieces)
    fitting = sum(1 for end in ends if end <= most - len(CUT))
    return "".join(pieces[:fitting]) + CUT
