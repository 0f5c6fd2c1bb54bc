"""`syncd import`: a file of rows through the same path as every other enquiry, with a result for each row."""

import csv
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import typer
from rich.progress import Progress

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, app, config
from syncd.cli.payloads import SOURCE, as_source, insist_on, read_rows
from syncd.cli.shown import AS_JSON, as_json, err, fail, say, warn
from syncd.errors import Rejected, StoreError
from syncd.model import Fate

PAGE = 500
WATCHED = 2000
"""Rows that are asked about at a time: they land about in their order."""

_PAUSE = 0.2
_OPEN = "on its way"
_NEEDS_A_PERSON = ("parked", "quarantined")

_FILE = typer.Argument(..., help="a CSV file with a header line, or a workbook (.xlsx)")
_RESULT = typer.Option(None, "--result", help="where the row-by-row result goes; <file>.result.csv when left out")
_WAIT = typer.Option(600, "--wait", min=0, help="seconds to wait for the rows to land; 0: return once they are kept")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file, and the key under which it is kept."""

    line: int
    key: str


def import_file(
    file: Path = _FILE,
    source: str = SOURCE,
    result: Path | None = _RESULT,
    wait: int = _WAIT,
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Keep every row, see it land in the CRM, and write down what became of it.

    The same file again changes nothing. Without a running daemon on this store, the work is done here.
    """
    loaded = config(path, logged="error")  # what becomes of single rows stands in the result
    insist_on(loaded, source)
    target = _target(file, result)
    with app(loaded) as built:
        rows = _keep(built, file, source)
        fates = _land(built, as_source(loaded, source), rows, wait)
    counts = _write(target, rows, fates)
    if json:
        as_json({"rows": len(rows), "states": counts, "result": str(target)})
    else:
        states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        say(f"{len(rows)} rows: {states or 'none'}. Row by row: {target}")
    _judge(counts, wait)


def _target(file: Path, result: Path | None) -> Path:
    """Written to at once, so that a place that cannot be written to is known before the work."""
    target = result or file.with_name(f"{file.stem}.result.csv")
    if not file.is_file():
        fail(f"{file}: {'not a file' if file.exists() else 'there is no such file'}", Exit.CONFIG)
    if target.exists() and target.samefile(file):
        fail("the result would overwrite the file itself: choose another --result", Exit.CONFIG)
    target.touch()
    return target


def _keep(built: App, file: Path, source: str) -> list[Row]:
    kept: list[Row] = []
    repeated = 0
    try:
        with file.open("rb") as opened, _progress() as bar:
            keeping = bar.add_task("keeping", total=file.stat().st_size)
            rows = read_rows(built.loaded, source, opened, built.clock.now())
            while page := list(islice(rows, PAGE)):
                repeated += built.store.inbox.accept([submission for _, submission in page]).repeated
                kept += [Row(line, submission.key) for line, submission in page]
                words = f"{len(kept)} rows kept, {repeated} of them known"
                bar.update(keeping, completed=opened.tell(), description=words)
    except Rejected as error:
        fail(f"{file}: {error}", Exit.CONFIG)
    return kept


def _land(built: App, source: str, rows: Sequence[Row], wait: int) -> dict[str, Fate]:
    try:
        with _at_work(built, wanted=wait > 0):
            return _follow(built, source, rows, wait)
    except KeyboardInterrupt:
        warn("interrupted: all rows are kept and will land; the same command again shows what became of them")
        raise typer.Exit(Exit.INTERRUPTED) from None


@contextmanager
def _at_work(built: App, *, wanted: bool) -> Iterator[None]:
    """Plan and send here, unless a daemon does already."""
    try:
        if wanted:
            built.work()
    except StoreError:
        wanted = False
    try:
        yield
    finally:
        if wanted:
            built.stop()


def _follow(built: App, source: str, rows: Sequence[Row], wait: int) -> dict[str, Fate]:
    """What became of each key, once nothing is on its way any more or the time is up."""
    left = list(dict.fromkeys(row.key for row in rows))
    found: dict[str, Fate] = {}
    until = built.clock.monotonic() + wait
    with _progress() as bar:
        landing = bar.add_task("landing", total=len(left))
        while left:
            fates = built.store.reports.fates(source, left[:WATCHED])
            found |= fates
            done = {key for key, fate in fates.items() if fate.state != _OPEN}
            left = [key for key in left if key not in done]
            bar.advance(landing, len(done))
            if built.clock.monotonic() >= until:
                return found | built.store.reports.fates(source, left)
            if not done:
                time.sleep(_PAUSE)
    return found


def _progress() -> Progress:
    return Progress(console=err, transient=True, disable=not err.is_terminal)


def _write(target: Path, rows: Sequence[Row], fates: Mapping[str, Fate]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    with target.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(("line", "result", "lead", "record", "submission", "reason"))
        for row in rows:
            fate = fates[row.key]
            counts[fate.state] += 1
            writer.writerow((row.line, fate.state, fate.lead_id, fate.ref, f"s{fate.id}", fate.reason))
    return dict(counts)


def _judge(counts: Mapping[str, int], wait: int) -> None:
    if counts.get(_OPEN) and wait:
        warn(f"{counts[_OPEN]} rows are still on their way; the same command again shows what became of them")
        raise typer.Exit(Exit.UNFINISHED)
    if any(counts.get(state) for state in _NEEDS_A_PERSON):
        warn("some rows need a person: see the result, `syncd parked` and `syncd quarantine`")
        raise typer.Exit(Exit.PARKED)
