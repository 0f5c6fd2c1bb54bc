"""Filling in a mapping of templates. Its shape is the config's alone: a value can only be a value.

A leaf is a text; `{$number: "..."}` makes it a number, `{$yes: "..."}` true or false. What comes out empty is left
out, and with it lists and mappings of which nothing is left, so that nothing is ever cleared by accident.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.sinks.http.words import Values, Words
from syncd.connector import Rejected, Sandbox

NUMBER, YES = "$number", "$yes"
_TRUE = frozenset({"yes", "true", "1", "on", "y"})
_FALSE = frozenset({"no", "false", "0", "off", "n"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
NOTHING = object()


def filled(tree: Any, sandbox: Sandbox, values: Values) -> Any:
    """The tree with its templates filled in; NOTHING where nothing is left. Raises Rejected."""
    if isinstance(tree, Mapping):
        if len(tree) == 1 and (made := _typed(tree, sandbox, values)) is not None:
            return made
        inner = {name: filled(branch, sandbox, values) for name, branch in tree.items()}
        return {name: value for name, value in inner.items() if value is not NOTHING} or NOTHING
    if isinstance(tree, list):
        return [value for branch in tree if (value := filled(branch, sandbox, values)) is not NOTHING] or NOTHING
    return sandbox.render(tree, values) or NOTHING if tree else NOTHING


def texts(pairs: Mapping[str, str], sandbox: Sandbox, values: Values) -> dict[str, str]:
    """A flat mapping of templates; empty ones are left out."""
    rendered = {name: sandbox.render(source, values) for name, source in pairs.items()}
    return {name: text for name, text in rendered.items() if text}


def header(text: str) -> str:
    """What HTTP lets a header hold: one line, and UTF-8 in the bytes that it takes for Latin-1 (RFC 9110 5.5)."""
    return _CONTROL.sub(" ", text).strip().encode().decode("latin-1")


def _typed(tree: Mapping[str, Any], sandbox: Sandbox, values: Values) -> Any:
    """None where the mapping is an ordinary one."""
    (kind,) = tree
    if kind not in (NUMBER, YES):
        return None
    text = sandbox.render(tree[kind], values).strip().lower()
    if not text:
        return NOTHING
    return _number(text) if kind == NUMBER else _truth(text)


def _number(text: str) -> int | float:
    try:
        number = float(text)
        whole = int(text) if re.fullmatch(r"-?\d{1,300}", text) else None
    except ValueError:
        raise Rejected("a value that must be a number is none") from None
    if not math.isfinite(number):
        raise Rejected("a value that must be a number is none")
    return number if whole is None else whole


def _truth(text: str) -> bool:
    if text not in _TRUE | _FALSE:
        raise Rejected("a value that must be yes or no is neither")
    return text in _TRUE


def troubles_of(tree: Any, sandbox: Sandbox, path: str) -> Iterator[str]:
    """Everything that is wrong with the templates of a tree, each with its place."""
    if isinstance(tree, Mapping):
        for name, branch in tree.items():
            yield from troubles_of(branch, sandbox, f"{path}.{name}")
        if not tree.keys().isdisjoint({NUMBER, YES}) and not _is_marker(tree):
            yield f"{path}: {NUMBER} and {YES} stand alone, over one template"
    elif isinstance(tree, list):
        for place, branch in enumerate(tree):
            yield from troubles_of(branch, sandbox, f"{path}.{place}")
    elif isinstance(tree, str):
        yield from (f"{path}: {trouble}" for trouble in sandbox.check(tree))
    elif tree is not None:
        yield f"{path}: a template is a text"


def _is_marker(tree: Mapping[str, Any]) -> bool:
    return len(tree) == 1 and all(isinstance(branch, str) for branch in tree.values())


def troubles_of_address(source: str, words: Words) -> Iterator[str]:
    yield from (f"path: {trouble}" for trouble in words.address.check(source))
