"""`syncd sources`: what comes from where, how much is usual, and from when on silence is a trouble."""

from pathlib import Path
from typing import Any

import typer

from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, operations
from syncd.cli.shown import AS_JSON, as_json, fail, say, table, when
from syncd.core.hours import DAYS
from syncd.core.silence import FEWEST_ARRIVALS, FEWEST_WEEKS, Pace
from syncd.run.silences import Silence, Silences, rate_in_words

_NAME = typer.Argument("", help="one source of the config: then its usual week is shown too")
_BLOCK = 3  # hours of one column


def sources(name: str = _NAME, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """When each source brought something last, how much is usual there, and when its silence becomes a trouble."""
    with operations(path) as (_, work):
        names = [name] if name else list(work.playbook.sources)
        if name and name not in work.playbook.sources:
            fail(f'"{name}" is no source of the config', Exit.NOT_FOUND)
        found = Silences(work.store.database, lambda: work.playbook).look()
        now = work.store.database.now()
    if json:
        as_json({each: _parts(found.get(each)) | {"silent": _is_silent(found.get(each), now)} for each in names})
        return
    table(
        ("source", "last", "usual", "trouble from", ""),
        [(each, *_row(found.get(each)), "SILENT" if _is_silent(found.get(each), now) else "") for each in names],
    )
    shown = found.get(name)
    if shown and shown.pace:
        _show_week(shown.pace)


def _is_silent(silence: Silence | None, now: Any) -> bool:
    return silence is not None and silence.silent(now)


def _row(silence: Silence | None) -> tuple[str, str, str]:
    if silence is None:
        return "never", "", ""
    usual = rate_in_words(silence.pace.per_week) if silence.pace else _TOO_LITTLE
    by = {"expect": " (expect)", "learned": ""}[silence.limit.by] if silence.limit else ""
    return when(silence.last) or "never", usual, (when(silence.limit.at) if silence.limit else "never") + by


_TOO_LITTLE = f"not known before {FEWEST_WEEKS} weeks and {FEWEST_ARRIVALS} arrivals"


def _parts(silence: Silence | None) -> dict[str, Any]:
    if silence is None:
        return {"last": None, "since": None, "usual_per_week": None, "trouble_from": None, "by": None}
    return {
        "last": silence.last,
        "since": silence.since,
        "usual_per_week": round(silence.pace.per_week, 3) if silence.pace else None,
        "trouble_from": silence.limit.at if silence.limit else None,
        "by": silence.limit.by if silence.limit else None,
    }


def _show_week(pace: Pace) -> None:
    """How many usually come, in blocks of hours of the company's zone."""
    starts = range(0, 24, _BLOCK)
    say("\nA usual week:")
    table(
        ("", *(f"{start}-{start + _BLOCK} h" for start in starts)),
        [
            (day, *(f"{sum(pace.rate(number * 24 + start + hour) for hour in range(_BLOCK)):.1f}" for start in starts))
            for number, day in enumerate(DAYS)
        ],
    )
