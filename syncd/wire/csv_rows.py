"""Rows of a CSV file or a workbook as people and ad platforms export it, each made into a submission of its own."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from syncd.errors import Rejected
from syncd.model import Answer, AnswerKind, Context, Submission
from syncd.wire.content_key import content_key, id_key, unreadable
from syncd.wire.csv_records import Record, find_delimiter, read_records
from syncd.wire.dialects import TEST_LEAD, Dialect, dialect_of, plain, without_prefix
from syncd.wire.rejects import Marked, taken_off
from syncd.wire.tracking import is_tracking
from syncd.wire.values import moment_of
from syncd.wire.xlsx_records import OLD, ZIP, workbook_records


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """What is known of a file; empty parts are found out."""

    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""  # of a workbook


@dataclass(frozen=True, slots=True)
class Row:
    """One record under its header."""

    line: int  # where it begins, the header being line 1
    cells: tuple[tuple[str, str], ...]  # (column, text) in the file's order, empty ones left out
    raw: bytes  # header and record alone, UTF-8: a file of its own
    problem: str = ""
    columns: tuple[str, ...] = ()
    record: tuple[str, ...] = ()  # all cells as they stand in the file
    mends: str = ""  # key of the row that was set aside, in a file of rejects


FORMAT = CsvFormat()


def read_csv(source: Path | bytes | BinaryIO, form: CsvFormat = FORMAT) -> Iterator[Row]:
    """All rows that are not blank, read as they are asked for; the memory used does not grow with the file, but for
    the texts that the cells of a workbook share.

    A row that cannot be read (more or fewer cells than the header, a quote that never closes, over 128 Ki
    characters in a cell) comes with `problem`, and the next ones are read all the same. Raises Rejected
    for what is neither a CSV file with a header nor a workbook, and OSError like any file.
    """
    if isinstance(source, Path):
        with source.open("rb") as opened:
            yield from _rows(_records(opened, form))
    else:
        yield from _rows(_records(io.BytesIO(source) if isinstance(source, bytes) else source, form))


def row_submission(row: Row, source: str, received_at: datetime, id_column: str = "") -> Submission:
    """The key is the row's own id, or a hash of its cells, and never the file's name or place.

    So a row is the same for ever, in whichever file it comes again. Of an export of Meta, Google Ads or LinkedIn the
    id is the one that the platform's webhook says. A row that was set aside is mended by one with its key that says
    something else.
    """
    if row.problem:
        why = f"line {row.line}: {row.problem}"
        spoilt = unreadable(source, row.raw, received_at, why, "text/csv")
        return spoilt if not row.mends else _again(spoilt, row.mends)
    named = {_plain(column): text for column, text in row.cells}
    dialect = dialect_of(row.columns)
    own_id = _own_id(named, id_column, dialect)
    return Submission(
        source=source,
        key=row.mends or own_id or content_key("", row.cells, exact=True),
        received_at=received_at,
        answers=tuple(_answer(column, text, dialect) for column, text in row.cells),
        raw=row.raw,
        content_type="text/csv",
        submitted_at=next(filter(None, (moment_of(named.get(name)) for name in _times(dialect))), None),
        context=_context(named, dialect),
        mends=bool(row.mends or own_id),
    )


_IDS = ("lead id", "leadid", "leadgen id", "submission id", "response id", "entry id", "id")
_TIMES = ("created time", "created at", "submitted at", "submission date", "date submitted", "timestamp")
_SHORTEST_ID = 8


def _again(spoilt: Submission, mends: str) -> Submission:
    """Still not readable: it stays set aside, as it stands now."""
    return Submission(
        spoilt.source,
        mends,
        spoilt.received_at,
        (),
        spoilt.raw,
        spoilt.content_type,
        problem=spoilt.problem,
        mends=True,
    )


def _own_id(named: Mapping[str, str], id_column: str, dialect: Dialect | None) -> str:
    """Short ids in a column that nobody named are row numbers: they mean another person in the next file."""
    if id_column:
        return id_key(named.get(plain(id_column), ""))
    if dialect:
        return id_key(dialect.key(named))
    found = (named.get(name, "") for name in _IDS)
    return id_key(next((value for value in found if len(value) >= _SHORTEST_ID), ""))


def _times(dialect: Dialect | None) -> tuple[str, ...]:
    return (*dialect.times, *_TIMES) if dialect else _TIMES


def _context(named: Mapping[str, str], dialect: Dialect | None) -> Context:
    test = any(text.startswith(TEST_LEAD) for text in named.values())
    if dialect is None:
        return Context(test=test)
    return Context(
        form_id=without_prefix(named.get("form id", "")),
        form_name=named.get("form name", ""),
        test=test or dialect.is_test(named),
    )


def _answer(column: str, text: str, dialect: Dialect | None) -> Answer:
    hidden = is_tracking(column) or (dialect is not None and _plain(column) in dialect.hidden)
    value = without_prefix(text) if dialect and dialect.name == "Meta" else text
    return Answer(id=column, value=value, label=column, kind=AnswerKind.HIDDEN if hidden else AnswerKind.TEXT)


_plain = lru_cache(maxsize=1024)(plain)  # of columns: the same for every row


def _records(file: BinaryIO, form: CsvFormat) -> Iterator[Record]:
    head = file.read(len(ZIP))
    file.seek(0)
    if head == OLD:
        raise Rejected("a workbook with a password, or of before 2007; save it as .xlsx or CSV first")
    return workbook_records(file, form.sheet) if head == ZIP else read_records(file, form.delimiter, form.encoding)


def delimiter_of(file: BinaryIO, form: CsvFormat = FORMAT) -> str:
    """What parts the cells, for those who write a file beside this one; a comma for a workbook. Leaves the file at its
    beginning.
    """
    if form.delimiter:
        return form.delimiter
    head = file.read(1 << 12)
    file.seek(0)
    return "," if head.startswith(ZIP) else find_delimiter(head.replace(b"\0", b"").decode("latin-1").split("\n")[0])


def _rows(records: Iterable[Record]) -> Iterator[Row]:
    pending = iter(records)
    first = next(pending, None)
    if first is None:
        return
    header, marks = taken_off(first)
    columns = _columns(header)
    for each in pending:
        record, mark = marks(each)
        cells = tuple(
            (column, text) for column, text in zip(columns, map(str.strip, record.cells), strict=False) if text
        )
        if record.problem or any(record.cells):
            yield _row(header, columns, record, cells, mark)


def _row(
    header: Record, columns: tuple[str, ...], record: Record, cells: tuple[tuple[str, str], ...], mark: Marked
) -> Row:
    problem = record.problem or _shape(columns, record)
    said = record.cells or (record.text.rstrip("\r\n"),)
    return Row(record.line, cells, _alone(header, record), problem, columns, said, mark.key)


def _columns(header: Record) -> tuple[str, ...]:
    if header.problem or any("@" in cell for cell in header.cells):
        raise Rejected("the first line is not a header: it should hold the names of the columns")
    columns: list[str] = []
    for place, cell in enumerate(header.cells, start=1):
        name = " ".join(cell.split()) or f"column {place}"
        columns.append(f"{name} ({place})" if name in columns else name)
    return tuple(columns)


def _shape(columns: tuple[str, ...], record: Record) -> str:
    """Programs leave out or add empty cells at the end of a line only when all of them do."""
    extra = [cell for cell in record.cells[len(columns) :] if cell.strip()]
    if extra or len(record.cells) < len(columns):
        return f"{len(record.cells)} cells under {len(columns)} columns"
    return ""


def _alone(header: Record, record: Record) -> bytes:
    if record.problem:
        return record.text.encode()
    text = io.StringIO()
    csv.writer(text).writerows((header.cells, record.cells))
    return text.getvalue().encode()
