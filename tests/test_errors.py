"""Every error says what happens next: none may exist that nobody handles."""

import ast
import inspect
from pathlib import Path

from syncd import errors

ROOT = Path(__file__).parents[1]
HANDLERS = ("syncd/run", "syncd/cli")


def handled_names() -> set[str]:
    """Names of classes that the loops, the web layer or the commands catch or tell apart."""
    found: set[str] = set()
    for folder in HANDLERS:
        for path in (ROOT / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ExceptHandler | ast.Tuple | ast.Call | ast.BinOp | ast.Assign):
                    found |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return found


def test_every_error_class_is_handled_by_a_loop_the_web_layer_or_the_commands() -> None:
    classes = {
        name
        for name, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, errors.SyncdError) and found.__module__ == errors.__name__
    }

    assert classes - handled_names() == set()


def test_every_error_class_says_in_its_first_line_what_happens_next() -> None:
    for _, found in inspect.getmembers(errors, inspect.isclass):
        assert found.__doc__
        assert found.__doc__.strip().splitlines()[0].endswith((".", ":", ","))
