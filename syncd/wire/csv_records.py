"""Records of a delimited text: encoding and delimiter found out, damage kept to the line that has it."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from syncd.errors import Rejected

LONGEST_LINE = 1 << 20  # characters; what is beyond belongs to nobody's row
DELIMITERS = ",;\t|"

_CHUNK = 1 << 18
_HEAD = 1 << 12


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    cells: tuple[str, ...]
    text: str = ""  # as it stands in the file; only where there is a problem
    problem: str = ""


def read_records(file: BinaryIO, delimiter: str, encoding: str) -> Iterator[Record]:
    """Records that are not blank, NUL removed. Empty arguments are found out from the file.

    UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252. Raises Rejected for a file
    that is no text and for an encoding that nobody knows.
    """
    lines = _Lines(io.TextIOWrapper(file, _encoding(file, encoding), errors="replace", newline=""))
    try:
        yield from _records(lines, delimiter)
    finally:
        if not file.closed:  # it stays its owner's: an abandoned wrapper would close it
            lines.text.detach()


def _records(lines: "_Lines", delimiter: str) -> Iterator[Record]:
    first = lines.peek()
    if named := _NAMED_DELIMITER.fullmatch(first.strip("\r\n")):
        next(lines)
        delimiter = delimiter or named[1]
    delimiter = delimiter or find_delimiter(lines.peek())
    while (record := _next_record(lines, delimiter)) is not None:
        if record.problem or any(cell.strip() for cell in record.cells):
            yield record


def _next_record(lines: "_Lines", delimiter: str) -> Record | None:
    """The next one; if a quote runs away, its first line alone is spoilt and the others are read again."""
    start = lines.begin()
    try:
        cells = next(csv.reader(lines, delimiter=delimiter), None)
    except csv.Error:
        return _spoilt(lines, start, "a cell is too long, or a quote never closes")
    if cells is None:
        return None
    if not lines.peek() and _unclosed(lines.taken, delimiter):
        return _spoilt(lines, start, "a quote never closes: the file may have been cut off")
    return Record(start, tuple(cells))


def _spoilt(lines: "_Lines", start: int, problem: str) -> Record:
    text = lines.taken[0]
    lines.put_back(lines.taken[1:])
    return Record(start, (), text, problem)


def _unclosed(taken: list[str], delimiter: str) -> bool:
    if not any('"' in line for line in taken):
        return False
    try:
        next(csv.reader(taken, delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return "end of data" in str(error)
    return False


_NAMED_DELIMITER = re.compile(r"(?i)sep=(.)")  # written and read by Excel
_QUOTED = re.compile(r'"[^"]*"?')


def find_delimiter(header: str) -> str:
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)


@dataclass(slots=True)
class _Lines:
    """Physical lines with one step of looking ahead and any number of steps back."""

    text: io.TextIOWrapper
    ahead: deque[str] = field(default_factory=deque)
    taken: list[str] = field(default_factory=list)  # since `begin`
    number: int = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.ahead.popleft() if self.ahead else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        return line

    def begin(self) -> int:
        """A record begins; the number of its first line."""
        self.taken.clear()
        return self.number + 1

    def peek(self) -> str:
        if not self.ahead and (line := self._read()):
            self.ahead.append(line)
        return self.ahead[0] if self.ahead else ""

    def put_back(self, lines: list[str]) -> None:
        self.ahead.extendleft(reversed(lines))
        self.number -= len(lines)

    def _read(self) -> str:
        line = rest = self.text.readline(LONGEST_LINE)
        while len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = self.text.readline(LONGEST_LINE)
        return line.replace("\0", "") or ("\n" if line else "")


def _encoding(file: BinaryIO, wanted: str) -> str:
    """Leaves the file at its beginning."""
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.count(0) > len(head) // 4:
        raise Rejected("not a text file")
    if wanted:
        return _known(wanted)
    return "utf-8-sig" if _is_utf8(file) else "cp1252"


def _known(wanted: str) -> str:
    try:
        "".encode(wanted)
    except (LookupError, UnicodeError):
        raise Rejected(f'there is no encoding "{wanted}"') from None
    return "utf-8-sig" if codecs.lookup(wanted).name == "utf-8" else wanted


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True
