"""The example that ships, and that `make run` runs."""

import re
from pathlib import Path

import pytest

from syncd.config.load import load_config, load_text
from syncd.config.schema import describe_connector, describe_options
from syncd.config.settings import Settings
from syncd.registry import ALERTS, SINKS, SOURCES, Registry

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
REGISTRY = Registry()
OFF = re.compile(r"^(\s*)#(?=[^\s#])", re.MULTILINE)


def everything_on() -> str:
    """The example with every option that is off switched on."""
    return OFF.sub(r"\1", EXAMPLE.read_text(encoding="utf-8"))


PUBLIC_KEY = (
    "-----BEGIN PUBLIC KEY-----\\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6gFTxMhAqkcqDuuZpVrRqUJ/rjq+0D2VuJ9x80FoTMp2AHnbxyu2nODs"
    "TbYJ8tOQCuPFTFg5BmZmh1yZqPTJ9W65jEwKORkJgA1lNTKp5frwIEYlZh6KVxiAIk5zu2sr1E4aR4zlRgcuR8gK9qGiIbnZCoGI"
    "S6fx6kbBd3MwId2UI6yGIDZ62D9y/KbF1fwj7uw9oDYG7ohLkdWGl9/qAb/z3Fz+3Y8euN2RuIdGTxBC8F7QoT+FM83YeXE8IFbO"
    "qQ5iHp1WV4KCYEK//68MKSY/TWSUQuXAL08MO0JF+GhfeqqUNVUV7pNbY4WgaU/FSM6cQoH/C1XdZff1rlyFaQIDAQAB"
    "\\n-----END PUBLIC KEY-----"
)


def variables(text: str) -> dict[str, str]:
    usual = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "https://example.com/long-enough-for-a-secret")
    return usual | {"WIX_PUBLIC_KEY": PUBLIC_KEY}


def test_the_example_loads_as_it_stands_without_environment() -> None:
    loaded = load_config(EXAMPLE, {}, REGISTRY)

    assert set(loaded.sources) == {"contact"}
    assert loaded.settings.sources["contact"].type == "form"
    assert loaded.settings.sinks[loaded.system_of_record].type == "local"
    assert loaded.settings.store.url.get_secret_value() == f"sqlite:///{EXAMPLE.parent}/data/syncd.db"
    assert loaded.warnings == ()


def test_every_option_that_is_off_is_right_when_it_is_switched_on(tmp_path: Path) -> None:
    text = everything_on()

    loaded = load_text(text, variables(text), REGISTRY, folder=tmp_path)

    assert {source.type for source in loaded.settings.sources.values()} >= {
        "form", "typeform", "tally", "webhook", "csv", "fillout",
    }  # fmt: skip
    assert set(loaded.sinks) == {
        "book",
        "hubspot",
        "salesforce",
        "pipedrive",
        "close",
        "streak",
        "copper",
        "odoo",
        "sugarcrm",
        "suitecrm",
        "dynamics",
        "zoho",
        "agency",
    }
    assert set(loaded.alerts) == {"team"}


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"message": "What is the price?", "country": "DE"}, "wants to buy"),
        ({"message": "Hello", "country": "FR", "company_size": "500"}, "big company"),
        ({"message": "Hallo", "country": "AT"}, "german"),
        ({"message": "Hello"}, "everyone else"),
    ],
)
def test_the_rules_of_the_example_do_what_they_say(facts: dict[str, str], rule: str) -> None:
    rules = load_config(EXAMPLE, {}, REGISTRY).playbook.rules

    chosen = next(each for each in rules if each.when is None or each.when.matches(facts))

    assert chosen.name == rule


def test_every_option_there_is_occurs_in_the_example() -> None:
    options = {each.name for each in describe_options(Settings)}
    for group in (SOURCES, SINKS, ALERTS):
        for connector in REGISTRY.names(group):
            options |= {each.name for each in describe_connector(REGISTRY, group, connector)}

    named = set(re.findall(r"(\w+): ", re.sub(r":$", ": ", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)))
    assert {name for name in options if name.rpartition(".")[2] not in named} == set()
