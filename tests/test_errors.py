"""Every error says what happens next: none may exist that nobody handles."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd import errors

ROOT = Path(__file__).parents[1]
HANDLERS = ("syncd/run", "syncd/cli")
CLASSES = {
    name: found
    for name, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, errors.SyncdError) and found.__module__ == errors.__name__
}


def handled_names() -> set[str]:
    """Names of classes that the loops, the web layer or the commands catch or tell apart."""
    return {
        name.id
        for folder in HANDLERS
        for path in sorted((ROOT / folder).glob("*.py"))
        for place in _places(ast.parse(path.read_text("utf-8")))
        for name in ast.walk(place)
        if isinstance(name, ast.Name)
    }


def _places(module: ast.Module) -> Iterator[ast.AST]:
    """What stands after `except`, what `isinstance` asks for, and tables at the top of a file."""
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            yield node.type
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            yield node.args[1]
    for statement in module.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Tuple):
            yield statement.value


@pytest.mark.parametrize("name", CLASSES)
def test_every_error_class_is_handled_by_a_loop_the_web_layer_or_the_commands(name: str) -> None:
    handled = handled_names()
    above = {parent.__name__ for parent in CLASSES[name].__mro__} & CLASSES.keys()

    assert above & handled - {"SyncdError"} or name == "SyncdError"


@pytest.mark.parametrize("name", CLASSES)
def test_every_error_class_says_in_its_first_line_what_happens_next(name: str) -> None:
    said = CLASSES[name].__doc__

    assert said
    assert said.strip().splitlines()[0].endswith((".", ":", ","))


def test_an_error_that_nobody_handles_would_be_noticed() -> None:
    found = {name.id for place in _places(ast.parse(_SAMPLE)) for name in ast.walk(place) if isinstance(name, ast.Name)}

    assert found == {"Caught", "Asked", "Listed"}


_SAMPLE = """
TABLE = (Listed, 1)
def act():
    try:
        raise Raised("not handled")
    except Caught:
        return isinstance(error, Asked), Built()
"""
