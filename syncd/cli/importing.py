"""`syncd import`: a CSV file through the same path as every other enquiry, with a result for each row."""

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import typer
from rich.progress import Progress

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, app, config
from syncd.cli.shown import err, fail, out
from syncd.errors import Rejected, StoreError
from syncd.model import Submission
from syncd.store.reports import Fate
from syncd.wire.csv_rows import read_csv, row_submission

PAGE = 500
_FILE = typer.Argument(..., help="a CSV file with a header line")
_RESULT = typer.Option(None, "--result", help="where the row-by-row result goes; <file>.result.csv when left out")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file and what the intake said of it."""

    number: int
    submission: Submission


def import_file(
    file: Path = _FILE,
    source: str = typer.Option(..., "--source", "-s", help="name of the source in the config"),
    result: Path | None = _RESULT,
    wait: int = typer.Option(600, help="seconds to wait for the rows to land; 0 to return once they are kept"),
    path: Path = CONFIG,
) -> None:
    """Keep every row, see it land in the CRM, and write down what became of it.

    The same file again changes nothing. Without a running daemon on this store, the work is done here.
    """
    loaded = config(path)
    if source not in loaded.sources:
        fail(f"no source is called {source!r}; there are: {', '.join(loaded.sources)}", Exit.NOT_FOUND)
    with app(loaded) as built:
        lines = _keep(built, file, source)
        started = bool(wait) and _start(built)
        try:
            fates = _follow(built, source, lines, wait)
        finally:
            if started:
                built.stop()
    target = result or file.with_suffix(".result.csv")
    counts = _write(target, lines, fates)
    out.print(
        ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) + f". Rows: {target}", markup=False
    )
    if counts.get("parked") or counts.get("quarantined"):
        raise typer.Exit(Exit.PARKED)


def _keep(built: App, file: Path, source: str) -> list[Line]:
    lines: list[Line] = []
    try:
        size = file.stat().st_size
        with Progress(console=err, transient=True) as bar:
            keeping = bar.add_task("keeping", total=size)
            rows = _rows(built, file, source)
            while page := list(islice(rows, PAGE)):
                accepted = built.store.inbox.accept([line.submission for line in page])
                lines += page
                bar.advance(keeping, sum(len(line.submission.raw) for line in page))
                bar.update(keeping, description=f"kept {len(lines)} rows, {accepted.repeated} known")
    except (OSError, Rejected) as error:
        fail(f"{file}: {error.strerror if isinstance(error, OSError) else error}", Exit.CONFIG)
    return lines


def _rows(built: App, file: Path, source: str) -> Iterator[Line]:
    for row in read_csv(file):
        yield Line(row.line, row_submission(row, source, built.clock.now()))


def _start(built: App) -> bool:
    """Work here, unless a daemon does already."""
    try:
        built.start()
    except StoreError:
        return False
    return True


def _follow(built: App, source: str, lines: list[Line], wait: int) -> dict[str, Fate]:
    """What became of each key, once nothing is on its way any more or the time is up."""
    keys = [line.submission.key for line in lines]
    until = built.clock.monotonic() + wait
    with Progress(console=err, transient=True) as bar:
        landing = bar.add_task("landing", total=len(keys))
        while True:
            fates = built.store.reports.fates(source, keys)
            open_rows = sum(fate.state == "on its way" for fate in fates.values())
            bar.update(landing, completed=len(fates) - open_rows)
            if not open_rows or built.clock.monotonic() >= until:
                return fates
            time.sleep(0.2)


def _write(target: Path, lines: list[Line], fates: dict[str, Fate]) -> dict[str, int]:
    counts: dict[str, int] = {}
    with target.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(("line", "result", "lead", "record", "submission", "reason"))
        for line in lines:
            fate = fates.get(line.submission.key) or Fate(0, "not kept", "", "", "")
            counts[fate.state] = counts.get(fate.state, 0) + 1
            writer.writerow((line.number, fate.state, fate.lead_id, fate.ref, f"s{fate.id}", fate.reason))
    return counts
