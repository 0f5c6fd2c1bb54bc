"""What the rep reads: the task that says who, why and by when, and the note with every answer."""

from datetime import datetime
from urllib.parse import urlsplit

from syncd.core.cleaning.phones import shown_phone
from syncd.core.cleaning.text import clean_line
from syncd.core.draft import Draft
from syncd.core.playbook import Playbook, Rule
from syncd.core.templates import render
from syncd.core.worktime import WorkCalendar
from syncd.model import Lead

LONGEST_SUBJECT = 250


def task_texts(
    draft: Draft, lead: Lead, rule: Rule, playbook: Playbook, due: datetime, calendar: WorkCalendar, why: str
) -> tuple[str, str, str]:
    """(subject, body, kind). Kind is call where there is a number, email where there is an address, else todo."""
    kind = "call" if lead.fields.get("phone") else "email" if lead.fields.get("email") else "todo"
    values = template_values(draft, lead, rule, playbook, due, calendar, why, kind)
    plain = f"Answer {values['who']} by {values['due']}"
    question = lead.fields.get("message", "") or plain
    subject = clean_line(render(rule.subject or playbook.subject, values, plain), LONGEST_SUBJECT)
    return subject, render(rule.body or playbook.body, values, question), kind


_VERBS = {"call": "Call", "email": "Write to", "todo": "Find"}


def template_values(
    draft: Draft,
    lead: Lead,
    rule: Rule,
    playbook: Playbook,
    due: datetime,
    calendar: WorkCalendar,
    why: str,
    kind: str,
) -> dict[str, object]:
    """The variables of `templates.SAMPLE` for this lead."""
    fields, touch = lead.fields, draft.touch
    local = due.astimezone(calendar.zone)
    same_day = local.date() == draft.received_at.astimezone(calendar.zone).date()
    person = playbook.people.get(lead.owner)
    return {
        "verb": _VERBS[kind],
        "who": who_of(lead),
        "first_name": fields.get("first_name", ""),
        "last_name": fields.get("last_name", ""),
        "company": fields.get("company", ""),
        "topic": clean_line(fields.get("subject", ""), 60),
        "due": f"{local:%H:%M}" if same_day else f"{local:%a %d %b %H:%M}",
        "due_long": f"{local:%a %d %b %Y, %H:%M} ({calendar.zone})",
        "question": draft.fields.get("message", ""),
        "phone": shown_phone(fields["phone"]) if fields.get("phone") else "",
        "email": fields.get("email", ""),
        "job_title": fields.get("job_title", ""),
        "country": fields.get("country", ""),
        "lead_source": lead.lead_source,
        "source": draft.source,
        "channel": touch.channel,
        "campaign": touch.campaign,
        "page": _shown_page(draft.context.page_url),
        "interactions": lead.interactions,
        "remarks": draft.remarks,
        "why": why,
        "url": "",
        "owner": person.name if person else "",
        "rule": rule.name,
        "lead": lead.id,
        "stage": lead.stage,
        "answers": draft.answers,
        "fields": dict(fields),
        "known": lead.interactions > 1,
    }


def who_of(lead: Lead) -> str:
    """The name a person would use for the lead."""
    fields = lead.fields
    name = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    return name or fields.get("email", "") or fields.get("phone", "") or "somebody"


def note_text(draft: Draft, lead: Lead) -> str:
    """Every answer as given, then where it came from. Plain text."""
    lines = [f"Enquiry by form “{draft.context.form_name or draft.source}”", ""]
    for label, text in draft.answers:
        lines += [f"{label}:", text, ""] if "\n" in text else [f"{label}: {text}"]
    touch = draft.touch
    lines += ["", f"Received: {draft.received_at:%Y-%m-%d %H:%M} UTC"]
    if draft.submitted_at:
        lines.append(f"Submitted: {draft.submitted_at:%Y-%m-%d %H:%M} UTC")
    lines.append(f"Lead source: {lead.lead_source}; channel: {touch.channel}")
    origin = [part for part in (touch.source, touch.medium, touch.campaign, touch.term, touch.content) if part]
    if origin:
        lines.append("Campaign: " + " / ".join(origin))
    if draft.context.page_url:
        lines.append(f"Page: {draft.context.page_url}")
    return "\n".join([*lines, *draft.remarks])


def _shown_page(url: str) -> str:
    """Without the query, which is long and says nothing to a rep."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else url
