"""How commands speak: tables for people, one JSON document for machines, errors to standard error."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Column, Table

from syncd.cli.exits import Exit

_PLAIN: dict[str, Any] = {"highlight": False, "soft_wrap": True, "markup": False, "emoji": False}
_WIDEST = 10_000  # where nobody's screen has an end, a row stays one line

out = Console(**_PLAIN)
err = Console(**_PLAIN, stderr=True)

AS_JSON = typer.Option(False, "--json", help="one JSON document instead of tables")


def say(text: str = "") -> None:
    out.print(_harmless(text))


def warn(text: str) -> None:
    err.print(_harmless(text))


def fail(message: str, code: Exit) -> NoReturn:
    warn(message)
    raise typer.Exit(code)


def as_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    made = Table(*(Column(name, overflow="fold") for name in columns), box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*("" if cell is None else _harmless(str(cell)) for cell in row))
    console = out if out.is_terminal else Console(**_PLAIN, width=_WIDEST)
    console.print(made, soft_wrap=False)


def when(at: datetime | None) -> str:
    """Time of this machine's zone, which is named, to the second."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S %Z}" if at else ""


_COMMANDS_TO_TERMINALS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _harmless(text: str) -> str:
    """What strangers have typed must not steer the terminal of who reads it."""
    return _COMMANDS_TO_TERMINALS.sub("\N{REPLACEMENT CHARACTER}", text)
