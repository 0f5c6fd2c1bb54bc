"""A mail taken apart: its head, and its parts down to a depth and up to a number that no honest mail reaches.

Not the parser of the standard library, for that one recurses: ten thousand parts within each other end it, and
a megabyte of one header keeps it busy for minutes. This one looks at every byte a fixed number of times.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from syncd.core.mail.charsets import decoded
from syncd.core.mail.headers import Headers, from_base64, read_headers, words

DEEPEST = 8
MOST_PARTS = 200
LONGEST_HEAD = 512 * 1024
LONGEST_TEXT = 1024 * 1024
"""Bytes of one part that are read as text; everything is in the raw mail."""


@dataclass(frozen=True)
class Part:
    """One part that has no parts of its own, or a mail within a mail."""

    headers: Headers
    type: str  # in lower case; text/plain where nothing, or nothing readable, is said
    params: dict[str, str] = field(repr=False)
    content: bytes = field(repr=False)  # as transferred
    attached: bool = False  # to be saved rather than read

    @property
    def name(self) -> str:
        """Of the file, where it is one."""
        told = parameters(self.headers.raw("content-disposition"))[1].get("filename", "")
        return words(told or self.params.get("name", ""))

    def data(self, most: int = LONGEST_TEXT) -> bytes:
        """Without its transfer encoding; the first `most` bytes or so."""
        coding = self.headers.raw("content-transfer-encoding").strip().lower()
        if coding.startswith("base64"):
            return from_base64(self.content[: most * 3 // 2])
        if coding.startswith("quoted-printable"):
            return binascii.a2b_qp(self.content[: most * 3])[:most]
        return self.content[:most]

    def text(self) -> str:
        """With line feeds as line ends."""
        read = decoded(self.data(), self.params.get("charset", ""))
        return read.replace("\r\n", "\n").replace("\r", "\n")


def one_line_end(raw: bytes) -> bytes:
    """With line feeds alone, as mbox, Maildir, IMAP and an old Mac would all have it; without an mbox line in front."""
    plain = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if plain.startswith((b"From ", b">From ")):
        plain = plain.partition(b"\n")[2]
    return plain.removeprefix(b"\xef\xbb\xbf")


def head_and_body(plain: bytes) -> tuple[Headers, bytes]:
    """`plain`: with line feeds alone. A line that can be no header ends the head, even without an empty line."""
    end = plain.find(b"\n\n", 0, LONGEST_HEAD)
    if plain.startswith(b"\n"):
        return Headers(), plain[1:]
    head = plain[:LONGEST_HEAD] if end < 0 else plain[: end + 1]
    odd = _NO_HEADER.search(head)
    stop = odd.start() if odd else len(head)
    return read_headers(head[:stop]), plain[stop:].removeprefix(b"\n")


_NO_HEADER = re.compile(rb"^(?![!-9;-~]{1,100}[ \t]*:|[ \t])", re.MULTILINE)


def parts_of(headers: Headers, body: bytes) -> list[Part]:
    """In the order in which they stand."""
    found: list[Part] = []
    waiting = [(headers, body, 0)]
    while waiting and len(found) < MOST_PARTS:
        head, content, depth = waiting.pop()
        kind, params = parameters(head.raw("content-type"))
        if kind.startswith("multipart/") and depth < DEEPEST:
            inner = [head_and_body(each) for each in _between(content, params.get("boundary", ""))]
            if inner:
                waiting += [(h, b, depth + 1) for h, b in reversed(inner)]
                continue
        readable = kind if "/" in kind and not kind.startswith("multipart/") else "text/plain"
        placed = head.raw("content-disposition").lower()
        found.append(Part(head, readable, params, content, placed.startswith("attachment")))
    return found


def _between(content: bytes, boundary: str) -> Iterator[bytes]:
    """What stands between the lines of a boundary; the last line may be missing."""
    if not boundary:
        return
    mark, start = b"--" + boundary.encode("utf-8", "replace"), None
    for count, (before, end, last) in enumerate(_marks(content, mark)):
        if start is not None:
            yield content[start:before]
        start = None if last else end
        if start is None or count > MOST_PARTS:
            return
    if start is not None:
        yield content[start:]


def _marks(content: bytes, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where the part before a boundary line ends, where the next one begins, and whether it is the last line."""
    at = content.find(mark)
    while at >= 0:
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        rest = content[at + len(mark) : min(end, at + len(mark) + _LONGEST_END)].rstrip(b" \t")
        if rest in (b"", b"--") and (at == 0 or content[at - 1 : at] == b"\n"):
            yield max(at - 1, 0), min(end + 1, len(content)), rest == b"--"
        at = content.find(mark, end)


_LONGEST_END = 100


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """Of "text/plain; charset=utf-8": the first word and the rest, names in lower case. RFC 2231 is read."""
    kind, _, rest = value[:_LONGEST].partition(";")
    given: dict[str, str] = {}
    for found in _PARAMETER.finditer(rest):
        name, text = found[1].lower(), found[2].strip()
        if text.startswith('"'):
            text = _ESCAPED.sub(r"\1", text.strip('"'))
        given.setdefault(name, text)
    return kind.strip().lower(), _whole(given)


_LONGEST = 4096
_PARAMETER = re.compile(r"([\w*.-]{1,60})[ \t]*=[ \t]*(\"[^\"]{0,2000}\"?|[^;]{0,2000})")
_ESCAPED = re.compile(r"\\(.)")


def _whole(given: dict[str, str]) -> dict[str, str]:
    """With values that were spread over `name*0`, `name*1*` put together, and those with a charset read."""
    whole: dict[str, str] = {}
    for name, text in given.items():
        plain, star, place = name.partition("*")
        value = _with_charset(text) if name.endswith("*") else text
        if star and place.strip("*").isdigit():
            whole[plain] = whole.get(plain, "") + value
        else:
            whole.setdefault(plain, value)
    return whole


def _with_charset(text: str) -> str:
    charset, quote, rest = text.partition("'")
    if not quote:
        return decoded(unquote_to_bytes(text))
    return decoded(unquote_to_bytes(rest.partition("'")[2]), charset)
