"""`explain` a payload before it counts, and `why` a real lead is where it is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from syncd.app import App
from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, config, operations, store
from syncd.cli.shown import AS_JSON, as_json, fail, out, table, when
from syncd.config.load import Loaded
from syncd.connector import Received, Translating, WebRequest
from syncd.errors import Rejected
from syncd.model import Submission
from syncd.run.operations import Explanation, Operations
from syncd.store.reports import Story

_FILE = typer.Argument(..., help="a payload as the source would send it")
_TYPES = {".json": "application/json", ".csv": "text/csv"}


def explain(
    file: Path = _FILE,
    source: str = typer.Option(..., "--source", "-s", help="name of the source in the config"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """What would happen with this payload, and why. Keeps nothing, sends nothing, reaches no network."""
    loaded = config(path)
    submissions = _translate(loaded, source, file)
    with store(loaded) as opened:
        work = Operations(opened, loaded.playbook)
        explanations = [work.explain(submission, loaded.system_of_record) for submission in submissions]
    if json:
        as_json([_explained(each) for each in explanations])
        return
    for each in explanations:
        _show(each, loaded)


def _translate(loaded: Loaded, source: str, file: Path) -> list[Submission]:
    """The connector's own reading, without a signature and with no way to call out."""
    if source not in loaded.sources:
        fail(f"no source is called {source!r}; there are: {', '.join(loaded.sources)}", Exit.NOT_FOUND)
    connector = App.unplugged(loaded, source)
    if not isinstance(connector, Translating):
        fail(f"{source} takes no single payloads", Exit.CONFIG)
    try:
        body = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}", Exit.CONFIG)
    kind = _TYPES.get(file.suffix, "application/x-www-form-urlencoded")
    request = WebRequest("POST", {"content-type": kind}, {}, body, datetime.now(UTC))
    try:
        received: Received = connector.translate(request)
    except Rejected as error:
        fail(f"{file}: would be refused: {error}", Exit.FAILED)
    return list(received.submissions)


def _explained(each: Explanation) -> dict[str, Any]:
    if each.decision is None or each.draft is None:
        return {"verdict": "parked", "reason": each.problem}
    decision = each.decision
    return {
        "verdict": decision.verdict.value,
        "fields": dict(each.draft.fields),
        "story": dict(decision.story),
        "task": {"subject": decision.task.subject, "body": decision.task.body, "due": decision.task.due_at,
                 "owner": decision.task.owner} if decision.task else None,
        "note": decision.note.body if decision.note else None,
    }  # fmt: skip


def _show(each: Explanation, loaded: Loaded) -> None:
    if each.decision is None or each.draft is None:
        out.print(f"It would be parked: {each.problem}", markup=False)
        return
    decision = each.decision
    out.print(f"Verdict: {decision.verdict.value}", markup=False)
    table(("field", "value"), each.draft.fields.items())
    _show_story(dict(decision.story))
    if decision.task:
        person = loaded.playbook.people.get(decision.task.owner)
        out.print(f"\nTask for {person.name if person else decision.task.owner}:", markup=False)
        out.print(f"  {decision.task.subject}", markup=False)
        out.print("\n".join(f"  | {line}" for line in decision.task.body.splitlines()), markup=False)
    out.print("\nNobody was asked: with the CRM's answer a known record's owner would win.", markup=False)


def _show_story(story: dict[str, Any]) -> None:
    out.print(f"Match: {story['match']['reason']}", markup=False)
    junk = story["junk"]
    signals = ", ".join(f"{name} {points:+d}" for name, points in junk["signals"])
    out.print(f"Junk score: {junk['score']}" + (f" ({signals})" if signals else ""), markup=False)
    for name, matched, reason in story.get("rules", ()):
        out.print(f"  rule {name}: {'matched' if matched else 'no: ' + reason}", markup=False)
    if "owner" in story:
        owner, due = story["owner"], story["due"]
        pool = f" from pool {owner['pool']}" if owner["pool"] else ""
        out.print(f"Owner: {owner['id']} ({owner['how']}{pool})", markup=False)
        for note in owner["notes"]:
            out.print(f"  {note}", markup=False)
        out.print(f"Due: {due['at']} ({due['target']} in {due['calendar']}, {due['zone']})", markup=False)
        out.print(f"Lead source: {story['lead_source']}; channel {story['channel'][0]} (row {story['channel'][1]})")


def why(
    who: str = typer.Argument(..., help="an e-mail address, a lead (L...) or a submission (s12)"),
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """The whole story of a real lead: what arrived, what was decided and why, what was done in the CRM."""
    with operations(path) as (_, work):
        arrival = work.store.reports.find_arrival(int(who[1:])) if who[:1] == "s" and who[1:].isdigit() else None
        stories = work.find_story(arrival.lead_id if arrival and arrival.lead_id else who)
        events = work.store.reports.arrival_events(arrival.id) if arrival and not stories else ()
    if not stories and arrival is None:
        fail("nobody by that address or id", Exit.NOT_FOUND)
    if json:
        as_json([_told(story) for story in stories] or [{"submission": arrival, "events": events}])
        return
    if arrival and not stories:
        out.print(f"Submission {arrival.id} from {arrival.source}: {arrival.state}. {arrival.reason}", markup=False)
        for event in events:
            out.print(f"{when(event.at)}  {event.event}", markup=False)
            if "junk" in event.detail:
                _show_story(event.detail)
    for story in stories:
        _tell(story)


def _tell(story: Story) -> None:
    lead = story.line.lead
    out.print(f"\nLead {lead.id}: {lead.state.value}, owner {lead.owner}, rule {lead.rule}", markup=False)
    out.print(f"Due: {when(lead.due_at) or 'nothing open'}", markup=False)
    table(
        ("submission", "source", "received", "times sent"),
        [(f"s{a.id}", a.source, when(a.received_at), a.repeats + 1) for a in story.arrivals],
    )
    table(
        ("order", "sink", "what", "state", "ref", "done", "reason"),
        [(f"o{o.id}", o.sink, o.kind, o.state, o.ref, when(o.done_at), o.reason) for o in story.line.orders],
    )
    for event in story.events:
        out.print(f"{when(event.at)}  {event.event}", markup=False)
        if event.event.startswith("planned"):
            _show_story(event.detail)
        else:
            facts = ", ".join(f"{name} {value}" for name, value in event.detail.items() if value not in ("", []))
            out.print(f"  {facts}", markup=False)


def _told(story: Story) -> dict[str, Any]:
    lead = story.line.lead
    return {
        "lead": {"id": lead.id, "state": lead.state.value, "owner": lead.owner, "rule": lead.rule, "due": lead.due_at,
                 "fields": dict(lead.fields), "lead_source": lead.lead_source},
        "submissions": [{"id": a.id, "source": a.source, "received": a.received_at, "repeats": a.repeats}
                        for a in story.arrivals],
        "orders": [{"id": o.id, "sink": o.sink, "kind": o.kind, "state": o.state, "ref": o.ref, "reason": o.reason}
                   for o in story.line.orders],
        "events": [{"at": e.at, "event": e.event, "detail": e.detail} for e in story.events],
    }  # fmt: skip
