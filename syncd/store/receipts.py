"""A second copy of what was taken in: one file per day, appended and on the disk before anybody is answered.

From it a store can be made whole that was lost or put back from an older backup. A frame is its length and its
CRC-32, four bytes each with the lowest first, and a JSON object of that length. A frame that was cut off or changed
is left out, and the next one that is whole is found by how it begins.
"""

import base64
import fcntl
import os
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

from syncd.clock import Clock
from syncd.errors import StoreBusy
from syncd.model import Submission
from syncd.store.content import dump_content, load_content, storable
from syncd.store.database import micros, moment, moment_or_none
from syncd.store.files import make_private

ENDING = ".receipts"
LARGEST = 64 * 2**20
_HEAD = 8


class Receipts:
    """Of a folder that is best on another disk than the store. Thread-safe; several daemons need several folders."""

    def __init__(self, folder: Path, clock: Clock, days: int) -> None:
        self.folder, self.clock, self.days = folder, clock, days
        self._lock = threading.Lock()
        self._day, self._handle = date.min, -1

    def keep(self, submissions: Sequence[Submission]) -> None:
        """On the disk when it returns. Raises StoreBusy when that cannot be: nothing may be answered 200 then."""
        if submissions:
            self._append(b"".join(_frame(submission) for submission in submissions))

    def probe(self) -> None:
        """Raises StoreBusy when nothing can be written."""
        self._append(b"")

    def _append(self, frames: bytes) -> None:
        try:
            with self._lock:
                self._turn_over()
                _write_all(self._handle, frames)
                os.fdatasync(self._handle)
        except OSError as error:
            self.close()
            raise StoreBusy(f"the receipts cannot be written: {error.strerror}") from error

    def close(self) -> None:
        with self._lock:
            if self._handle >= 0:
                os.close(self._handle)
            self._day, self._handle = date.min, -1

    def _turn_over(self) -> None:
        """A new file on a new day; what is older than `days` goes, for it is about people."""
        today = self.clock.now().date()
        if today == self._day:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = make_private(self.folder / f"{today.isoformat()}{ENDING}")
        flags = fcntl.fcntl(self._handle, fcntl.F_GETFL)
        fcntl.fcntl(self._handle, fcntl.F_SETFL, flags | os.O_APPEND)  # `syncd import` may write there too
        self._day = today
        for file in _files(self.folder):
            if file.name < (today - timedelta(days=self.days)).isoformat():
                file.unlink(missing_ok=True)


@dataclass(slots=True)
class Reading:
    """What a folder of receipts held so far."""

    read: int = 0
    damaged: list[str] = field(default_factory=list)  # file and place of each frame that cannot be read


def read(folder: Path, reading: Reading) -> Iterator[Submission]:
    """The oldest first. Raises OSError when the folder cannot be read."""
    for file in _files(folder):
        content, at = file.read_bytes(), 0
        while at < len(content):
            size = int.from_bytes(content[at : at + 4], "little")
            body = content[at + _HEAD : at + _HEAD + size]
            whole = 0 < size <= LARGEST and len(body) == size
            kept = _submission(body, content[at + 4 : at + _HEAD]) if whole else None
            if kept is None:
                reading.damaged.append(f"{file.name} at {at}")
                at = _next_frame(content, at + 1)
                continue
            reading.read += 1
            at += _HEAD + size
            yield kept


def _next_frame(content: bytes, start: int) -> int:
    """Where the next frame begins that is whole: its body says which fields it has."""
    at = start
    while (found := content.find(_SIGN, at)) >= 0:
        begin = found - _HEAD
        size = int.from_bytes(content[begin : begin + 4], "little")
        body = content[found : found + size]
        if begin >= start and len(body) == size and _sum(body) == content[begin + 4 : found]:
            return begin
        at = found + 1
    return len(content)


_SIGN = b'{"source":'


def _frame(submission: Submission) -> bytes:
    body = orjson.dumps(
        {
            "source": submission.source,
            "key": storable(submission.key, len(submission.key)),
            "received_at": micros(submission.received_at),
            "submitted_at": micros(submission.submitted_at) if submission.submitted_at else None,
            "window": submission.window // timedelta(microseconds=1) if submission.window is not None else None,
            "content_type": submission.content_type,
            "content": dump_content(submission.answers, submission.context),
            "problem": submission.problem,
            "announced": submission.announced,
            "mends": submission.mends,
            "raw": base64.b64encode(submission.raw).decode(),
        }
    )
    return len(body).to_bytes(4, "little") + _sum(body) + body


def _sum(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(4, "little")


def _submission(body: bytes, checksum: bytes) -> Submission | None:
    if _sum(body) != checksum:
        return None
    parts: dict[str, Any] = orjson.loads(body)
    answers, context = load_content(parts["content"])
    window = parts["window"]
    return Submission(
        source=parts["source"],
        key=parts["key"],
        received_at=moment(parts["received_at"]),
        answers=answers,
        raw=base64.b64decode(parts["raw"]),
        content_type=parts["content_type"],
        submitted_at=moment_or_none(parts["submitted_at"]),
        context=context,
        window=timedelta(microseconds=window) if window is not None else None,
        problem=parts["problem"],
        announced=parts.get("announced", False),
        mends=parts.get("mends", False),
    )


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{ENDING}"))
