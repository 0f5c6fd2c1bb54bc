"""The parts of a multipart/form-data body (RFC 7578), bytes of uploads left out."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from syncd.errors import Rejected, TooLarge

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


@dataclass(frozen=True, slots=True)
class RawField:
    """One field before its charset is known."""

    name: bytes
    value: bytes
    file: bool = False  # the value is the upload's name


def multipart_fields(body: bytes, boundary: bytes, most: int, longest: int) -> list[RawField]:
    """All parts in order; an upload that nobody chose (no name) is left out.

    Raises TooLarge for more than `most` parts or a value longer than `longest` bytes, and Rejected for a
    body that is broken, ends early, or has a part without a name.
    """
    if not boundary:
        raise Rejected("multipart form without a boundary")
    parts = _Parts(most, longest)
    try:
        MultipartParser(boundary, parts.callbacks()).write(body)
    except FormParserError:
        raise Rejected("the multipart form is broken") from None
    if not parts.ended:
        raise Rejected("the multipart form ends early")
    return parts.fields


@dataclass(slots=True)
class _Parts:
    """What the parser calls back, part by part."""

    most: int
    longest: int
    fields: list[RawField] = field(default_factory=list)
    ended: bool = False
    count: int = 0
    header: bytearray = field(default_factory=bytearray)
    words: bytearray = field(default_factory=bytearray)
    headers: dict[bytes, bytes] = field(default_factory=dict)
    parameters: dict[bytes, bytes] = field(default_factory=dict)
    value: bytearray = field(default_factory=bytearray)

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self.begin,
            "on_header_field": self.extend_header,
            "on_header_value": self.extend_words,
            "on_header_end": self.end_header,
            "on_headers_finished": self.name_part,
            "on_part_data": self.extend_value,
            "on_part_end": self.end_part,
            "on_end": self.end,
        }

    def begin(self) -> None:
        self.count += 1
        if self.count > self.most:
            raise TooLarge(f"the form has more than {self.most} parts")
        self.headers.clear()
        self.value.clear()

    def extend_header(self, data: bytes, start: int, end: int) -> None:
        self.header += data[start:end]

    def extend_words(self, data: bytes, start: int, end: int) -> None:
        self.words += data[start:end]

    def end_header(self) -> None:
        self.headers[bytes(self.header).lower()] = bytes(self.words)
        self.header.clear()
        self.words.clear()

    def name_part(self) -> None:
        _, self.parameters = parse_options_header(self.headers.get(b"content-disposition", b""))
        if not self.parameters.get(b"name"):
            raise Rejected("a part of the multipart form has no name")

    def extend_value(self, data: bytes, start: int, end: int) -> None:
        if b"filename" in self.parameters:
            return
        self.value += data[start:end]
        if len(self.value) > self.longest:
            raise TooLarge(f"a value of the form is longer than {self.longest} bytes")

    def end_part(self) -> None:
        name = _unescaped(self.parameters[b"name"])
        upload = self.parameters.get(b"filename")
        if upload is None:
            self.fields.append(RawField(name, bytes(self.value)))
        elif upload:
            self.fields.append(RawField(name, _last(_unescaped(upload)), file=True))

    def end(self) -> None:
        self.ended = True


def _unescaped(name: bytes) -> bytes:
    """Browsers write a quote as %22 and line ends as %0D and %0A, and nothing else (WHATWG HTML)."""
    return name.replace(b"%22", b'"').replace(b"%0D", b"").replace(b"%0A", b" ")


def _last(path: bytes) -> bytes:
    """Names are shown, never used as paths; some browsers send the whole path."""
    return path.replace(b"\\", b"/").rpartition(b"/")[2]
