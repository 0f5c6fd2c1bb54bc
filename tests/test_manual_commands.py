"""Every command that the manual names exists, with the options that it gives it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from syncd.cli.main import app

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md")])
UNITS = sorted(ROOT.glob("deploy/*.service"))
COMMAND = typer.main.get_command(app)


def orders(text: str) -> Iterator[list[str]]:
    """What follows the word `syncd` at the start of a command, in code alone."""
    code = re.findall(r"```[^\n]*\n(.*?)```|`([^`]+)`", text, re.DOTALL)
    for piece in (block or span for block, span in code):
        for line in re.split(r"\n(?!\s)|&&|;", piece.replace("\\\n", " ")):
            found = re.match(r"^\s*(?:\S*/|docker compose exec \S+ |sudo )?syncd\s+(.+)", line, re.DOTALL)
            if found:
                yield re.split(r"\s+#|[|>]|\s<\s", found[1])[0].split()


def trouble(words: list[str]) -> str:
    """Why the program would not understand it; empty when it would."""
    command: Any = COMMAND
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        inner = command.commands.get(words[0])
        if inner is None:
            return "" if command.name == "connectors" else f"no command {words[0]!r}"
        command, words = inner, words[1:]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    unknown = [word for word in words if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known]
    return f"no option {unknown[0]!r} of {command.name}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_exist(page: Path) -> None:
    assert [(words, said) for words in orders(page.read_text("utf-8")) if (said := trouble(list(words)))] == []


def test_the_commands_of_the_units_exist() -> None:
    lines = [words for unit in UNITS for words in re.findall(r"bin/syncd (.+)", unit.read_text("utf-8"))]

    assert len(lines) >= 3
    assert [trouble(line.split()) for line in lines] == [""] * len(lines)


def test_commands_are_found_and_wrong_ones_are_noticed() -> None:
    block = "```\nsyncd db backup a --keep 1 && syncd explode\n```"
    text = f"`syncd check -c x`, {block}, `syncd db backup --deep`, `syncd.service`"

    assert [trouble(words) for words in orders(text)] == [
        "", "", "no command 'explode'", "no option '--deep' of backup",
    ]  # fmt: skip
