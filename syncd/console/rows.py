"""Leads as the pages show them: plain values, times in the owner's zone."""

from datetime import datetime
from typing import Any

from syncd.core.decide import owner_calendar
from syncd.core.playbook import Playbook
from syncd.core.texts import who_of
from syncd.model import Lead
from syncd.store.reports import LeadLine, OrderLine, Story


def lead_row(line: LeadLine, playbook: Playbook) -> dict[str, Any]:
    """One line of the list."""
    lead = line.lead
    task = next((o for o in line.orders if o.kind == "task" and o.mark == lead.open_task), None)
    task = task or next((o for o in reversed(line.orders) if o.kind == "task"), None)
    return {
        "id": lead.id,
        "received": shown(lead.created_at, lead, playbook),
        "who": who_of(lead),
        "company": lead.fields.get("company", ""),
        "source": lead.lead_source,
        "owner": owner_name(lead.owner, playbook),
        "task": task.subject if task else "",
        "task_open": bool(lead.open_task),
        "due": shown(lead.due_at, lead, playbook) if lead.due_at else "",
        "state": lead.state.value,
        "interactions": lead.interactions,
        "orders": [_order(order) for order in line.orders],
    }


def _order(order: OrderLine) -> dict[str, str]:
    return {"sink": order.sink, "kind": order.kind, "state": order.state, "ref": order.ref, "url": order.url}


def story_rows(story: Story, playbook: Playbook) -> dict[str, Any]:
    """Everything the page of one lead shows."""
    lead = story.line.lead
    return {
        "lead": lead,
        "who": who_of(lead),
        "owner": owner_name(lead.owner, playbook),
        "due": shown(lead.due_at, lead, playbook) if lead.due_at else "",
        "orders": story.line.orders,
        "arrivals": [(a.id, a.source, shown(a.received_at, lead, playbook), a.repeats) for a in story.arrivals],
        "events": [(shown(e.at, lead, playbook), e.event, e.detail) for e in story.events],
    }


def owner_name(owner: str, playbook: Playbook) -> str:
    person = playbook.people.get(owner)
    return person.name if person else owner


def shown(at: datetime, lead: Lead, playbook: Playbook) -> str:
    zone = owner_calendar(lead.owner, playbook).zone
    return f"{at.astimezone(zone):%a %d %b %Y, %H:%M:%S}"
