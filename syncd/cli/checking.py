"""Before anything runs: `check` the config, list `connectors` and their options, print the `schema`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, app, config
from syncd.cli.shown import AS_JSON, as_json, fail, out, table
from syncd.cli.sinks import show
from syncd.config.load import Loaded
from syncd.config.schema import describe_connector, json_schema
from syncd.connector import Finding, Sink
from syncd.errors import ConfigError, SyncdError
from syncd.registry import ALERTS, SINKS, SOURCES, Registry

_WORDS = {"source": SOURCES, "sink": SINKS, "alert": ALERTS}


def check(
    connect: bool = typer.Option(False, "--connect", help="also ask every connector whether it works"),
    path: Path = CONFIG,
) -> None:
    """Read the config and name every problem with its line; no network unless --connect."""
    loaded = config(path)
    if connect and not _ask_all(loaded):
        raise typer.Exit(Exit.FAILED)
    sinks, rules = ", ".join(loaded.sinks), len(loaded.playbook.rules)
    out.print(f"{path}: fine. {len(loaded.sources)} sources, {rules} rules, sinks: {sinks}", markup=False)


def _ask_all(loaded: Loaded) -> bool:
    with app(loaded) as built:
        connectors: Mapping[str, Any] = {
            **built.crew.sources,
            **{name: line.sink for name, line in built.crew.lines.items()},
            **built.crew.alerts,
        }
        verdicts = [_ask(name, connector, built) for name, connector in connectors.items()]  # ask all, then judge
        return all(verdicts)


def _ask(name: str, connector: Any, built: App) -> bool:
    try:
        findings = [*connector.check(), *_missing_owners(connector, built)]
    except SyncdError as error:
        findings = [Finding("connection", ok=False, detail=str(error))]
    out.print(f"{name}:", markup=False)
    show(findings)
    return all(finding.ok for finding in findings)


def _missing_owners(connector: Any, built: App) -> list[Finding]:
    """People whom the rules name and whom the CRM does not know as active users."""
    if not isinstance(connector, Sink):
        return []
    owners = connector.owners()
    return [
        Finding(
            f"user for {person.id}",
            ok=bool((found := owners.get(person.email.lower())) and found.active),
            remedy=f"give people.{person.id}.email the address of an active user of this CRM",
        )
        for person in built.playbook.people.values()
        if person.active
    ]


def connectors(name: str = typer.Argument("", help="one connector; all when left out"), json: bool = AS_JSON) -> None:
    """Which connectors are installed, and the options of one with help."""
    registry = Registry()
    if not name:
        installed = {word: registry.names(group) for word, group in _WORDS.items()}
        if json:
            as_json(installed)
        else:
            table(("kind", "type"), [(word, kind) for word, kinds in installed.items() for kind in kinds])
            out.print("Options of one: `syncd connectors <type>`")
        return
    found = {
        word: describe_connector(registry, group, name) for word, group in _WORDS.items() if _has(registry, group, name)
    }
    if not found:
        try:
            registry.load(SOURCES, name)
        except ConfigError as error:
            fail(str(error), Exit.NOT_FOUND)
    if json:
        as_json({word: [_option(option) for option in options] for word, options in found.items()})
        return
    for word, options in found.items():
        rows = [
            (o.name, o.type, "required" if o.required else o.default, ("secret: " if o.secret else "") + o.description)
            for o in options
        ]
        table(("option", "type", "default", "what it is"), rows, title=f"{word} {name}")


def _has(registry: Registry, group: str, name: str) -> bool:
    return name in registry.names(group)


def _option(option: Any) -> dict[str, Any]:
    return {field: getattr(option, field) for field in ("name", "type", "default", "required", "secret", "description")}


def schema() -> None:
    """The config's JSON schema, for editors: `syncd schema > syncd.schema.json`."""
    as_json(json_schema(Registry()))
