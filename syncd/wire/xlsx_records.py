"""Records of a workbook (.xlsx, .xlsm): one sheet, row by row, as a person reads it."""

import warnings
import zlib
from collections.abc import Iterator
from contextlib import closing
from typing import Any, BinaryIO
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from syncd.errors import Rejected
from syncd.wire.csv_records import Record
from syncd.wire.shown_values import shown
from syncd.wire.workbook_guard import insist_on_harmless

ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # how a workbook begins, and one of before 2007 or behind a password
MOST_COLUMNS = 1_000
MOST_ROWS = 2**20  # what a sheet can have

_BROKEN = (
    ArithmeticError, AttributeError, BadZipFile, EOFError, InvalidFileException, LookupError, NotImplementedError,
    RuntimeError, SyntaxError, TypeError, ValueError, zlib.error,
)  # fmt: skip
"""What the library lets through when a part is missing or says what it should not."""

# It tells of what it leaves out: rules, extensions and styles, of which nothing is wanted here.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")


def workbook_records(file: BinaryIO, sheet: str = "") -> Iterator[Record]:
    """Rows that are not blank, of the sheet of this name, or of the first visible one with anything in it.

    Formulas give what they had when the workbook was saved. Raises Rejected for what is no workbook, and for one that
    is built to harm.
    """
    insist_on_harmless(file)
    try:
        with closing(load_workbook(file, read_only=True, data_only=True, keep_links=False)) as book:
            yield from _records(book, sheet)
    except _BROKEN as error:
        raise Rejected(f"the workbook is broken ({type(error).__name__})") from error


def _records(book: Any, sheet: str) -> Iterator[Record]:
    if not book.sheetnames:
        raise Rejected("the workbook has no sheet")
    if sheet and sheet not in book.sheetnames:
        raise Rejected(f'the workbook has no sheet "{sheet}"; it has: {", ".join(book.sheetnames)}')
    for name in [sheet] if sheet else book.sheetnames:
        found = False
        if not sheet and getattr(book[name], "sheet_state", "visible") != "visible":
            continue
        for record in _rows(book[name]):
            found = True
            yield record
        if found:
            return


def _rows(sheet: Any) -> Iterator[Record]:
    """Each as wide as the first one, and wider where it has more: a workbook leaves empty cells out."""
    if not hasattr(sheet, "reset_dimensions"):  # a chart has a sheet of its own
        return
    sheet.reset_dimensions()  # programs write what they like there
    width = 0
    for line, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS), start=1):
        if not row:
            continue
        if len(row) > MOST_COLUMNS:
            raise Rejected(f"the workbook has more than {MOST_COLUMNS:,} columns")
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            width = width or len(cells)
            yield Record(line, (*cells, *[""] * (width - len(cells))))


def _text(cell: Any) -> str:
    if cell.value is None or cell.data_type == "e":
        return ""
    if isinstance(cell.value, str):
        return cell.value.replace("\0", "").strip()
    return shown(cell.value, cell.number_format)
