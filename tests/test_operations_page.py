"""The page for whoever is on call has a line for everything that the daemon and the alerts can say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/operations.md").read_text("utf-8")
LEVELS = {"info", "warning", "error", "exception", "critical"}


def events(source: str) -> Iterator[tuple[str, int]]:
    """What is logged, with its line: the first argument of every call of a logger's method."""
    module = ast.parse(source)
    methods = {  # `tell = self._log.info if harmless else self._log.error`
        target.id
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and any(map(_is_method, ast.walk(node.value)))
        for target in node.targets
        if isinstance(target, ast.Name) and not isinstance(node.value, ast.Call)
    }
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        if _is_method(node.func) or (isinstance(node.func, ast.Name) and node.func.id in methods):
            event = node.args[0]
            yield (
                (event.value if isinstance(event, ast.Constant) else f"not a plain text, line {node.lineno}"),
                node.lineno,
            )


def _is_method(node: ast.AST) -> bool:
    """`log.info`, `self._log.info`, `logger.info`, `log.get("part").info`"""
    return isinstance(node, ast.Attribute) and node.attr in LEVELS and "log" in ast.unparse(node.value).lower()


def all_events() -> dict[str, str]:
    files = [*ROOT.glob("syncd/**/*.py"), *ROOT.glob("connectors/**/*.py")]
    spoken = [path for path in files if "testing" not in path.parts and path != ROOT / "syncd/log.py"]
    return {
        event: f"{path.relative_to(ROOT)}:{line}" for path in spoken for event, line in events(path.read_text("utf-8"))
    }


def test_every_event_that_can_be_logged_has_its_line_in_the_page() -> None:
    said = all_events()

    assert len(said) > 35
    assert {event: where for event, where in said.items() if f"`{event}`" not in PAGE} == {}


def test_the_page_explains_nothing_that_is_never_said() -> None:
    explained = set(re.findall(r"^\| `([a-z][^`]+)` \|", PAGE.partition("## What the log says")[2], re.MULTILINE))

    assert explained - all_events().keys() == set()


def test_every_alert_has_its_line_in_the_page_and_no_other() -> None:
    groups = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text("utf-8"))["groups"]

    assert set(re.findall(r"`(Syncd\w+)`", PAGE)) == {rule["alert"] for group in groups for rule in group["rules"]}


def test_every_exit_code_is_explained() -> None:
    codes = re.findall(r"^    [A-Z_]+ = (\d+)", (ROOT / "syncd/cli/exits.py").read_text("utf-8"), re.MULTILINE)

    paragraph = PAGE.partition("## Exit codes")[2].partition("\n## ")[0]
    assert [code for code in codes if not re.search(rf"(?<!\d){code} ", paragraph)] == []


def test_all_ways_to_log_are_found() -> None:
    assert [event for event, _ in events(_SAMPLE)] == ["one", "two", "three", "four"]


_SAMPLE = """
log.get("daemon").info("one")
class A:
    def f(self):
        self._log.error("two", exc_info=1)
        logger.exception("three")
        tell = self._log.info if self.x else self._log.error
        tell("four")
        self.info("not a log")
"""
