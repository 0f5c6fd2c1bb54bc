"""`syncd connectors new`: a package of one's own that keeps its contract from the first minute."""

import keyword
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

import typer

from syncd.cli.exits import Exit
from syncd.cli.shown import fail, say
from syncd.registry import ALERTS, SINKS, SOURCES, Registry

NAME = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_NAME = 40


class Kind(StrEnum):
    SOURCE = "source"
    SINK = "sink"
    ALERT = "alert"


_GROUPS = {Kind.SOURCE: SOURCES, Kind.SINK: SINKS, Kind.ALERT: ALERTS}
_NAME = typer.Argument(..., help="the service's own name in lower case: the type that the config will name")
_KIND = typer.Option(Kind.SOURCE, help="where enquiries come from, where leads go to, or who is told")
_INTO = typer.Option(Path(), help="folder that the package's own folder is made in")


def new(name: str = _NAME, kind: Kind = _KIND, into: Path = _INTO) -> None:
    """Write the skeleton of a connector: a package with its contract test, which passes as it stands."""
    _refuse_bad_name(name, kind)
    folder = into / f"syncd-{name}"
    if folder.exists() or folder.is_symlink():
        fail(f"{folder} is there already, and nothing is overwritten", Exit.CONFIG)
    if not into.is_dir():
        fail(f"{into} is no folder", Exit.CONFIG)
    for path, text in written(name, kind):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        say(str(file))
    say(f"\nNow: pip install -e '{folder}[test]' && pytest {folder}")
    say(f"Then: syncd connectors {name}, and `type: {name}` in the config. Replace what was made up, file by file.")


def written(name: str, kind: Kind) -> Iterator[tuple[str, str]]:
    """Each file's place in the package, and its text."""
    module = name.replace("-", "_")
    words = {
        "name": name,
        "module": module,
        "kind": kind.value,
        "Class": "".join(part.capitalize() for part in name.split("-")),
        "NAME": module.upper(),
    }
    home = files("syncd.cli") / "skeletons"
    for template in [*_below(home / "shared"), *_below(home / kind.value)]:
        yield _place(template.name, module), _filled(template, words)


def _below(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda file: file.name)


def _place(template: str, module: str) -> str:
    named = template.removesuffix(".template").replace("module", module)
    return f"tests/{named}" if named.startswith(("test_", "fake_")) else named


def _filled(template: Traversable, words: Mapping[str, str]) -> str:
    return Template(template.read_text(encoding="utf-8")).substitute(words)


def _refuse_bad_name(name: str, kind: Kind) -> None:
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        fail(
            f"{name!r} is no name for a connector: lower-case letters and digits, words joined by single hyphens, "
            f"a letter first, {LONGEST_NAME} at most",
            Exit.CONFIG,
        )
    if keyword.iskeyword(name) or keyword.iskeyword(name.capitalize()):
        fail(f"{name!r} is a word of its own here: choose another", Exit.CONFIG)
    if name in Registry().names(_GROUPS[kind]):
        fail(f"a {kind.value} called {name!r} is installed already, and two cannot have one name", Exit.CONFIG)
