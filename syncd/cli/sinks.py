"""Commands about one sink: prepare what it needs, export a book."""

from collections.abc import Sequence
from pathlib import Path

import typer

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, app, config
from syncd.cli.shown import AS_JSON, as_json, fail, out
from syncd.connector import Exporting, Finding, Sink
from syncd.errors import SyncdError

_FOLDER = typer.Argument(..., help="where the files go")
_NAME = typer.Argument(..., help="name of the sink in the config")


def prepare(
    name: str = _NAME,
    apply: bool = typer.Option(False, "--apply", help="make what is missing, where we may"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Fields and permissions that a sink needs in the CRM: look, or make them with --apply."""
    with app(config(path)) as built:
        sink = _sink(built, name)
        try:
            findings = sink.prepare(apply)
        except SyncdError as error:
            fail(str(error), Exit.FAILED)
    if json:
        as_json([_parts(finding) for finding in findings])
    else:
        show(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(Exit.FAILED)


def export(name: str = _NAME, folder: Path = _FOLDER, path: Path = CONFIG) -> None:
    """Write the contacts, tasks and notes of a local book as CSV files."""
    with app(config(path)) as built:
        sink = _sink(built, name)
        if not isinstance(sink, Exporting):
            fail(f"{name} has no book of its own to export: use its own export", Exit.CONFIG)
        for written in sink.export(folder):
            out.print(str(written), markup=False)


def _sink(built: App, name: str) -> Sink:
    line = built.crew.lines.get(name)
    if line is None:
        fail(f"no sink is called {name!r}; there are: {', '.join(built.crew.lines)}", Exit.NOT_FOUND)
    return line.sink


def show(findings: Sequence[Finding]) -> None:
    for finding in findings:
        sign = "made" if finding.changed else "ok" if finding.ok else "MISSING"
        out.print(f"{sign:8} {finding.what}  {finding.detail}", markup=False)
        if not finding.ok and finding.remedy:
            out.print(f"         {finding.remedy}", markup=False)


def _parts(finding: Finding) -> dict[str, object]:
    return {"what": finding.what, "ok": finding.ok, "detail": finding.detail, "remedy": finding.remedy,
            "changed": finding.changed}  # fmt: skip
