"""The reading of a mail, told to people and to machines."""

from typing import Any

from syncd.cli.shown import say, table
from syncd.core.mail import Reading, Verdict

_MEANINGS = {
    Verdict.LEAD: "An enquiry: it would go its way.",
    Verdict.REVIEW: "For a person: it would be parked, with what could be read of it.",
}
_NO_LEAD = "No lead: it would be kept and held back, and `syncd quarantine --restore` lets it pass."


def show_reading(reading: Reading, source: str) -> None:
    say(f"{_MEANINGS.get(reading.verdict, _NO_LEAD)}\n")
    context = reading.context
    facts = [
        ("verdict", reading.verdict.value),
        ("why", reading.reason),
        ("template", reading.template),
        ("form", context.form_name),
        ("page", context.page_url),
        ("sent", reading.submitted_at.isoformat() if reading.submitted_at else ""),
        ("by the rules of", source),
        ("key", reading.key),
    ]
    table(("what", "value"), [fact for fact in facts if fact[1]])
    say()
    table(
        ("id", "question", "answer", "field"),
        [(answer.id, answer.label, answer.text, answer.ref) for answer in reading.answers],
    )
    if reading.suggestion:
        say(f"\nThis template would read it; look it over and put it below sources.{source}.templates:\n")
        say(reading.suggestion)


def reading_parts(reading: Reading) -> dict[str, Any]:
    return {
        "verdict": reading.verdict.value,
        "reason": reading.reason,
        "key": reading.key,
        "template": reading.template,
        "form": reading.context.form_name,
        "submitted_at": reading.submitted_at,
        "no_lead": reading.context.no_lead,
        "problem": reading.problem,
        "answers": [
            {"id": each.id, "label": each.label, "value": each.value, "kind": each.kind.value, "field": each.ref}
            for each in reading.answers
        ],
        "suggestion": reading.suggestion,
    }
