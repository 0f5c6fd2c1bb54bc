"""`syncd check`: every problem of the config, and with --connect of what it connects to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from syncd.app import App, unplugged
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, app, config
from syncd.cli.shown import AS_JSON, as_json, say, warn
from syncd.cli.sinks import parts, show
from syncd.config.load import Loaded
from syncd.config.problems import ConfigErrors, Problem
from syncd.connector import Finding, Previewing, Sink
from syncd.errors import SyncdError


def check(
    connect: bool = typer.Option(False, "--connect", help="also ask every connector whether it works"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Read the config and name every problem with its line; no network unless --connect."""
    try:
        loaded = config(path)
    except ConfigErrors as error:
        _complain(path, error, json=json)
        raise typer.Exit(Exit.CONFIG) from None
    found = _ask_all(loaded) if connect else _preview_all(loaded)
    fine = all(finding.ok for findings in found.values() for finding in findings)
    if json:
        warnings = [_place(each) for each in loaded.warnings]
        connectors = {name: [parts(finding) for finding in findings] for name, findings in found.items()}
        as_json({"ok": fine, "problems": [], "warnings": warnings, "connectors": connectors})
    else:
        _show(path, loaded, found, fine=fine)
    if not fine:
        raise typer.Exit(Exit.FAILED)


def _preview_all(loaded: Loaded) -> dict[str, list[Finding]]:
    """What those sinks would send whose requests the config itself has made; no network."""
    kinds = {name: chosen.plugin.make for name, chosen in loaded.sinks.items()}
    shown = [name for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Previewing)]
    return {name: list(unplugged(name, loaded.sinks[name]).preview()) for name in shown}


def _complain(path: Path, error: ConfigErrors, *, json: bool) -> None:
    if json:
        as_json({"ok": False, "problems": [_place(each) for each in error.problems], "warnings": []})
        return
    warn(str(error))
    count = len(error.problems)
    warn(f"{path}: {count} problem{'s' if count > 1 else ''}")


def _show(path: Path, loaded: Loaded, found: Mapping[str, Sequence[Finding]], *, fine: bool) -> None:
    for name, findings in found.items():
        say(f"{name}:")
        show(findings)
    if fine:
        names = f"sources: {', '.join(loaded.sources)}; sinks: {', '.join(loaded.sinks)}"
        say(f"{path}: fine. {names}; {len(loaded.playbook.rules)} rules, {len(loaded.playbook.people)} people")
    else:
        warn(f"{path}: the config is fine, but not all that it connects to")


def _place(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "column": problem.column, "path": problem.path,
            "message": problem.message}  # fmt: skip


def _ask_all(loaded: Loaded) -> dict[str, list[Finding]]:
    with app(loaded) as built:
        sinks = {name: line.sink for name, line in built.crew.lines.items()}
        connectors: Mapping[str, Any] = {**built.crew.sources, **sinks, **built.crew.alerts}
        return {name: list(_ask(connector, built)) for name, connector in connectors.items()}


def _ask(connector: Any, built: App) -> Iterator[Finding]:
    yield from _or_trouble("connection", connector.check)
    if isinstance(connector, Sink):
        yield from _or_trouble("users", lambda: _users(connector, built))


def _or_trouble(what: str, ask: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
    try:
        return ask()
    except SyncdError as error:
        return [Finding(what, ok=False, detail=str(error))]


def _users(sink: Sink, built: App) -> list[Finding]:
    """Whether each person of the roster who gets leads is an active user of this CRM."""
    owners = sink.owners()
    findings = []
    for person in built.playbook.people.values():
        if person.active:
            found = owners.get(person.email.lower())
            ok = found is not None and found.active
            detail = "" if ok else "not active there" if found else "not known there"
            remedy = "" if ok else f"give people.{person.id}.email the address of an active user, or set active: no"
            findings.append(Finding(f"user for {person.id}", ok=ok, detail=detail, remedy=remedy))
    return findings
