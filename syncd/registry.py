"""Finds connectors by their entry points; loads only those that are asked for.

A package offers a connector with an entry point in one of the groups below that names a `Plugin`:
https://packaging.python.org/en/latest/specifications/entry-points/
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from syncd.config.problems import not_among
from syncd.connector import Plugin
from syncd.errors import ConfigError

SOURCES = "syncd.sources"
SINKS = "syncd.sinks"
ALERTS = "syncd.alerts"

_WORD = {SOURCES: "source", SINKS: "sink", ALERTS: "alert"}


class Registry:
    """The connectors that are installed, and those handed over ready-made."""

    def __init__(
        self,
        ready: Mapping[tuple[str, str], Plugin[Any]] | None = None,
        offers: Iterable[EntryPoint] | None = None,
    ) -> None:
        """`ready`: (group, type) -> plugin, before any installed one. `offers`: None for what is installed."""
        self._loaded: dict[tuple[str, str], Plugin[Any]] = dict(ready or {})
        self._offers: dict[tuple[str, str], list[EntryPoint]] = {}
        for offer in _installed() if offers is None else offers:
            self._offers.setdefault((offer.group, offer.name), []).append(offer)

    def names(self, group: str) -> tuple[str, ...]:
        """The types of a group, sorted; nothing is imported for it."""
        return tuple(sorted({name for of, name in (*self._loaded, *self._offers) if of == group}))

    def load(self, group: str, type_name: str) -> Plugin[Any]:
        """The plugin of this type.

        Raises ConfigError when there is none, when two packages offer it, or when its package is broken.
        """
        key = group, type_name
        if key not in self._loaded:
            self._loaded[key] = _load(self._only_offer(group, type_name))
        return self._loaded[key]

    def _only_offer(self, group: str, type_name: str) -> EntryPoint:
        offers = self._offers.get((group, type_name), [])
        packages = sorted({_package(offer) for offer in offers})
        if len(packages) > 1:
            raise ConfigError(f'{_WORD[group]} type "{type_name}" is offered by {" and ".join(packages)}')
        if not offers:
            known = self.names(group)
            raise ConfigError(not_among(type_name, f"the installed {_WORD[group]} types", known))
        return offers[0]


def _installed() -> Iterable[EntryPoint]:
    return (offer for group in _WORD for offer in entry_points(group=group))


def _load(offer: EntryPoint) -> Plugin[Any]:
    """Whatever a third party's module raises while it is imported, the answer names its package."""
    where = f'{_WORD[offer.group]} type "{offer.name}" of package {_package(offer)}'
    try:
        plugin = offer.load()
    except Exception as error:
        raise ConfigError(f"{where} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(plugin, Plugin):
        raise ConfigError(f"{where} cannot be loaded: {offer.value} is not a Plugin")
    return plugin


def _package(offer: EntryPoint) -> str:
    return offer.dist.name if offer.dist else offer.value.partition(":")[0]
