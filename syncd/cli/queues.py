"""What sets held-back things going again: retry, settle, quarantine, replay."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from rich.progress import track

from syncd.cli.exits import Exit
from syncd.cli.numbers import number_of, submission_numbers
from syncd.cli.opened import CONFIG, operations
from syncd.cli.shown import AS_JSON, as_json, err, fail, say, table, warn, when
from syncd.errors import Rejected

AT_ONCE = 500  # ids in one statement
_SHOWN_AS = re.compile("[so][0-9]{1,18}")

_RESTORE = typer.Option([], "--restore", help="a submission that is no junk, as s12; repeatable")
_NUMBERS = typer.Argument(..., help="submissions, as s12; `syncd why` shows them")
_IDS = typer.Argument(None, help="ids as `syncd parked` shows them: s12 for a submission, o7 for an order")
_TAKEN_UP = "a running daemon takes them up within a second"


def retry(
    ids: list[str] = _IDS,
    everything: bool = typer.Option(False, "--all", help="everything that is parked"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Send parked things again, with all attempts to spare; exit code 3 when some were not there."""
    if bool(ids) == everything:
        fail("name the ids to try again, or say --all", Exit.CONFIG)
    wrong = next((text for text in ids or () if not _SHOWN_AS.fullmatch(text)), None)
    if wrong is not None:
        fail(f"{wrong!r} is no id of something parked: `syncd parked` shows them, as s12 or o7", Exit.CONFIG)
    with operations(path) as (_, work):
        wanted = [line.id for line in work.store.reports.parked(1_000_000)] if everything else list(dict.fromkeys(ids))
        count = sum(work.retry(some) for some in _portions(wanted))
    if json:
        as_json({"released": count, "asked": len(wanted)})
    else:
        say(f"{count} released; {_TAKEN_UP}." if count else "Nothing of that is parked.")
    if count < len(wanted):
        raise typer.Exit(Exit.NOT_FOUND)


def _portions(wanted: Sequence[str]) -> Iterator[Sequence[str]]:
    return (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))


def settle(
    order: str = typer.Argument(..., help="an order, as o7; `syncd parked` shows it"),
    ref: str = typer.Option("", "--ref", help="it is there: its id in the CRM"),
    absent: bool = typer.Option(False, "--absent", help="it is not there: send it again"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Say what you saw in the CRM of an order whose answer was lost; exit code 3 when that cannot be."""
    number = number_of(order, "o")
    if number is None:
        fail(f"{order!r} is no id of an order: `syncd parked` shows them, as o7", Exit.CONFIG)
    if bool(ref.strip()) == absent:
        fail("say --ref ID when it is there, or --absent when it is not", Exit.CONFIG)
    with operations(path) as (_, work):
        try:
            work.settle(number, ref.strip())
        except Rejected as error:
            fail(str(error), Exit.NOT_FOUND)
    if json:
        as_json({"order": order, "state": "waiting" if absent else "done", "ref": ref.strip()})
    else:
        say(f"{order} is sent again; {_TAKEN_UP}." if absent else f"{order} is done, as {ref.strip()} in the CRM.")


def quarantine(
    restore: list[str] = _RESTORE,
    most: int = typer.Option(200, "--most", min=1, help="how many are listed, newest first"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Submissions held back as junk or as no lead; --restore puts them on their way."""
    if restore:
        _restore(submission_numbers(restore), path, json=json)
        return
    with operations(path) as (_, work):
        lines = work.store.reports.aside("quarantined", most)
    if json:
        as_json([{"id": f"s{a.id}", "source": a.source, "received": a.received_at, "reason": a.reason} for a in lines])
    elif lines:
        table(
            ("id", "source", "received", "reason"),
            [(f"s{a.id}", a.source, when(a.received_at), a.reason) for a in lines],
        )
        say("`syncd why <id>` tells the score; `syncd quarantine --restore <id>` lets it pass.")
    else:
        say("Nothing is held back.")


def _restore(numbers: list[int], path: Path, *, json: bool) -> None:
    with operations(path) as (_, work):
        count = work.restore(numbers)
    if json:
        as_json({"restored": count, "asked": len(numbers)})
    else:
        say(f"{count} restored; {_TAKEN_UP}." if count else "Nothing of that is held back.")
    if count < len(numbers):
        raise typer.Exit(Exit.NOT_FOUND)


def replay(numbers: list[str] = _NUMBERS, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Read submissions again with today's mapping; what exists is brought up to date, nothing is made twice."""
    wanted, told, failed = submission_numbers(numbers), dict[str, str](), 0
    with operations(path) as (_, work):
        for number in track(
            wanted, "replaying", console=err, transient=True, disable=len(wanted) < 10 or not err.is_terminal
        ):
            try:
                told[f"s{number}"] = work.replay(number)
                if not json:
                    say(f"s{number}: {told[f's{number}']}")
            except Rejected as error:
                failed += 1
                told[f"s{number}"] = str(error)
                warn(f"s{number}: {error}")
    if json:
        as_json(told)
    if failed:
        raise typer.Exit(Exit.NOT_FOUND)
