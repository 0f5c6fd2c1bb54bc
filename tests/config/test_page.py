"""The reference of all options is the one that the program tells."""

import re
from importlib.metadata import entry_points
from pathlib import Path

from syncd.config.page import OPERATORS, POLICIES, reference
from syncd.config.schema import describe_options
from syncd.config.settings import Settings
from syncd.core.playbook import FieldPolicy
from syncd.core.routing import operators
from syncd.registry import ALERTS, SINKS, SOURCES, Registry
from tests.config.world import registry

PAGE = Path(__file__).parents[2] / "docs/configuration.md"
BUILT_IN = Registry(
    offers=[
        offer
        for group in (SOURCES, SINKS, ALERTS)
        for offer in entry_points(group=group)
        if offer.value.startswith("connectors.")
    ]
)


def test_the_page_is_what_make_docs_makes_of_the_program() -> None:
    assert PAGE.read_text("utf-8") == reference(BUILT_IN), "make docs"


def test_every_section_and_every_connector_has_its_table() -> None:
    heads = re.findall(r"^## (.+)$", reference(BUILT_IN), re.MULTILINE)

    assert {"sources: form", "sources: typeform", "sinks: hubspot", "sinks: local", "alerts: chat"} <= set(heads)
    assert {"Sections", "Conditions of rules", "Fields"} <= set(heads)


def test_every_option_stands_in_the_page_with_its_default_and_its_limits() -> None:
    page = reference(BUILT_IN)

    for option in describe_options(Settings):
        assert f"| `{option.name}` |" in page, option.name
    assert "| `sinks.<name>.workers` | whole number, 1 to 16 |  |" in page
    assert re.search(r"\| `token` \| text, secret \|", page)


def test_a_row_is_one_line_whatever_the_help_says() -> None:
    rows = [line for line in reference(registry()).splitlines() if line.startswith("|")]

    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {3, 5}


def test_every_operator_and_every_policy_is_explained() -> None:
    assert set(OPERATORS) == set(operators._NAMES)
    assert set(POLICIES) == set(FieldPolicy)
