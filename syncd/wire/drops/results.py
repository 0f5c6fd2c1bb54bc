"""Files beside a read file: what became of each row, and those rows that a person has to mend."""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from syncd.clock import Clock
from syncd.model import Fate, Fates
from syncd.wire.csv_rows import Row, delimiter_of
from syncd.wire.drops.options import DropOptions
from syncd.wire.drops.place import PENDING, Place, free_names
from syncd.wire.drops.rows import read_rows
from syncd.wire.rejects import harmless, rejected_row, rejects_header

FIRST_LOOK, LONGEST_PAUSE, LISTED_EVERY = 10.0, 3600.0, 3600.0  # seconds

_ROWS_AT_A_TIME = 500
_HEADER = ("line", "result", "lead", "record", "submission", "reason")
_OPEN = "on its way"
_NOT_KEPT = Fate(0, "not kept", "", "", "")
_REJECTED_WRITTEN = b"rejects are written\n"


@dataclass(slots=True)
class _Pause:
    until: float
    seconds: float = FIRST_LOOK


@dataclass(slots=True)
class _Told:
    """What one pass over the rows of a file found."""

    unplanned: bool = False
    open: bool = False
    rejected: int = 0


@dataclass
class Results:
    """Rows that are still on their way are looked for again, less and less often, until none is."""

    place: Place
    options: DropOptions
    source: str
    clock: Clock
    pauses: dict[str, _Pause] = field(default_factory=dict)
    listed: float | None = None

    def expect(self, name: str) -> None:
        """A file was put away, with its mark beside it."""
        self.pauses[name] = _Pause(self.clock.monotonic() + FIRST_LOOK)

    def write(self, fates: Fates) -> None:
        now = self.clock.monotonic()
        if self.listed is None or now - self.listed >= LISTED_EVERY:
            marked = [name.removesuffix(PENDING) for name in self.place.put_away_names() if name.endswith(PENDING)]
            self.pauses = {name: self.pauses.get(name, _Pause(now)) for name in marked}
            self.listed = now
        for name, pause in sorted(self.pauses.items()):
            if now < pause.until:
                continue
            if self._tell(name, fates):
                del self.pauses[name]
            else:
                seconds = min(2 * pause.seconds, LONGEST_PAUSE)
                self.pauses[name] = _Pause(now + seconds, seconds)

    def _tell(self, name: str, fates: Fates) -> bool:
        """Whether all is told about a file."""
        try:
            with self.place.kept(name) as file, ExitStack() as stack:
                result, rejects = (stack.enter_context(TemporaryFile()) for _ in range(2))
                told = self._pass(name, file, fates, result, rejects)
                self._put(name, told, result, rejects)
        except FileNotFoundError:
            told = _Told()
        if not told.open:
            self.place.remove(name + PENDING)
        return not told.open

    def _pass(self, name: str, file: BinaryIO, fates: Fates, result: Any, rejects: Any) -> _Told:
        told, delimiter = _Told(), delimiter_of(file, self.options.form)
        with _writer(result, delimiter) as results, _writer(rejects, delimiter) as rejected:
            results.writerow(_HEADER)
            for row, key, fate in self._fates(name, file, fates):
                told.open |= fate.state == _OPEN
                told.unplanned |= fate.state == _OPEN and not fate.lead_id
                number = f"s{fate.id}" if fate.id else ""
                line = row.line if row else 1
                results.writerow((line, fate.state, fate.lead_id, fate.ref, number, harmless(fate.reason)))
                if row and fate.state == "parked" and not fate.lead_id:
                    if not told.rejected:
                        rejected.writerow(rejects_header(row.columns))
                    told.rejected += 1
                    reason = fate.reason if fate.reason.startswith("line ") else f"line {row.line}: {fate.reason}"
                    rejected.writerow(rejected_row(key, reason, row.record))
        return told

    def _fates(self, name: str, file: BinaryIO, fates: Fates) -> Iterator[tuple[Row | None, str, Fate]]:
        """Row, key and what became of it; no row for what is none."""
        rows = read_rows(file, name, self.options, self.source, _LONG_AGO)
        while batch := [(row, submission.key) for row, submission in islice(rows, _ROWS_AT_A_TIME)]:
            found = fates(self.source, list(dict.fromkeys(key for _, key in batch)))
            yield from ((row, key, found.get(key, _NOT_KEPT)) for row, key in batch)

    def _put(self, name: str, told: _Told, result: BinaryIO, rejects: BinaryIO) -> None:
        """Rejects once, when every row has been looked at: what a person may be mending is not written anew."""
        stem = name[: -len(".csv")] if name.casefold().endswith(".csv") else name
        self.place.write(f"{stem}.result.csv", _rewound(result))
        if told.unplanned or not told.rejected or self._written(name):
            return
        taken = set(self.place.put_away_names())
        free = next(each for each in free_names(f"{stem}.rejects.csv") if each not in taken)
        self.place.write(free, _rewound(rejects))
        self.place.write(name + PENDING, io.BytesIO(_REJECTED_WRITTEN))

    def _written(self, name: str) -> bool:
        try:
            with self.place.kept(name + PENDING) as mark:
                return mark.read(len(_REJECTED_WRITTEN)) == _REJECTED_WRITTEN
        except FileNotFoundError:
            return False


_LONG_AGO = datetime.fromtimestamp(0, UTC)  # no key depends on the time


class _writer:  # noqa: N801 - a function in all but name
    """Rows for a spreadsheet: with a byte order mark, which is how it knows UTF-8."""

    def __init__(self, file: BinaryIO, delimiter: str) -> None:
        self.text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=False)
        self.rows = csv.writer(self.text, delimiter=delimiter)

    def __enter__(self) -> Any:
        return self.rows

    def __exit__(self, *_: object) -> None:
        self.text.flush()
        self.text.detach()


def _rewound(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file
