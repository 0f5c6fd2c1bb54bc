"""What strangers import: all of it from one place, with nothing of this repository's tests behind it."""

import ast
import sys
from pathlib import Path

import pytest

import syncd.testing

FILES = sorted(Path(syncd.testing.__file__).parent.glob("*.py"))
ALLOWED = {"syncd", "pytest", "orjson"}


@pytest.mark.parametrize("name", syncd.testing.__all__)
def test_every_name_can_be_imported_and_is_explained(name: str) -> None:
    assert getattr(syncd.testing, name)
    assert name in str(syncd.testing.__doc__) or name in {"NOON", "START", "OrderKind", "FaultKind", "Steering"}


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'SinkContrat'"):
        _ = syncd.testing.SinkContrat


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_kit_needs_pytest_and_what_syncd_needs_anyway(path: Path) -> None:
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    named = [
        name
        for node in tree
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom) and node.module
            else []
        )
    ]
    strange = {name.partition(".")[0] for name in named} - ALLOWED - sys.stdlib_module_names

    assert strange == set()


@pytest.mark.parametrize("name", ["AlertContract", "SinkContract", "SourceContract", "PolledSourceContract"])
def test_what_a_contract_found_is_shown_by_pytest(name: str) -> None:
    """As in a test file: pytest has rewritten the asserts of its module."""
    assert "@pytest_ar" in vars(sys.modules[getattr(syncd.testing, name).__module__])
