"""Rows of a CSV file as people and ad platforms export it, each made into a submission of its own."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from syncd.errors import Rejected
from syncd.model import Answer, AnswerKind, Context, Submission
from syncd.wire.content_key import content_key, id_key, unreadable
from syncd.wire.csv_records import Record, read_records
from syncd.wire.tracking import is_tracking
from syncd.wire.values import moment_of


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """What is known of a file; empty parts are found out."""

    delimiter: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One record under its header."""

    line: int  # where it begins, the header being line 1
    cells: tuple[tuple[str, str], ...]  # (column, text) in the file's order, empty ones left out
    raw: bytes  # header and record alone, UTF-8: a file of its own
    problem: str = ""


FORMAT = CsvFormat()


def read_csv(source: Path | bytes | BinaryIO, form: CsvFormat = FORMAT) -> Iterator[Row]:
    """All rows that are not blank, read as they are asked for; the memory used does not grow with the file.

    A row that cannot be read (more or fewer cells than the header, a quote that never closes, over 128 Ki
    characters in a cell) comes with `problem`, and the next ones are read all the same. Raises Rejected
    for what is no CSV file with a header, and OSError like any file.
    """
    if isinstance(source, Path):
        with source.open("rb") as opened:
            yield from _rows(read_records(opened, form.delimiter, form.encoding))
    else:
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        yield from _rows(read_records(file, form.delimiter, form.encoding))


def row_submission(row: Row, source: str, received_at: datetime, id_column: str = "") -> Submission:
    """The key is the row's own id, or a hash of its cells, and never the file's name or place.

    So a row is the same for ever, in whichever file it comes again.
    """
    if row.problem:
        return unreadable(source, row.raw, received_at, f"line {row.line}: {row.problem}", "text/csv")
    named = {_plain(column): text for column, text in row.cells}
    return Submission(
        source=source,
        key=_own_id(named, id_column) or content_key("", row.cells, exact=True),
        received_at=received_at,
        answers=tuple(_answer(column, text) for column, text in row.cells),
        raw=row.raw,
        content_type="text/csv",
        submitted_at=next(filter(None, (moment_of(named.get(name)) for name in _TIMES)), None),
        context=Context(test=any(text.startswith("<test lead:") for text in named.values())),
    )


_IDS = ("lead id", "leadid", "leadgen id", "submission id", "response id", "entry id", "id")
_TIMES = ("created time", "created at", "submitted at", "submission date", "date submitted", "timestamp")
_SHORTEST_ID = 8


def _own_id(named: Mapping[str, str], id_column: str) -> str:
    """Short ids in a column that nobody named are row numbers: they mean another person in the next file."""
    if id_column:
        return id_key(named.get(_plain(id_column), ""))
    found = (named.get(name, "") for name in _IDS)
    return id_key(next((value for value in found if len(value) >= _SHORTEST_ID), ""))


def _answer(column: str, text: str) -> Answer:
    kind = AnswerKind.HIDDEN if is_tracking(column) else AnswerKind.TEXT
    return Answer(id=column, value=text, label=column, kind=kind)


def _plain(column: str) -> str:
    return re.sub(r"[\s_\-]+", " ", column.casefold()).strip()


def _rows(records: Iterable[Record]) -> Iterator[Row]:
    pending = iter(records)
    header = next(pending, None)
    if header is None:
        return
    columns = _columns(header)
    for record in pending:
        cells = tuple(
            (column, text) for column, text in zip(columns, map(str.strip, record.cells), strict=False) if text
        )
        yield Row(record.line, cells, _alone(header, record), record.problem or _shape(columns, record))


def _columns(header: Record) -> list[str]:
    if header.problem or any("@" in cell for cell in header.cells):
        raise Rejected("the first line is not a header: it should hold the names of the columns")
    columns: list[str] = []
    for place, cell in enumerate(header.cells, start=1):
        name = " ".join(cell.split()) or f"column {place}"
        columns.append(f"{name} ({place})" if name in columns else name)
    return columns


def _shape(columns: list[str], record: Record) -> str:
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
