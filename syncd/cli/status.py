"""`syncd status` and `syncd parked`: what is waiting, what is stuck, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from syncd.cli.opened import CONFIG, operations
from syncd.cli.shown import AS_JSON, as_json, say, table, when
from syncd.model import Lead
from syncd.run.operations import Operations
from syncd.run.silences import Silence, Silences
from syncd.store import probes
from syncd.store.announced import Announcements
from syncd.store.probes import Probed
from syncd.store.reports import ParkedLine
from syncd.store.sinks import SinkState

SLOW = timedelta(minutes=1)
"""A running daemon plans within a second; what waits for longer waits for a daemon."""

_MOST = 200
_MOST_OVERDUE = 100
_LIMIT = typer.Option(_MOST, "--most", min=1, help="how many are listed")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the whole stands, in one look."""

    now: datetime
    waiting: int
    oldest: datetime | None
    announced: list[Announcements]
    orders: list[tuple[str, str, str, int, datetime | None]]
    sinks: dict[str, SinkState | None]
    silences: Mapping[str, Silence]
    probed: Probed | None
    parked: int
    overdue: list[Lead]

    @property
    def stuck(self) -> bool:
        return self.oldest is not None and self.now - self.oldest > SLOW


def status(path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """How much is waiting, which sinks are paused and why, what is parked and what is overdue."""
    with operations(path) as (loaded, work):
        standing = _look(work, list(loaded.sinks))
    if json:
        as_json(_parts(standing))
    else:
        _show(standing)


def _look(work: Operations, sinks: list[str]) -> Standing:
    store = work.store
    states = store.sinks.states()
    waiting, oldest = store.inbox.waiting()
    return Standing(
        now=store.database.now(),
        waiting=waiting,
        oldest=oldest,
        announced=store.announced.waiting(),
        orders=store.reports.queue(),
        sinks={name: states.get(name) for name in sinks},
        silences=Silences(store.database, lambda: work.playbook).look(),
        probed=probes.read(store.database).last,
        parked=store.reports.count_parked(),
        overdue=store.reports.overdue(store.database.now_us(), _MOST_OVERDUE),
    )


def _show(standing: Standing) -> None:
    since = f", the oldest since {when(standing.oldest)}" if standing.oldest else ""
    say(f"Submissions to plan: {standing.waiting}{since}")
    if standing.stuck:
        say("  Nothing plans them: is `syncd run` running?")
    for each in standing.announced:
        trouble = f": {each.reason}" if each.reason else ""
        say(f"Being fetched from {each.source}: {each.count}, the oldest since {when(each.oldest)}{trouble}")
    for name, state in standing.sinks.items():
        say(f"Sink {name}: {_sink(state)}")
    for name, silence in standing.silences.items():
        if silence.silent(standing.now):
            say(f"Source {name} is silent: {silence.reason(standing.now)}  (see `syncd sources {name}`)")
    if standing.probed:
        say(f"Probe of {standing.probed.source}: {_probed(standing.probed)}")
    if standing.orders:
        table(("sink", "kind", "state", "count", "oldest"), [(*row[:4], when(row[4])) for row in standing.orders])
    say(f"Parked: {standing.parked}{'  (see `syncd parked`)' if standing.parked else ''}")
    count = len(standing.overdue)
    say(f"Overdue and unanswered: {'at least ' if count >= _MOST_OVERDUE else ''}{count}")
    for lead in standing.overdue[:10]:
        say(f"  {lead.id}  owner {lead.owner}, was due {when(lead.due_at)}")


def _probed(last: Probed) -> str:
    if last.trouble:
        return f"did not arrive, {when(last.at)}: {last.trouble}"
    return f"arrived in {last.seconds:.1f} s, {when(last.at)}"


def _sink(state: SinkState | None) -> str:
    if state is None or not state.kind:
        return "ok"
    return f"paused until {when(state.paused_until)} ({state.kind}, since {when(state.since)}): {state.reason}"


def _parts(standing: Standing) -> dict[str, Any]:
    return {
        "waiting": {"submissions": standing.waiting, "oldest": standing.oldest, "stuck": standing.stuck},
        "announced": [
            {"source": each.source, "count": each.count, "oldest": each.oldest, "reason": each.reason}
            for each in standing.announced
        ],
        "orders": [
            dict(zip(("sink", "kind", "state", "count", "oldest"), row, strict=True)) for row in standing.orders
        ],
        "sinks": {
            name: {"state": state.kind, "reason": state.reason, "since": state.since, "until": state.paused_until}
            if state and state.kind
            else {"state": "ok"}
            for name, state in standing.sinks.items()
        },
        "silent": {
            name: {"reason": silence.reason(standing.now), "since": silence.since}
            for name, silence in standing.silences.items()
            if silence.silent(standing.now)
        },
        "probe": {
            "source": standing.probed.source,
            "at": standing.probed.at,
            "seconds": round(standing.probed.seconds, 3),
            "trouble": standing.probed.trouble,
        }
        if standing.probed
        else None,
        "parked": standing.parked,
        "overdue": [{"lead": lead.id, "owner": lead.owner, "due": lead.due_at} for lead in standing.overdue],
    }


def parked(most: int = _LIMIT, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """Everything that waits for a person, with the reason."""
    with operations(path) as (_, work):
        lines, count = work.store.reports.parked(most), work.store.reports.count_parked()
    if json:
        as_json([_parked(line) for line in lines])
        return
    if not lines:
        say("Nothing is parked.")
        return
    table(
        ("id", "what", "since", "lead", "reason"),
        [(p.id, p.what, when(p.since), p.lead_id, p.reason) for p in lines],
    )
    if count > len(lines):
        say(f"... and {count - len(lines)} more: `syncd parked --most {count}`")
    say("When the cause is mended: `syncd retry <id> ...` or `syncd retry --all`.")
    doubtful = [line.id for line in lines if line.in_doubt]
    if doubtful:
        say(f"Sent, and no answer came: {', '.join(doubtful)}. Look in the CRM and say what you saw:")
        say(f"`syncd settle {doubtful[0]} --ref <its id there>`, or `syncd settle {doubtful[0]} --absent`.")


def _parked(line: ParkedLine) -> dict[str, Any]:
    return {
        "id": line.id, "what": line.what, "since": line.since, "reason": line.reason, "lead": line.lead_id,
        "in_doubt": line.in_doubt,
    }  # fmt: skip
