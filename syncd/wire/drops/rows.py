"""The rows of a file as submissions, and the file itself where it is none of rows."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from syncd.errors import Rejected
from syncd.model import Submission
from syncd.wire.content_key import unreadable
from syncd.wire.csv_rows import Row, read_csv, row_submission
from syncd.wire.drops.options import DropOptions

KEPT_OF_UNREADABLE = 64 * 1024


def read_rows(
    file: BinaryIO, name: str, options: DropOptions, source: str, received_at: datetime
) -> Iterator[tuple[Row | None, Submission]]:
    """What cannot be read from some place on is the last one, without a row: nothing before it is lost."""
    try:
        for row in read_csv(file, options.form):
            yield row, row_submission(row, source, received_at, options.id_column)
    except Rejected as error:
        file.seek(0)
        yield None, unreadable(source, file.read(KEPT_OF_UNREADABLE), received_at, f"{name}: {error}", "text/csv")
