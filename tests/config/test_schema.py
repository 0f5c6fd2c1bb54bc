"""What editors and people are told of the options."""

import json
import re
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from syncd.config.schema import describe_connector, describe_options, json_schema
from syncd.config.settings import Settings
from syncd.errors import ConfigError
from syncd.registry import ALERTS, SINKS, SOURCES, Registry
from tests.config.world import registry

INSTALLED = Registry()


def entry(section: str, kind: str) -> Any:
    choices = json_schema(registry())["properties"][section]["additionalProperties"]["oneOf"]
    return next(choice for choice in choices if choice["properties"]["type"]["const"] == kind)


def allows(schema: Any, value: object) -> bool:
    """The few words of JSON schema that stand at a plain value."""
    if "anyOf" in schema:
        return any(allows(part, value) for part in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    fits = names[type(value)] in kinds or (type(value) is int and "number" in kinds)
    return fits and not (isinstance(value, str) and not re.search(schema.get("pattern", ""), value))


def test_each_type_has_its_own_options_and_the_shared_ones() -> None:
    sink = entry("sinks", "crm")

    assert {"type", "token", "login", "patience", "reserve", "system_of_record"} <= set(sink["properties"])
    assert sink["additionalProperties"] is False
    assert sink["properties"]["patience"]["default"] == "5 s"
    assert "form_id" not in sink["properties"]


def test_what_is_required_is_required() -> None:
    assert entry("sources", "forms")["required"] == ["type", "form_id"]


def test_a_required_secret_may_be_given_as_a_file() -> None:
    alert = entry("alerts", "chat")

    assert alert["required"] == ["type"]
    assert alert["allOf"] == [{"anyOf": [{"required": ["url"]}, {"required": ["url_file"]}]}]


def test_inner_sections_keep_their_definitions_apart() -> None:
    login = entry("sinks", "crm")["properties"]["login"]["anyOf"][0]["$ref"].removeprefix("#/$defs/")

    assert "password_file" in json_schema(registry())["$defs"][login]["properties"]


@pytest.mark.parametrize(
    ("option", "good", "bad"),
    [
        ("limit", (5, "5", "${N}"), ("five", True, 1.5)),
        ("form_id", ("a", 5, True, 1.5), (None,)),
        ("region", ("eu", "${REGION}"), ("usa", 1)),
    ],
)
def test_values_may_be_written_as_yaml_users_do(option: str, good: tuple[Any, ...], bad: tuple[Any, ...]) -> None:
    schema = entry("sources", "forms")["properties"][option]

    assert [value for value in good if not allows(schema, value)] == []
    assert [value for value in bad if allows(schema, value)] == []


@pytest.mark.parametrize("value", [True, "yes", "No", "off", "${CONSOLE:-yes}"])
def test_truth_values_may_be_words(value: object) -> None:
    schema = json_schema(registry())["$defs"]["Web"]["properties"]["console"]

    assert allows(schema, value)
    assert not allows(schema, "maybe")


def test_the_schema_of_everything_installed_is_json_and_holds_no_secret() -> None:
    text = json.dumps(json_schema(INSTALLED))

    assert "****" not in text
    assert {"form", "local", "chat"} <= set(re.findall(r'"const": "(\w+)"', text))


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    schema = json_schema(INSTALLED)

    wanted = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema)))
    assert wanted <= set(schema["$defs"])


def test_a_connector_that_cannot_be_loaded_is_let_through_unchecked() -> None:
    broken = Registry(offers=[EntryPoint("odd", "nowhere:plugin", SOURCES)])

    kinds = json_schema(broken)["properties"]["sources"]["additionalProperties"]["oneOf"]
    assert kinds[0]["properties"]["type"]["const"] == "odd"
    assert "additionalProperties" not in kinds[0]


def test_options_are_described_in_words_their_own_first() -> None:
    told = {each.name: each for each in describe_connector(registry(), SINKS, "crm")}

    assert list(told)[:4] == ["token", "login", "login.user", "login.password"]
    assert told["login.password"].required
    assert told["login.password"].secret
    assert (told["remind"].type, told["remind"].default) == ("whole number", "15")
    assert (told["give_up"].type, told["give_up"].default) == ("time, as 5 min", "5 days")
    assert told["system_of_record"].default == "no"
    assert "type" not in told


def test_an_unknown_connector_cannot_be_described() -> None:
    with pytest.raises(ConfigError, match="did you mean crm"):
        describe_connector(registry(), SINKS, "crn")


def test_every_option_of_every_installed_connector_and_of_the_config_has_its_help() -> None:
    told = list(describe_options(Settings))
    for group in (SOURCES, SINKS, ALERTS):
        for name in INSTALLED.names(group):
            told += describe_connector(INSTALLED, group, name)

    assert [each.name for each in told if not each.description] == []
