"""The pages on the types of source are those that the program tells, and what they show loads as it stands."""

from pathlib import Path

import pytest

from syncd.config.load import load_text
from syncd.config.source_pages import example, source_pages, with_table
from syncd.registry import SOURCES, Registry
from tests.config.test_example import variables
from tests.config.test_page import BUILT_IN

MANUAL = Path(__file__).parents[2] / "docs"
KINDS = BUILT_IN.names(SOURCES)
TOLD = [kind for kind in KINDS if BUILT_IN.load(SOURCES, kind).about]


def test_every_page_is_what_make_docs_makes_of_the_program() -> None:
    pages = {path.stem: path.read_text("utf-8") for path in (MANUAL / "sources").glob("*.md")}

    assert pages.keys() == set(KINDS), "make docs"
    made = source_pages(BUILT_IN)
    assert [kind for kind in KINDS if pages[kind] != made[kind]] == [], "make docs"


def test_the_table_of_all_types_stands_in_the_page_on_sources() -> None:
    text = (MANUAL / "sources.md").read_text("utf-8")

    assert text == with_table(text, BUILT_IN), "make docs"
    assert text.count("](sources/") == len(KINDS)


def test_no_page_leaves_a_blank_unfilled() -> None:
    assert [kind for kind, page in source_pages(BUILT_IN).items() if "{url}" in page] == []


@pytest.mark.parametrize("kind", TOLD)
def test_what_a_page_shows_of_the_config_loads_as_it_stands(kind: str, tmp_path: Path) -> None:
    shown = example(kind, BUILT_IN.load(SOURCES, kind)).replace("<form_id>", "f1")
    rest = (Path(__file__).parents[2] / "config.example.yaml").read_text("utf-8")
    whole = rest.replace("sources:\n  contact:", f"{shown}\n  contact:", 1)

    loaded = load_text(whole, variables(whole), Registry(), folder=tmp_path)

    assert loaded.settings.sources["leads"].type == kind
    assert shown.count("\n") <= 9
