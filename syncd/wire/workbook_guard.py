"""What a workbook would unpack to, looked at before it is read: bombs and entities end here."""

import zlib
from typing import BinaryIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from syncd.errors import Rejected

UNPACKED = 512 * 2**20  # bytes of all parts together
PARTS = 2_000
RECORDS = 2_000_000  # rows, or texts that cells share
BETWEEN = 100_000  # elements between the ends of two records
TEXT = 128 * 2**20  # bytes of text that cells share; all of it is held while the rows are read
LONGEST = 4 * 2**20  # bytes of one text

_RECORDS = ("row", "si")
_CHUNK = 1 << 16
_BROKEN = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error)


def insist_on_harmless(file: BinaryIO) -> None:
    """Reads every part once, in little memory, and leaves the file at its beginning.

    Raises Rejected for a workbook that unpacks to far more than a list of people, for one that declares entities, and
    for one that is broken.
    """
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise Rejected("the workbook unpacks to more than a list of people has")
            for part in parts:
                _look_at(archive, part)
    except _BROKEN as error:
        raise Rejected(f"the workbook is broken ({type(error).__name__})") from error
    finally:
        file.seek(0)


def _look_at(archive: ZipFile, part: ZipInfo) -> None:
    """Parts that are no XML are let pass: whoever takes one for XML stops where this stops."""
    look = _Look(part.filename)
    with archive.open(part) as opened:
        try:
            while chunk := opened.read(_CHUNK):  # never more than the archive says, whatever is packed
                look.parser.Parse(chunk, False)
            look.parser.Parse(b"", True)
        except expat.ExpatError:
            return


class _Look:
    """Counts what a reader that builds trees would hold at a time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._declared
        self.elements = self.records = self.text = self.shared = 0

    def _start(self, _name: str, _attributes: dict[str, str]) -> None:
        self.elements += 1
        self.text = 0
        if self.elements > BETWEEN:
            raise Rejected(f"the workbook has a row or a part beyond all measure ({self.name})")

    def _end(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        if kind in _RECORDS:
            self.elements = 0
            self.records += 1
            if self.records > RECORDS:
                raise Rejected(f"the workbook has more than {RECORDS:,} rows ({self.name})")

    def _text(self, text: str) -> None:
        self.text += len(text)
        self.shared += len(text)
        if self.text > LONGEST or (self.shared > TEXT and "sheet" not in self.name.lower()):
            raise Rejected(f"the workbook has a text beyond all measure ({self.name})")

    def _declared(self, *_what: object) -> None:
        raise Rejected(f"the workbook declares a document type, which no program writes ({self.name})")
