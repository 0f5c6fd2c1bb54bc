"""Tasks that somebody has marked done in syncd's console, for a service that tells nothing of them.

A line per task in a file of the data folder; the cursor counts the lines. Several daemons need one folder for it.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock

from syncd.connector import Clock, Ref, Signal, SignalKind, SignalPage

MOST = 500


class DoneTasks:
    """Thread-safe within one process; what has been marked is durable before `mark` returns."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._lock = Lock()

    def mark(self, ref: Ref) -> bool:
        """False when it is marked already."""
        with self._lock:
            if any(row["id"] == ref.id for row in self._rows()):
                return False
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            line = json.dumps({"id": ref.id, "at": self._clock.now().isoformat()}) + "\n"
            with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            return True

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        with self._lock:
            rows = list(self._rows())
        at = len(rows) if cursor is None else min(int(cursor), len(rows))
        while True:
            part = rows[at : at + MOST]
            at += len(part)
            yield SignalPage([_signal(row) for row in part], str(at))
            if len(part) < MOST:
                return

    def _rows(self) -> Iterator[dict[str, str]]:
        """A line that a crash has cut off was never answered for."""
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return
        for line in text.splitlines(keepends=True):
            if line.endswith("\n") and line.strip():
                yield json.loads(line)


def _signal(row: dict[str, str]) -> Signal:
    return Signal(SignalKind.TASK_DONE, Ref("task", row["id"]), datetime.fromisoformat(row["at"]))
