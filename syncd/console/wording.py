"""The story of a lead in sentences. The console and the command line tell it in the same words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from syncd.core.decide import owner_calendar
from syncd.core.playbook import Playbook

_PLANNED = {
    "new": "Planned: a new lead",
    "merged": "Planned: another enquiry of a known lead",
    "quarantined": "Held back as junk or as no lead",
    "suppressed": "Held back: on the suppression list",
}
_SIGNALS = {
    "answered": "Somebody has answered",
    "task_done": "The task was marked done",
    "owner_changed": "The owner was changed in the CRM",
    "status_changed": "The status was changed in the CRM",
    "qualified": "Qualified in the CRM",
    "won": "Won",
    "lost": "Lost",
    "opted_out": "Opted out",
    "merged": "Merged with another record in the CRM",
    "gone": "The record was deleted in the CRM",
}
_ORDERS = (
    "made in the CRM", "brought up to date in the CRM", "answer lost", "has to wait", "parked",
    "found by a person", "missed by a person, sent again",
)  # fmt: skip


def headline(event: str, detail: Mapping[str, Any]) -> str:
    """One event of the history in a few words."""
    kind, _, rest = event.partition(": ")
    if kind == "planned":
        return _PLANNED.get(rest, event)
    if kind == "signal":
        return _SIGNALS.get(rest, event)
    if event in _ORDERS and detail.get("kind"):
        return f"{thing(detail['kind'], detail.get('object', '')).capitalize()} {event}"
    return event[:1].upper() + event[1:]


def reasons(detail: Mapping[str, Any], playbook: Playbook) -> list[str]:
    """Why, line by line."""
    return list(decision_lines(detail, playbook) if "match" in detail else _facts(detail, playbook))


def thing(kind: str, made: str = "") -> str:
    """What an order makes: "contact" where the CRM has said so, else "record", "task" or "note"."""
    return made.lower() if kind == "record" and made else kind


def decision_lines(story: Mapping[str, Any], playbook: Playbook) -> Iterator[str]:
    """From who it is to when it is due, in the order in which it was decided."""
    if "reason" in story:
        yield f"Held back: {story['reason']}"
    yield f"Known already? {story['match']['reason']}. {_crm(story.get('crm', {}))}"
    for possible in story["match"].get("possible", ()):
        yield f"Might be the same as lead {possible}"
    signals = ", ".join(f"{name.replace('_', ' ')} {points:+d}" for name, points in story["junk"]["signals"])
    yield f"Junk score: {story['junk']['score']} of 100{f' ({signals})' if signals else ''}"
    for name, matched, why in story.get("rules", ()):
        yield f"Rule “{name}”: {'fits' if matched else f'no, {why}'}"
    if "owner" in story:
        yield from _assignment(story, playbook)


def _crm(crm: Mapping[str, Any]) -> str:
    if not crm.get("asked"):
        return "The CRM was not asked."
    if not crm.get("found"):
        return "Not in the CRM either."
    owner = f", owner {crm['owner']}" if crm.get("owner") else ", without an owner"
    return f"In the CRM as {crm.get('ref', '')}{owner}."


def _assignment(story: Mapping[str, Any], playbook: Playbook) -> Iterator[str]:
    owner, due = story["owner"], story["due"]
    how = f"pool {owner['pool']}" if owner["pool"] else owner["how"]
    yield f"Owner: {owner_name(owner['id'], playbook)} ({how})"
    yield from owner["notes"]
    at = datetime.fromisoformat(due["at"]).astimezone(owner_calendar(owner["id"], playbook).zone)
    hours = f"hours “{due['calendar']}”, " if due["calendar"] else ""
    yield f"Due: {day(at)} {at.year}, {at:%H:%M}, which is {due['target']} in working time ({hours}{due['zone']})"
    channel, row = (*story["channel"], "", "")[:2]
    told = f"; channel: {channel.replace('_', ' ')} (row {row} of the table)" if channel else ""
    yield f"Lead source: {story['lead_source']}{told}"


def _facts(detail: Mapping[str, Any], playbook: Playbook) -> Iterator[str]:
    if "reason" in detail:
        yield str(detail["reason"])
    if detail.get("ref"):
        yield f"{detail.get('sink', '')}: {detail.get('object', '')} {detail['ref']}".strip()
    elif detail.get("sink"):
        yield f"in {detail['sink']}"
    if detail.get("owner"):
        yield f"owner: {owner_name(detail['owner'], playbook)}"
    if detail.get("value"):
        yield f"now: {owner_name(str(detail['value']), playbook)}"
    if detail.get("changed"):
        yield f"changed: {', '.join(detail['changed'])}"
    if detail.get("told"):
        yield f"told by: {', '.join(detail['told'])}"


def owner_name(owner: str, playbook: Playbook) -> str:
    person = playbook.people.get(owner)
    return person.name if person else owner


def day(at: datetime) -> str:
    """As "Mon 23 Nov"; names of days and months are English wherever syncd runs."""
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
