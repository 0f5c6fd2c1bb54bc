"""What a process needs of the machine, looked at again and again (proc(5)), and whether it grows."""

import math
import os
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_MIB = 2**20
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sample:
    at: float  # seconds since the first
    rss: float  # MiB
    files: int  # open files and sockets
    threads: int
    wal: float  # MiB; 0 where there is none


@dataclass(frozen=True, slots=True)
class Slope:
    """A straight line through samples, per hour, and three standard errors of it."""

    per_hour: float
    doubt: float

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]]) -> Self:
        """From (seconds, value). Raises ValueError for fewer than three."""
        if len(points) < 3:
            raise ValueError("a slope with a doubt needs three points")
        times, values = [at / 3600 for at, _ in points], [value for _, value in points]
        line = statistics.linear_regression(times, values)
        middle = statistics.fmean(times)
        spread = sum((at - middle) ** 2 for at in times)
        rest = sum((value - line.slope * at - line.intercept) ** 2 for at, value in zip(times, values, strict=True))
        return cls(line.slope, 3 * math.sqrt(rest / (len(points) - 2) / spread) if spread else math.inf)


class Watch:
    """Samples a process every few seconds in a thread of its own, until the block ends."""

    def __init__(self, pid: int, database: Path | None, every: float = 2.0) -> None:
        self.samples: list[Sample] = []
        self._pid, self._database, self._every = pid, database, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)

    def _run(self) -> None:
        began = time.monotonic()
        while not self._ended.is_set():
            self.samples.append(look(self._pid, self._database, time.monotonic() - began))
            self._ended.wait(self._every)


def look(pid: int, database: Path | None, at: float) -> Sample:
    """Raises OSError when the process is gone."""
    proc = Path(f"/proc/{pid}")
    wal = database.with_name(database.name + "-wal") if database else None
    return Sample(
        at=at,
        rss=int((proc / "statm").read_text().split()[1]) * _PAGE / _MIB,
        files=sum(1 for _ in (proc / "fd").iterdir()),
        threads=sum(1 for _ in (proc / "task").iterdir()),
        wal=wal.stat().st_size / _MIB if wal and wal.exists() else 0.0,
    )
