"""`syncd why`: the whole story of a real lead, or of a submission that became none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from syncd.cli.exits import Exit
from syncd.cli.numbers import number_of
from syncd.cli.opened import CONFIG, operations
from syncd.cli.shown import AS_JSON, as_json, fail, say, table, when
from syncd.console.wording import headline, owner_name, reasons
from syncd.core.playbook import Playbook
from syncd.run.operations import Operations
from syncd.store.reports import Arrival, Event, Story

_WHO = typer.Argument(..., help="an e-mail address, a lead (L...), a submission (s12) or an order (o7)")


@dataclass(frozen=True, slots=True)
class Found:
    """Stories of leads; or of a submission that no lead has come of."""

    stories: list[Story]
    arrival: Arrival | None = None
    events: tuple[Event, ...] = ()


def why(who: str = _WHO, path: Path = CONFIG, json: bool = AS_JSON) -> None:
    """The whole story of a lead: what arrived, what was decided and why, what was done in the CRM."""
    with operations(path) as (loaded, work):
        found = _find(work, who.strip())
    if not found.stories and found.arrival is None:
        fail(
            "nobody by that address or id. What became no lead stands in `syncd parked` and `syncd quarantine`, "
            "each with its number: `syncd why s12`",
            Exit.NOT_FOUND,
        )
    if json:
        as_json([_parts(story) for story in found.stories] or [_held(found)])
        return
    if not found.stories:
        _tell_arrival(found, loaded.playbook)
    for story in found.stories:
        _tell(story, loaded.playbook)


def _find(work: Operations, who: str) -> Found:
    reports = work.store.reports
    if (order := number_of(who, "o")) is not None:
        return Found(work.find_story(reports.find_order(order)))
    submission = number_of(who, "s")
    arrival = None if submission is None else reports.find_arrival(submission)
    if arrival is None:
        return Found(work.find_story(who))
    if arrival.lead_id:
        return Found(work.find_story(arrival.lead_id), arrival)
    return Found([], arrival, reports.arrival_events(arrival.id))


def _tell_arrival(found: Found, playbook: Playbook) -> None:
    if found.arrival:
        arrival = found.arrival
        reason = f": {arrival.reason}" if arrival.reason else ""
        say(f"Submission s{arrival.id} from {arrival.source}, {when(arrival.received_at)}: {arrival.state}{reason}")
        _tell_events(found.events, playbook)


def _tell(story: Story, playbook: Playbook) -> None:
    lead = story.line.lead
    say(f"\nLead {lead.id}: {lead.state.value}")
    say(f"Owner: {owner_name(lead.owner, playbook)}, by rule “{lead.rule}”")
    say(f"Due: {when(lead.due_at) or 'nothing open'}\n")
    table(
        ("submission", "source", "received", "times sent"),
        [(f"s{a.id}", a.source, when(a.received_at), a.repeats + 1) for a in story.arrivals],
    )
    say()
    table(
        ("order", "sink", "what", "state", "ref", "done", "reason"),
        [(f"o{o.id}", o.sink, o.kind, o.state, o.ref, when(o.done_at), o.reason) for o in story.line.orders],
    )
    say()
    _tell_events(story.events, playbook)


def _tell_events(events: tuple[Event, ...], playbook: Playbook) -> None:
    for event in events:
        say(f"{when(event.at)}  {headline(event.event, event.detail)}")
        for line in reasons(event.detail, playbook):
            say(f"    {line}")


def _parts(story: Story) -> dict[str, Any]:
    lead = story.line.lead
    return {
        "lead": {"id": lead.id, "state": lead.state.value, "owner": lead.owner, "rule": lead.rule, "due": lead.due_at,
                 "fields": dict(lead.fields), "lead_source": lead.lead_source},
        "submissions": [{"id": f"s{a.id}", "source": a.source, "received": a.received_at, "repeats": a.repeats}
                        for a in story.arrivals],
        "orders": [{"id": f"o{o.id}", "sink": o.sink, "kind": o.kind, "state": o.state, "ref": o.ref,
                    "reason": o.reason} for o in story.line.orders],
        "events": _events(story.events),
    }  # fmt: skip


def _held(found: Found) -> dict[str, Any]:
    a = found.arrival
    held = {"id": f"s{a.id}", "source": a.source, "received": a.received_at, "state": a.state, "reason": a.reason,
            "repeats": a.repeats} if a else {}  # fmt: skip
    return {"lead": None, "submissions": [held], "orders": [], "events": _events(found.events)}


def _events(events: tuple[Event, ...]) -> list[dict[str, Any]]:
    return [{"at": event.at, "event": event.event, "detail": event.detail} for event in events]
