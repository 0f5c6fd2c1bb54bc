"""`syncd explain`: what would become of a payload, before it counts."""

from itertools import islice
from pathlib import Path
from typing import Any

import typer

from syncd.cli.exits import Exit
from syncd.cli.opened import CONFIG, config, store
from syncd.cli.payloads import SOURCE, insist_on, translate
from syncd.cli.shown import AS_JSON, as_json, fail, say, table
from syncd.config.load import Loaded
from syncd.console.wording import decision_lines, owner_name
from syncd.core.decision import Decision
from syncd.errors import Rejected
from syncd.model import Submission
from syncd.run.operations import Explanation, Operations

_FILE = typer.Argument(..., help="a payload as the source would send it, or a .csv file of rows")
_TYPE = typer.Option("", "--content-type", help="of the payload; JSON or form fields, found out, when left out")
_MOST = typer.Option(20, "--rows", min=1, help="how many rows of a CSV file are explained")


def explain(
    file: Path = _FILE,
    source: str = SOURCE,
    content_type: str = _TYPE,
    rows: int = _MOST,
    path: Path = CONFIG,
    json: bool = AS_JSON,
) -> None:
    """What would happen with this payload, and why. Keeps nothing, sends nothing, asks no CRM."""
    loaded = config(path)
    insist_on(loaded, source)
    try:
        submissions = list(islice(translate(loaded, source, file, content_type), rows))
    except Rejected as error:
        fail(f"{file}: would be refused: {error}", Exit.FAILED)
    with store(loaded) as opened:
        work = Operations(opened, loaded.playbook)
        explained = [(each, work.explain(each, loaded.system_of_record)) for each in submissions]
    if json:
        as_json([_parts(submission, each) for submission, each in explained])
        return
    if not explained:
        say("Nothing would be kept: there is no submission in it.")
    for number, (submission, each) in enumerate(explained, 1):
        if len(explained) > 1:
            say(f"\n--- {number} of {len(explained)} ---")
        if submission.announced:
            say(
                f"{submission.key} would be kept, and its answers fetched from the provider before anything is decided."
            )
        else:
            _show(each, loaded)


def _show(each: Explanation, loaded: Loaded) -> None:
    if each.decision is None or each.draft is None:
        say(f"It would be parked: {each.problem}")
        return
    decision = each.decision
    say(_VERDICTS[decision.verdict.value])
    table(("field", "value"), each.draft.fields.items())
    say()
    for line in decision_lines(decision.story, loaded.playbook):
        say(line)
    _show_task(decision, loaded)
    say("\nNo CRM was asked: where it knows this person, its record and owner win.")


_VERDICTS = {
    "new": "It would become a new lead.",
    "merged": "It would be another enquiry of a lead that is known.",
    "quarantined": "It would be held back as junk or as no lead.",
    "suppressed": "It would be held back: the sender is on the suppression list.",
}


def _show_task(decision: Decision, loaded: Loaded) -> None:
    if decision.task:
        say(f"\nTask for {owner_name(decision.task.owner, loaded.playbook)}: {decision.task.subject}")
        for line in decision.task.body.splitlines():
            say(f"  | {line}")


def _parts(submission: Submission, each: Explanation) -> dict[str, Any]:
    if submission.announced:
        return {"key": submission.key, "verdict": "announced", "reason": ""}
    if each.decision is None or each.draft is None:
        return {"key": submission.key, "verdict": "parked", "reason": each.problem}
    decision, task = each.decision, each.decision.task
    return {
        "key": submission.key,
        "verdict": decision.verdict.value,
        "fields": dict(each.draft.fields),
        "story": dict(decision.story),
        "task": {"subject": task.subject, "body": task.body, "due": task.due_at, "owner": task.owner,
                 "priority": task.priority} if task else None,
        "note": decision.note.body if decision.note else None,
    }  # fmt: skip
