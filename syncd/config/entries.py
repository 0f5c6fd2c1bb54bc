"""Sources, sinks and alerts: each entry is split into what all share and the options of its connector."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from syncd.config.options import plain_type
from syncd.config.problems import Complaint
from syncd.config.secrets import Secrets
from syncd.config.section import fill_blanks
from syncd.config.settings import AlertEntry, SinkEntry, SourceEntry
from syncd.config.wording import complaints_of
from syncd.config.yaml_tree import Data
from syncd.connector import ConnectorOptions, Plugin
from syncd.errors import ConfigError
from syncd.registry import ALERTS, SINKS, SOURCES, Registry

SECTIONS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "sources": (SOURCES, SourceEntry),
    "sinks": (SINKS, SinkEntry),
    "alerts": (ALERTS, AlertEntry),
}
"""Section of the config -> group of entry points, and the options that all its entries share."""


class Chosen(NamedTuple):
    """A connector that the config names, with its options."""

    plugin: Plugin[Any]
    options: ConnectorOptions


@dataclass(slots=True)
class Entries:
    """The entries of one section; `shared` is what Settings reads."""

    shared: dict[str, Data] = field(default_factory=dict)
    chosen: dict[str, Chosen] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)


def read_entries(section: str, data: Data, registry: Registry, secrets: Secrets) -> Entries:
    """Load the connectors that the section names, and read their options. Problems are in `complaints`."""
    entries = Entries()
    _, common = SECTIONS[section]
    for name, entry in data.items() if isinstance(data, dict) else ():
        if not isinstance(entry, dict):
            entries.shared[name] = entry
            continue
        entries.shared[name] = {key: value for key, value in entry.items() if key in common.model_fields}
        own = {key: value for key, value in entry.items() if key not in common.model_fields}
        kind = entry.get("type")
        if isinstance(kind, str) and kind:
            _choose(entries, section, name, kind, own, registry, secrets)
    return entries


def _choose(
    entries: Entries,
    section: str,
    name: str,
    kind: str,
    own: dict[str, Data],
    registry: Registry,
    secrets: Secrets,
) -> None:
    group, common = SECTIONS[section]
    path = section, name
    try:
        plugin = registry.load(group, kind)
    except ConfigError as error:
        entries.complaints.append(Complaint((*path, "type"), str(error)))
        return
    own = secrets.read_files(plugin.options, own, path)
    own = _with_whole_paths(plugin.options, fill_blanks(plugin.options, own), secrets.folder)
    try:
        entries.chosen[name] = Chosen(plugin, plugin.options.model_validate(own))
    except ValidationError as error:
        shared = tuple(common.model_fields)
        entries.complaints += complaints_of(error, plugin.options, own, path, also=shared)


def _with_whole_paths(model: type[BaseModel], own: dict[str, Data], folder: Path) -> dict[str, Data]:
    """Files and folders start in the folder of the config, wherever syncd is started."""
    paths = {name for name, info in model.model_fields.items() if plain_type(info.annotation) is Path}
    return {
        name: str(folder.absolute() / value) if name in paths and isinstance(value, str) else value
        for name, value in own.items()
    }
