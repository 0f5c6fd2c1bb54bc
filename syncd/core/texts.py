"""What the rep reads: the task that says who, why and by when, and the note with every answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.core.attribution import UTM
from syncd.core.cleaning.phones import shown_phone
from syncd.core.cleaning.text import clean_line
from syncd.core.draft import Draft
from syncd.core.playbook import Playbook, Rule
from syncd.core.templates import BODY, SUBJECT, render
from syncd.core.worktime import WorkCalendar
from syncd.model import Lead

SHOWN_SUBJECT = 80
"""Characters that lists of tasks show; company, topic and name are shortened to fit."""

LONGEST_SUBJECT = 250


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a task is about, beside the lead and what was sent."""

    rule: Rule
    why: str  # why this owner
    due: datetime  # aware
    now: datetime  # aware
    calendar: WorkCalendar  # the owner's; its zone is theirs
    waiting: bool = False  # what was asked before still waits for an answer
    known: bool = False  # here or in the CRM, before this was sent
    url: str = ""  # of the record in the CRM, where there is one


def task_texts(draft: Draft, lead: Lead, playbook: Playbook, occasion: Occasion) -> tuple[str, str, str]:
    """(subject, body, kind). Kind is call where there is a number, email where there is an address, else todo."""
    kind = _kind(lead)
    values = template_values(draft, lead, playbook, occasion, kind)
    subject = _subject(occasion.rule.subject or playbook.subject, values)
    body = render(occasion.rule.body or playbook.body, values, "") or render(BODY, values, subject)
    return subject, body, kind


def _kind(lead: Lead) -> str:
    """A number that cannot be dialled is tried only where there is nothing else."""
    phone, email = lead.fields.get("phone", ""), lead.fields.get("email", "")
    if phone.startswith("+") or (phone and not email):
        return "call"
    return "email" if email else "todo"


_VERBS = {"call": "Call", "email": "Write to", "todo": "Find"}


def template_values(draft: Draft, lead: Lead, playbook: Playbook, occasion: Occasion, kind: str) -> dict[str, object]:
    """The variables of `templates.SAMPLE` for this lead."""
    fields, touch, zone = lead.fields, draft.touch, occasion.calendar.zone
    asked = {**fields, **draft.fields} if occasion.waiting else draft.fields
    local = occasion.due.astimezone(zone)
    today = local.date() == occasion.now.astimezone(zone).date()
    day, clock = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}", _clock(local)
    person = playbook.people.get(lead.owner)
    return {
        "verb": _VERBS[kind],
        "who": who_of(lead),
        "first_name": fields.get("first_name", ""),
        "last_name": fields.get("last_name", ""),
        "company": fields.get("company", ""),
        "topic": asked.get("subject", ""),
        "due": clock if today else f"{day} {clock}",
        "due_long": f"{day} {local.year}, {clock} ({zone})",
        "question": asked.get("message", ""),
        "phone": _phone(draft, fields),
        "email": fields.get("email", ""),
        "job_title": fields.get("job_title", ""),
        "country": fields.get("country", ""),
        "lead_source": lead.lead_source,
        "source": draft.source,
        "channel": touch.channel,
        "campaign": touch.campaign,
        "page": _without_query(draft.context.page_url),
        "interactions": lead.interactions,
        "remarks": draft.remarks,
        "why": occasion.why,
        "url": occasion.url,
        "owner": person.name if person else "",
        "rule": occasion.rule.name,
        "lead": lead.id,
        "stage": lead.stage,
        "answers": draft.answers,
        "fields": fields,
        "known": occasion.known,
    }


# strftime would follow the locale of the process, and takes ten times as long.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _clock(at: datetime) -> str:
    return at.isoformat(timespec="minutes")[11:16]


def _in_utc(at: datetime) -> str:
    return f"{at.astimezone(UTC).isoformat(' ', 'minutes')[:16]} UTC"


def who_of(lead: Lead) -> str:
    """The name a person would use for the lead."""
    fields = lead.fields
    name = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    return name or fields.get("email", "") or fields.get("phone", "") or "somebody"


def _phone(draft: Draft, fields: Mapping[str, str]) -> str:
    number = fields.get("phone", "")
    just_read = draft.phone is not None and draft.phone.e164 == number
    return draft.phone.shown if draft.phone and just_read else shown_phone(number)


def _without_query(url: str) -> str:
    """A query is long and says nothing to a rep."""
    return url.partition("#")[0].partition("?")[0]


def _subject(template: str, values: Mapping[str, object]) -> str:
    """One line. Where it is too long the longer of company and topic gives way first, the name last."""
    text = _subject_line(template, values)
    if len(text) > SHOWN_SUBJECT:
        first, second = sorted(("topic", "company"), key=lambda name: -len(str(values[name])))
        for name, least in ((first, 12), (second, 12), (first, 0), (second, 0), ("who", 20)):
            over = len(text) - SHOWN_SUBJECT
            if over > 0:
                whole = str(values[name])
                values = {**values, name: _shortened(whole, max(len(whole) - over, least))}
                text = _subject_line(template, values)
    return _shortened(text, LONGEST_SUBJECT)


def _subject_line(template: str, values: Mapping[str, object]) -> str:
    text = render(template, values, "") or render(SUBJECT, values, "")
    return " ".join(text.split())


def _shortened(text: str, room: int) -> str:
    """At most `room` characters; nothing at all where no word would be left."""
    if len(text) <= room:
        return text
    return f"{text[: room - 1].rstrip()}…" if room >= _SHORTEST else ""


_SHORTEST = 5


def note_text(draft: Draft, lead: Lead) -> str:
    """Every answer as given, each once and in order, then where it came from. Plain text."""
    lines = [f"Enquiry by form “{draft.context.form_name or draft.source}”", ""]
    for label, text in draft.answers:
        if "\n" in text:
            lines += [f"{label}:", text, ""]
        else:
            lines.append(f"{label}: {text}")
    if lines[-1]:
        lines.append("")
    lines.append(f"Received: {_in_utc(draft.received_at)}")
    if draft.submitted_at:
        lines.append(f"Submitted: {_in_utc(draft.submitted_at)}")
    lines.append(f"Lead source: {lead.lead_source}; channel: {draft.touch.channel}")
    if tags := _tags(draft):
        lines.append(f"Tags: {tags}")
    if draft.context.page_url:
        lines.append(f"Page: {draft.context.page_url}")
    return "\n".join([*lines, *draft.remarks])


def _tags(draft: Draft) -> str:
    """UTM parameters and click ids: as answered, otherwise as the address of the page had them."""
    touch = draft.touch
    seen = (touch.source, touch.medium, touch.campaign, touch.term, touch.content, touch.campaign_id)
    clicks = {name.lower(): value for name, value in touch.click_ids}
    tags = {**dict(zip(UTM, seen, strict=True)), **clicks, **draft.params}
    return ", ".join(f"{name}={clean_line(value, _LONGEST_TAG)}" for name, value in tags.items() if value)


_LONGEST_TAG = 1_000
