"""What is stuck, and how to set it going again: status, parked, retry, quarantine, replay."""

from pathlib import Path

import typer
from rich.progress import track

from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, operations
from syncd.cli.shown import AS_JSON, as_json, err, fail, out, table, when
from syncd.errors import Rejected

_RESTORE = typer.Option([], "--restore", help="number of a submission that is no junk; repeatable")
_NUMBERS = typer.Argument(..., help="numbers of submissions, as `syncd why` shows them")
_IDS = typer.Argument(None, help="ids as `syncd parked` shows them: s12 for a submission, o7 for an order")


def status(path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """How much is waiting, which sinks are paused and why, what is overdue."""
    with operations(path) as (loaded, work):
        reports, database = work.store.reports, work.store.database
        waiting, oldest = work.store.inbox.waiting()
        queue = reports.queue()
        sinks = work.store.sinks.states()
        overdue = reports.overdue(database.now_us())
        parked = reports.parked()
    if json:
        as_json(
            {
                "waiting": {"submissions": waiting, "oldest": oldest},
                "orders": [dict(zip(("sink", "kind", "state", "count", "oldest"), row, strict=True)) for row in queue],
                "sinks": {
                    n: {"state": s.kind or "ok", "reason": s.reason, "until": s.paused_until} for n, s in sinks.items()
                },
                "overdue": [lead.id for lead in overdue],
                "parked": len(parked),
            }
        )
        return
    out.print(f"Submissions to plan: {waiting}" + (f", the oldest since {when(oldest)}" if oldest else ""))
    for name in loaded.sinks:
        state = sinks.get(name)
        paused = (
            f"paused until {when(state.paused_until)} ({state.kind}): {state.reason}" if state and state.kind else "ok"
        )
        out.print(f"Sink {name}: {paused}", markup=False)
    if queue:
        table(("sink", "kind", "state", "count", "oldest"), [(*row[:4], when(row[4])) for row in queue])
    out.print(f"Parked: {len(parked)}" + ("  (see `syncd parked`)" if parked else ""))
    out.print(f"Overdue and unanswered: {len(overdue)}")
    for lead in overdue[:10]:
        out.print(f"  {lead.id}  owner {lead.owner}, was due {when(lead.due_at)}", markup=False)


def parked(path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Everything that waits for a person, with the reason."""
    with operations(path) as (_, work):
        lines = work.store.reports.parked()
    if json:
        as_json([{"id": p.id, "what": p.what, "since": p.since, "reason": p.reason, "lead": p.lead_id} for p in lines])
        return
    if not lines:
        out.print("Nothing is parked.")
        return
    table(
        ("id", "what", "since", "lead", "reason"),
        [(p.id, p.what, when(p.since), p.lead_id, p.reason) for p in lines],
    )
    out.print("When the cause is mended: `syncd retry <id> ...` or `syncd retry --all`.")


def retry(
    ids: list[str] = _IDS,
    everything: bool = typer.Option(False, "--all", help="everything that is parked"),
    path: Path = CONFIG,
) -> None:
    """Send parked things again, with all attempts to spare."""
    if bool(ids) == everything:
        fail("name the ids to try again, or say --all", Exit.CONFIG)
    with operations(path) as (_, work):
        wanted = [line.id for line in work.store.reports.parked(100_000)] if everything else list(ids)
        try:
            count = work.retry(wanted)
        except Rejected as error:
            fail(str(error), Exit.CONFIG)
    out.print(f"{count} released; a running daemon takes them up within a second.")
    if count < len(wanted):
        raise typer.Exit(Exit.NOT_FOUND)


def quarantine(
    restore: list[int] = _RESTORE,
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """Submissions held back as junk; --restore puts them on their way."""
    with operations(path) as (_, work):
        if restore:
            count = work.restore(restore)
            out.print(f"{count} restored; a running daemon takes them up within a second.")
            raise typer.Exit(Exit.OK if count == len(restore) else Exit.NOT_FOUND)
        lines = work.store.reports.aside("quarantined")
    if json:
        as_json([{"id": a.id, "source": a.source, "received": a.received_at, "reason": a.reason} for a in lines])
    else:
        table(
            ("id", "source", "received", "reason"),
            [(a.id, a.source, when(a.received_at), a.reason) for a in lines],
        )


def replay(
    numbers: list[int] = _NUMBERS,
    path: Path = CONFIG,
) -> None:
    """Read submissions again with today's mapping; what exists is brought up to date, nothing is made twice."""
    failed = 0
    with operations(path) as (_, work):
        for number in track(numbers, "replaying", console=err, disable=len(numbers) < 10):
            try:
                out.print(f"submission {number}: {work.replay(number)}")
            except Rejected as error:
                failed += 1
                err.print(f"submission {number}: {error}", markup=False)
    if failed:
        raise typer.Exit(Exit.NOT_FOUND)
