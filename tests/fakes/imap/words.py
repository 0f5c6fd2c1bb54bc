"""A command, read as the grammar has it: atoms, quoted strings, literals and lists (RFC 3501, 9)."""

import re
from datetime import UTC, datetime

Word = str | list["Word"]

_ATOM = re.compile(r'[^\s(){"]+')
_QUOTED = re.compile(r'"((?:[^"\\\r\n]|\\["\\])*)"')


class Bad(Exception):
    """The client has said what the grammar does not have: BAD."""


class No(Exception):
    """The server will not: NO, with these words."""


def words(line: str) -> list[Word]:
    """Raises Bad."""
    found, rest = _list(line, 0, inside=False)
    if rest != len(line):
        raise Bad("too much")
    return found


def _list(line: str, at: int, *, inside: bool) -> tuple[list[Word], int]:
    found: list[Word] = []
    while at < len(line):
        if line[at] == " ":
            at += 1
            if at >= len(line) or line[at] in " )":
                raise Bad("a space too many")
        elif line[at] == ")":
            if not inside:
                raise Bad("a bracket too many")
            return found, at + 1
        else:
            word, at = _word(line, at)
            found.append(word)
    if inside:
        raise Bad("a bracket too few")
    return found, at


def _word(line: str, at: int) -> tuple[Word, int]:
    if line[at] == "(":
        return _list(line, at + 1, inside=True)
    if quoted := _QUOTED.match(line, at):
        return re.sub(r"\\(.)", r"\1", quoted.group(1)), quoted.end()
    if atom := _ATOM.match(line, at):
        return atom.group(), atom.end()
    raise Bad("no word")


def numbers(text: str, most: int) -> set[int]:
    """A set as 1,5:7,9:* says it; `*` is the highest there is, and 99:* has it in it even if it is lower."""
    found: set[int] = set()
    for part in text.split(","):
        ends = part.split(":")
        if len(ends) > 2 or not all(end == "*" or (end.isdecimal() and int(end) > 0) for end in ends):
            raise Bad("no set of numbers")
        low, high = sorted((most if end == "*" else int(end)) for end in (ends[0], ends[-1]))
        found.update(range(low, min(high, most) + 1))
    return found


def day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=UTC)
    except ValueError:
        raise Bad("no date") from None
