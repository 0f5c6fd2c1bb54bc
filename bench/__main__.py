"""`make bench`: the table of the figures to hold. `--runs 5 --write` also puts them into docs/performance.md."""

import argparse
import os
import platform
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import crms, doors, figures, files
from bench.lookups import filled, known_leads
from bench.mails import by_imap
from bench.rules import thousand_rules

TARGET = Path(__file__).parents[1] / "docs" / "performance.md"
RATES = (100, 250, 500, 750, 1000)
Figure = Callable[[], dict[str, float]]


class Stores:
    """Stores with so many known leads, each filled once and gone at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, known: int) -> Path:
        path = self.folder / f"{known}.db"
        return path if path.exists() else filled(path, known)


def rows(scale: float, stores: Stores) -> list[tuple[str, str, Figure]]:
    """(what, which figure is to be held, how it is measured)."""

    def n(count: int) -> int:
        return max(20, int(count * scale))

    many = 10_000_000 if scale >= 0.1 else n(10_000_000)
    return [
        ("durable accepts, 32 connections, intake by itself", ">= 8,000/s", lambda: figures.accepts(n(40_000))),
        ("ack at 500 posts/s, all loops working", "p99 <= 20 ms", lambda: figures.acknowledgement(n(5_000))),
        (
            "end to end, fake HubSpot without limits",
            ">= 2,000 leads/s, <= 0.03 calls per lead, <= 50 CPU s and 150 MiB per 100k",
            lambda: figures.end_to_end(n(10_000)),
        ),
        (
            f"the same beside {many:,} known leads",
            "as on an empty store",
            lambda: figures.end_to_end(n(10_000), beside=stores.of(many)),
        ),
        (
            "the same with companies and notes",
            "<= 0.07 calls per lead",
            lambda: figures.end_to_end(n(5_000), company=True),
        ),
        ("end to end, 190 calls per 10 s", ">= 570 leads/s", lambda: figures.end_to_end(n(8_000), "--limits")),
        (
            "a lone lead into an idle daemon",
            "<= 40 ms + CRM to the task, <= 3 calls, 4 with the note",
            lambda: figures.lone_lead(n(40)),
        ),
        *(
            (
                f"end to end, {name}, its limits on",
                "90 % of what the vendor allows",
                partial(crms.pace, name, crm.limits) if crm.limits else partial(crms.backlog, name, n(4_000)),
            )
            for name, crm in crms.CRMS.items()
        ),
        *(
            (f"a lone lead, {name}", "<= 3 calls, 4 with the note", partial(crms.alone, name, n(40)))
            for name in crms.CRMS
            if name != "HubSpot"  # which has its own row
        ),
        *((f"durable accepts, {kind}", ">= 2,000/s", partial(doors.accepts, kind, n(20_000))) for kind in doors.KINDS),
        (
            "100,000 rows of CSV, read and kept",
            ">= 5,000/s, <= 64 MiB for the file",
            lambda: files.dropped("csv", 100_000),
        ),
        (
            "100,000 rows of a workbook, read and kept",
            ">= 2,000/s, <= 64 MiB for the file",
            lambda: files.dropped("xlsx", 100_000),
        ),
        ("mails by IMAP, read and kept", ">= 200/s", lambda: by_imap(n(5_000))),
        ("known leads beside 10,000", "<= 10 us + statement", lambda: known_leads(stores.of(10_000), 10_000)),
        (f"known leads beside {many:,}", "<= 20 us + statement", lambda: known_leads(stores.of(many), many)),
        ("a thousand rules, one lead", "<= 1 ms of conditions", thousand_rules),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs per figure; the median is shown with the spread")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the runs")
    parser.add_argument("--only", default="", help="only rows whose name holds this")
    parser.add_argument(
        "--write", action="store_true", help="put the rows into docs/performance.md; with all of them, the plot too"
    )
    said = parser.parse_args()
    measured: dict[str, str] = {}
    every: list[str] = []
    with tempfile.TemporaryDirectory(prefix="syncd-bench-known-") as folder:
        for what, hold, measure in rows(said.scale, Stores(Path(folder))):
            every.append(what)
            if said.only in what:
                found = [measure() for _ in range(said.runs)]
                how = f"{datetime.now(UTC):%Y-%m-%d}, {said.runs} at {said.scale:g}"
                measured[what] = f"| {what} | {hold} | {_shown(found)} | {how} |"
                print(measured[what], flush=True)
    if said.write:
        page = TARGET.read_text()
        plot = _plot(said.scale) if not said.only else page[page.index(_PLOT) : page.index(_END)]
        TARGET.write_text(_page(every, {**_written(page), **measured}, plot))


def _written(page: str) -> dict[str, str]:
    """The rows that stand there: what -> line."""
    lines = (line for line in page.splitlines() if line.startswith("| ") and line.count(" | ") == _COLUMNS - 1)
    return {line[2:].partition(" | ")[0]: line for line in lines}


def _shown(found: list[dict[str, float]]) -> str:
    """Every figure as its median, with the least and the most of the runs."""
    parts = []
    for name in found[0]:
        values = [run[name] for run in found]
        parts.append(f"{name} **{_number(statistics.median(values))}** ({_number(min(values))}-{_number(max(values))})")
    return "; ".join(parts)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"


def _plot(scale: float) -> str:
    """https://mermaid.js.org/syntax/xyChart.html; pages that show Markdown draw it."""
    found = figures.acknowledgements(10 * scale, RATES)
    lines = "\n".join(f"  line [{', '.join(f'{value:.1f}' for value in found[name])}]" for name in ("p50 ms", "p99 ms"))
    return f"""{_PLOT}

Open loop, all loops working into the local book; the lower line is the median, the upper one p99.

```mermaid
xychart-beta
  x-axis "posts a second" [{", ".join(map(str, RATES))}]
  y-axis "ms"
{lines}
```
"""


_PLOT, _END = "## Ack by rate", "## What bounds them"
_COLUMNS = 4
_BOUNDS = Path(__file__).with_name("bounds.md")


def _page(every: list[str], lines: Mapping[str, str], plot: str) -> str:
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {python}, SQLite {sqlite}"
    head = f"""# Performance

Written by `make bench BENCH="--runs 3 --scale 0.1 --write"` ({machine}).
Load generator, fake CRM and daemon share the cores. Each figure is the median of so many runs, with the least and the
most of them in brackets; the last column says when, how many and at which scale.

| what | to hold | measured | when |
|---|---|---|---|
"""
    shown = "\n".join(lines[what] for what in every if what in lines)
    return f"{head}{shown}\n\n{plot.rstrip()}\n\n{_BOUNDS.read_text()}"


main()
