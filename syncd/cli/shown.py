"""How commands speak: tables for people, one JSON document for machines, errors to standard error."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from syncd.cli.exits import Exit

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

AS_JSON = typer.Option(False, "--json", help="one JSON document instead of tables")


def as_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    made = Table(*columns, title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(made)


def when(at: datetime | None) -> str:
    """Local time of this machine, to the second."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else ""


def fail(message: str, code: Exit) -> NoReturn:
    err.print(message, markup=False)
    raise typer.Exit(code)
