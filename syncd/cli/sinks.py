"""Commands about the sinks: prepare what they need, export a book."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, app, config
from syncd.cli.shown import AS_JSON, as_json, fail, say
from syncd.connector import Exporting, Finding, Sink
from syncd.core.playbook import Playbook
from syncd.errors import SyncdError
from syncd.run import last_look
from syncd.run.doctor import examine

_NAME = typer.Argument("", help="name of the sink in the config; all of them when left out")
_BOOK = typer.Argument(..., help="name of the sink in the config")
_FOLDER = typer.Argument(..., help="where the files go")


def prepare(
    name: str = _NAME,
    apply: bool = typer.Option(False, "--apply", help="make what is missing, where we may"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Fields and permissions that a sink needs in the CRM: look, or make them with --apply."""
    with app(config(path)) as built:
        names = [name] if name else list(built.crew.lines)
        found = {each: _prepare(_sink(built, each), apply=apply) for each in names}
    _tell(found, json=json)


def doctor(name: str = _NAME, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Whether a sink can do all that the config asks of it: login, fields, choices, permissions, people, calls left,
    and what has changed in its fields since the daemon looked last.
    """
    loaded = config(path)
    with app(loaded) as built:
        names = [name] if name else list(built.crew.lines)
        found = {each: _examined(built, each, loaded.playbook) for each in names}
    _tell(found, json=json)


def _examined(built: App, name: str, playbook: Playbook) -> Sequence[Finding]:
    """Compared with what the daemon saw when it looked last."""
    findings, _ = examine(_sink(built, name), playbook, last_look.read(built.store.database, name))
    return findings


def _tell(found: Mapping[str, Sequence[Finding]], *, json: bool) -> None:
    """By sink; the command has failed when anything is not fine."""
    if json:
        as_json({each: [parts(finding) for finding in findings] for each, findings in found.items()})
    else:
        for each, findings in found.items():
            say(f"{each}:")
            show(findings)
    if not all(finding.ok for findings in found.values() for finding in findings):
        raise typer.Exit(Exit.FAILED)


def _prepare(sink: Sink, *, apply: bool) -> Sequence[Finding]:
    """One sink in trouble does not hide the others."""
    try:
        return sink.prepare(apply)
    except SyncdError as error:
        return [Finding("connection", ok=False, detail=str(error))]


def export(name: str = _BOOK, folder: Path = _FOLDER, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Write the contacts, tasks and notes of a local book as CSV files."""
    with app(config(path)) as built:
        sink = _sink(built, name)
        if not isinstance(sink, Exporting):
            fail(f"{name} is no book of this machine: export from there", Exit.CONFIG)
        written = sink.export(folder)
    if json:
        as_json([str(file) for file in written])
    else:
        for file in written:
            say(str(file))


def _sink(built: App, name: str) -> Sink:
    line = built.crew.lines.get(name)
    if line is None:
        fail(f"no sink is called {name!r}; there are: {', '.join(built.crew.lines)}", Exit.NOT_FOUND)
    return line.sink


def show(findings: Sequence[Finding]) -> None:
    for finding in findings:
        sign = "made" if finding.changed else "ok" if finding.ok else "MISSING"
        say(f"  {sign:8} {finding.what}  {finding.detail}".rstrip())
        if finding.remedy:
            say(f"           {finding.remedy}")


def parts(finding: Finding) -> dict[str, object]:
    return {"what": finding.what, "ok": finding.ok, "detail": finding.detail, "remedy": finding.remedy,
            "changed": finding.changed}  # fmt: skip
