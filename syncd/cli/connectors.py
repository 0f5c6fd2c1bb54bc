"""`syncd connectors` and `syncd schema`: what may stand in the config."""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from syncd.cli.exits import Exit
from syncd.cli.shown import AS_JSON, as_json, fail, out, say, table
from syncd.cli.skeleton import new
from syncd.cli.troubles import Commands
from syncd.config.page import reference
from syncd.config.problems import not_among
from syncd.config.schema import OptionHelp, describe_connector, json_schema
from syncd.config.source_pages import source_pages, with_table
from syncd.registry import ALERTS, SINKS, SOURCES, Registry


class _NamesToo(Commands):
    """`syncd connectors hubspot` is `syncd connectors show hubspot`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        word = next((arg for arg in args if not arg.startswith("-")), None)
        shows = word not in self.commands and "--help" not in args
        return super().parse_args(ctx, ["show", *args] if shows else args)


app = typer.Typer(cls=_NamesToo, help="Connectors: which are installed, the options of one, a new one's skeleton.")
app.command("new")(new)

_GROUPS = {"source": SOURCES, "sink": SINKS, "alert": ALERTS}
_WIDEST = 100
_NAME = typer.Argument("", help="one connector; all when left out")
_PAGES = typer.Option(None, "--pages", help="the manual's folder: writes its pages on the types of source")
_MARKDOWN = typer.Option(False, "--markdown", help="the reference of all options, as Markdown")


@app.command("show")
def show(name: str = _NAME, json: bool = AS_JSON) -> None:
    """Which connectors are installed, and the options of one with help."""
    registry = Registry()
    installed = {word: registry.names(group) for word, group in _GROUPS.items()}
    if name:
        _describe(registry, installed, name, json=json)
    elif json:
        as_json(installed)
    else:
        table(("kind", "type"), [(word, kind) for word, kinds in installed.items() for kind in kinds])
        say("The options of one: `syncd connectors <type>`")


def _describe(registry: Registry, installed: Mapping[str, Sequence[str]], name: str, *, json: bool) -> None:
    known = sorted({kind for kinds in installed.values() for kind in kinds})
    if name not in known:
        fail(not_among(name, "the installed types", known), Exit.NOT_FOUND)
    words = [word for word, kinds in installed.items() if name in kinds]
    found = {word: describe_connector(registry, _GROUPS[word], name) for word in words}
    if json:
        as_json({word: [asdict(option) for option in options] for word, options in found.items()})
        return
    for word, options in found.items():
        say(f"{word} {name}\n")
        for option in options:
            _show(option)


def _show(option: OptionHelp) -> None:
    say(f"  {option.name}: {', '.join(_traits(option))}")
    by_file = option.secret and option.type == "text"
    text = option.description + (f" (or {option.name}_file: a file that holds it)" if by_file else "")
    say(
        textwrap.fill(
            text, min(out.width, _WIDEST), initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False
        )
    )


def _traits(option: OptionHelp) -> list[str]:
    fate = ["required"] if option.required else [f"default {option.default}"] if option.default else []
    return [option.type, *([option.limits] if option.limits else []), *fate, *(["secret"] if option.secret else [])]


def schema(markdown: bool = _MARKDOWN, pages: Path | None = _PAGES) -> None:
    """The config's JSON schema, for editors: `syncd schema > syncd.schema.json`; or all options as a page."""
    if pages:
        _write_pages(pages, Registry())
    elif markdown:
        sys.stdout.write(reference(Registry()))
    else:
        as_json(json_schema(Registry()))


def _write_pages(manual: Path, registry: Registry) -> None:
    (manual / "sources").mkdir(exist_ok=True)
    for old in (manual / "sources").glob("*.md"):
        old.unlink()
    for kind, page in source_pages(registry).items():
        (manual / "sources" / f"{kind}.md").write_text(page, "utf-8")
    index = manual / "sources.md"
    index.write_text(with_table(index.read_text("utf-8"), registry), "utf-8")
