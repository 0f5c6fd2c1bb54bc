"""Files as submissions: a payload by the source's own reading, a file of rows row by row."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import typer

from syncd.app import unplugged
from syncd.cli.exits import Exit
from syncd.cli.shown import fail
from syncd.config.load import Loaded
from syncd.connector import CsvFormat, DropOptions, Submission, Translating, WebRequest, read_csv, row_submission

SOURCE = typer.Option(..., "--source", "-s", help="name of the source in the config")


def insist_on(loaded: Loaded, source: str) -> None:
    """Ends the command when the config names no such source."""
    if source not in loaded.sources:
        fail(f"no source is called {source!r}; there are: {', '.join(loaded.sources)}", Exit.NOT_FOUND)


def read_rows(loaded: Loaded, source: str, file: BinaryIO, now: datetime) -> Iterator[tuple[int, Submission]]:
    """(line, submission), with the same keys as when the source itself reads the file.

    Raises Rejected for what is neither a CSV file with a header nor a workbook.
    """
    options = loaded.sources[source].options
    form = options.form if isinstance(options, DropOptions) else CsvFormat()
    for row in read_csv(file, form):
        yield row.line, row_submission(row, as_source(loaded, source), now, getattr(options, "id_column", ""))


def as_source(loaded: Loaded, source: str) -> str:
    """The source whose enquiries are in the files of this one: usually itself."""
    options = loaded.sources[source].options
    return (options.as_source if isinstance(options, DropOptions) else "") or source


def translate(loaded: Loaded, source: str, file: Path, content_type: str) -> Iterator[Submission]:
    """What the source would keep of this file: no signature is asked for, and nothing can call out.

    Raises Rejected for what the source would refuse.
    """
    if file.suffix.lower() in (".csv", ".tsv", ".xlsx", ".xlsm"):
        with file.open("rb") as opened:
            yield from (submission for _, submission in read_rows(loaded, source, opened, datetime.now(UTC)))
        return
    connector = unplugged(source, loaded.sources[source], loaded.settings.company.domains)
    if not isinstance(connector, Translating):
        fail(f"{source} takes no single payloads: give it a file of rows whose name ends in .csv", Exit.CONFIG)
    body = file.read_bytes()
    headers = {"content-type": content_type or _guess(file, body)}
    yield from connector.translate(WebRequest("POST", headers, {}, body, datetime.now(UTC))).submissions


def _guess(file: Path, body: bytes) -> str:
    if file.suffix.lower() == ".json" or body.lstrip()[:1] in (b"{", b"["):
        return "application/json"
    if file.suffix.lower() == ".eml":
        return "message/rfc822"
    return "application/x-www-form-urlencoded"
