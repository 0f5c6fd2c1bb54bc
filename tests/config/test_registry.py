"""Connectors are found by entry points and loaded only when asked for."""

from importlib.metadata import EntryPoint

import pytest

from syncd.connector import Plugin
from syncd.errors import ConfigError
from syncd.registry import ALERTS, SINKS, SOURCES, Registry
from tests.config.world import FormOptions, Nothing

plugin = Plugin(FormOptions, Nothing)
no_plugin = "just a text"

HERE = "tests.config.test_registry"


def offer(name: str, value: str, group: str = SOURCES) -> EntryPoint:
    return EntryPoint(name, value, group)


def test_names_are_listed_without_loading_anything() -> None:
    registry = Registry(offers=[offer("tally", "nowhere:plugin"), offer("form", "nowhere:plugin")])

    assert registry.names(SOURCES) == ("form", "tally")
    assert registry.names(SINKS) == ()


def test_only_what_is_asked_for_is_loaded() -> None:
    registry = Registry(offers=[offer("good", f"{HERE}:plugin"), offer("broken", "nowhere:plugin")])

    assert registry.load(SOURCES, "good") is plugin


def test_ready_made_plugins_come_before_installed_ones() -> None:
    registry = Registry({(SINKS, "crm"): plugin}, [offer("crm", "nowhere:plugin", SINKS)])

    assert registry.load(SINKS, "crm") is plugin
    assert registry.names(SINKS) == ("crm",)


def test_an_unknown_type_is_told_with_the_one_that_was_meant() -> None:
    registry = Registry(offers=[offer("typeform", f"{HERE}:plugin")])

    with pytest.raises(ConfigError, match=r'"tipeform" is not in .* source types \(did you mean typeform\?\)'):
        registry.load(SOURCES, "tipeform")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no_such_package.sources:plugin", "package no_such_package.sources cannot be loaded: ModuleNotFoundError"),
        (f"{HERE}:missing", f"package {HERE} cannot be loaded: AttributeError"),
        (f"{HERE}:no_plugin", f"package {HERE} cannot be loaded: {HERE}:no_plugin is not a Plugin"),
    ],
)
def test_a_broken_package_is_named(value: str, said: str) -> None:
    registry = Registry(offers=[offer("bad", value)])

    with pytest.raises(ConfigError) as raised:
        registry.load(SOURCES, "bad")

    assert said in str(raised.value)


def test_two_packages_that_offer_one_name_are_both_named() -> None:
    registry = Registry(offers=[offer("x", "one:plugin"), offer("x", "two:plugin")])

    with pytest.raises(ConfigError, match='source type "x" is offered by one and two'):
        registry.load(SOURCES, "x")


@pytest.mark.parametrize(("group", "name"), [(SOURCES, "form"), (SINKS, "local"), (ALERTS, "chat")])
def test_the_built_in_connectors_are_found_like_any_other(group: str, name: str) -> None:
    registry = Registry()

    assert name in registry.names(group)
    assert isinstance(registry.load(group, name), Plugin)
