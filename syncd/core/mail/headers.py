"""The head of a mail: unfolded, decoded, and its addresses and dates read. Never fails."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property

from syncd.core.mail.charsets import decoded, python_name

LONGEST_VALUE = 16_384
MOST_HEADERS = 1000


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody in a header. The address is in lower case and may be anything with an @, or empty."""

    email: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]

    @property
    def local(self) -> str:
        return self.email.rpartition("@")[0]


@dataclass(frozen=True)
class Headers:
    """Names in lower case and values as they stand on the wire, unfolded, in order; either may repeat."""

    lines: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _firsts(self) -> dict[str, str]:
        return dict(reversed(self.lines))

    def __contains__(self, name: str) -> bool:
        return name in self._firsts

    def raw(self, name: str) -> str:
        """The first of that name."""
        return self._firsts.get(name, "")

    def every(self, name: str) -> list[str]:
        return [value for each, value in self.lines if each == name]

    def text(self, name: str) -> str:
        """The first of that name, with its encoded words read."""
        return words(self.raw(name)).strip()

    def people(self, name: str) -> tuple[Address, ...]:
        """Of every header of that name."""
        return tuple(address for value in self.every(name) for address in addresses(value))

    def moment(self, name: str) -> datetime | None:
        return moment(self.raw(name))


def read_headers(block: bytes) -> Headers:
    """From the bytes before the first empty line. What is no header line is left out."""
    found: list[tuple[str, list[str]]] = []
    for line in decoded(block).split("\n"):
        if line[:1] in _FOLDED:
            if found:
                found[-1][1].append(line.strip())
        elif len(found) < MOST_HEADERS and (head := _HEADER.match(line)):
            found.append((head[1].lower(), [line[head.end() :].strip()]))
    return Headers(tuple((name, " ".join(filter(None, parts))[:LONGEST_VALUE]) for name, parts in found))


_FOLDED = (" ", "\t")
_HEADER = re.compile(r"([!-9;-~]{1,100})[ \t]*:")


def words(value: str) -> str:
    """With its encoded words (RFC 2047) read; one in a charset that nobody knows stays as it is."""
    if "=?" not in value:
        return value
    text, last, end = [], ("", b""), 0
    for found in _WORD.finditer(value):
        between = value[end : found.start()]
        charset, data = _word(found)
        if last[1] and charset == last[0] and not between.strip():
            last = charset, last[1] + data  # one character may be spread over two words
        else:
            text += [_word_text(last), between if between.strip() or not last[1] else ""]
            last = charset, data
        end = found.end()
    return "".join([*text, _word_text(last), value[end:]])


def _word(found: re.Match[str]) -> tuple[str, bytes]:
    """Its codec, and its bytes. Without a codec, the bytes are those of the word as it stands."""
    charset, coding, coded = python_name(found[1].partition("*")[0]), found[2].lower(), found[3]
    if not charset:
        return "", found[0].encode("utf-8", "replace")
    if coding == "b":
        return charset, from_base64(coded.encode("ascii", "ignore"))
    return charset, binascii.a2b_qp(coded.encode("utf-8", "replace"), header=True)


def _word_text(word: tuple[str, bytes]) -> str:
    return decoded(word[1], word[0] or "utf-8") if word[1] else ""


_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\n]*)\?=")


def from_base64(data: bytes) -> bytes:
    """As much as can be read."""
    kept = data.translate(None, _NOT_BASE64)
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def addresses(value: str) -> tuple[Address, ...]:
    """Whoever is named, with an address or without; a name is read before it can hide a comma."""
    return tuple(filter(None, map(_address, _apart(value[:LONGEST_VALUE]))))


def _apart(value: str) -> Iterator[str]:
    """Cut at commas and semicolons, but not within quotes, brackets and comments."""
    start, closing = 0, ""
    for place, char in enumerate(value):
        if closing:
            closing = "" if char == closing else closing
        elif char in _OPENING:
            closing = _OPENING[char] if _OPENING[char] in value[place + 1 : place + _FAR] else ""
        elif char in ",;":
            yield value[start:place]
            start = place + 1
    yield value[start:]


_OPENING = {'"': '"', "<": ">", "(": ")"}
_FAR = 300


def _address(piece: str) -> Address | None:
    found = _IN_ANGLES.search(piece) or _BARE.search(piece)
    email = found[1].strip(" \t<>'\"").lower() if found else ""
    if found:
        rest = f"{piece[: found.start()]} {piece[found.end() :]}"
    else:
        rest = "" if "<>" in piece or piece.rstrip().endswith(":") else piece  # nobody, or the name of a group
    name = words(rest.replace('\\"', "'")).strip(" \t\"'()«»“”„:")
    return Address(email, "" if name.lower() == email else name) if email or name else None


_IN_ANGLES = re.compile(r"<[ \t]*(?:mailto:)?([^<>\s]{1,200}@[^<>\s@]{1,255})[ \t]*>")
_BARE = re.compile(r"([^\s<>()\[\]\",;:]{1,200}@[^\s<>()\[\]\",;:@]{1,255})")


def moment(value: str) -> datetime | None:
    """A date in UTC; one without a zone is taken for UTC. None for what is no date, or no date of a mail."""
    try:
        read = parsedate_to_datetime(value[:200])
        at = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.year >= _FIRST_YEAR else None


_FIRST_YEAR = 1971
