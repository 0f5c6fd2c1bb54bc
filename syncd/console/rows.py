"""Leads as the pages show them: plain values, times in the owner's zone."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from syncd.console.wording import day, headline, owner_name, reasons, thing
from syncd.core.decide import owner_calendar
from syncd.core.playbook import Playbook
from syncd.core.texts import who_of
from syncd.model import Lead, LeadState
from syncd.store.reports import Arrival, LeadLine, OrderLine, Story

STATES = {
    LeadState.RECEIVED: "just arrived",
    LeadState.QUARANTINED: "held back as junk",
    LeadState.TRIAGE: "has an owner; may be junk or a double, so look first",
    LeadState.ASSIGNED: "has an owner and a task",
    LeadState.ATTEMPTED: "somebody has answered or tried to",
    LeadState.CONNECTED: "spoke with us",
    LeadState.QUALIFIED: "worth an offer",
    LeadState.WON: "became a customer",
    LeadState.LOST: "will not become a customer",
    LeadState.OPTED_OUT: "wants no messages",
    LeadState.SUPPRESSED: "on the list of those who never go to sales",
}
ORDER_STATES = {
    "blocked": "waits for the record",
    "waiting": "on its way",
    "sending": "being sent",
    "unknown": "sent, no answer yet",
    "done": "there",
    "parked": "needs a person",
}
_ASIDE = {
    "quarantined": "held back as junk or as no lead",
    "suppressed": "on the suppression list",
    "parked": "needs a person",
}


def lead_row(line: LeadLine, playbook: Playbook, completing: Collection[str]) -> dict[str, Any]:
    """One line of the list. `completing`: the sinks whose tasks can be marked done from here."""
    lead, task = line.lead, _follow_up(line)
    open_here = (
        order
        for order in line.orders
        if order.mark == lead.open_task and order.sink in completing and order.ref and order.kind == "task"
    )
    return {
        "id": lead.id,
        "received": shown(lead.created_at, lead, playbook),
        "who": who_of(lead),
        "company": lead.fields.get("company", ""),
        "email": lead.fields.get("email", ""),
        "source": lead.lead_source,
        "form": lead.source,
        "owner": owner_name(lead.owner, playbook),
        "task": task.subject if task else "",
        "task_open": bool(lead.open_task),
        "can_finish": any(open_here),
        "due": shown(lead.due_at, lead, playbook, _MINUTE) if lead.due_at else "",
        "due_at": lead.due_at.isoformat() if lead.due_at else "",
        "state": lead.state.value,
        "state_means": STATES[lead.state],
        "interactions": lead.interactions,
        "orders": [order_row(order) for order in line.orders],
    }


def _follow_up(line: LeadLine) -> OrderLine | None:
    """The open task, else the last one."""
    tasks = [order for order in line.orders if order.kind == "task"]
    return next((order for order in tasks if order.mark == line.lead.open_task), tasks[-1] if tasks else None)


def order_row(order: OrderLine) -> dict[str, Any]:
    return {
        "id": f"o{order.id}",
        "sink": order.sink,
        "kind": order.kind,
        "what": thing(order.kind, order.object),
        "subject": order.subject,
        "state": order.state,
        "state_means": ORDER_STATES.get(order.state, order.state),
        "reason": order.reason,
        "ref": order.ref,
        "url": order.url if order.url.startswith(("https://", "http://")) else "",
    }


def aside_row(arrival: Arrival, playbook: Playbook) -> dict[str, str]:
    return {
        "id": f"s{arrival.id}",
        "received": _shown_in(arrival.received_at, playbook.calendar.zone),
        "form": arrival.source,
        "state": _ASIDE.get(arrival.state, arrival.state),
        "reason": arrival.reason,
    }


def story_rows(story: Story, playbook: Playbook) -> dict[str, Any]:
    """Everything the page of one lead shows."""
    lead, task = story.line.lead, _follow_up(story.line)
    return {
        "lead": lead,
        "who": who_of(lead),
        "state_means": STATES[lead.state],
        "owner": owner_name(lead.owner, playbook),
        "task": task.subject if task else "",
        "due": shown(lead.due_at, lead, playbook, _EXACT) if lead.due_at else "",
        "fields": [(name.replace("_", " "), value) for name, value in lead.fields.items() if value],
        "orders": [order_row(order) for order in story.line.orders],
        "arrivals": [
            {
                "id": f"s{a.id}",
                "source": a.source,
                "at": shown(a.received_at, lead, playbook, _EXACT),
                "times": a.repeats + 1,
            }
            for a in story.arrivals
        ],
        "events": [
            {
                "at": shown(e.at, lead, playbook, _EXACT),
                "what": headline(e.event, e.detail),
                "why": reasons(e.detail, playbook),
            }
            for e in story.events
        ],
    }


_MINUTE, _SECOND, _EXACT = "%H:%M", "%H:%M:%S", "%Y, %H:%M:%S"  # what follows the day


def shown(at: datetime, lead: Lead, playbook: Playbook, form: str = _SECOND) -> str:
    """In the owner's zone, which is named where it is not the company's."""
    zone = owner_calendar(lead.owner, playbook).zone
    place = "" if zone == playbook.calendar.zone else f" ({zone})"
    return _shown_in(at, zone, form) + place


def _shown_in(at: datetime, zone: ZoneInfo, form: str = _SECOND) -> str:
    local = at.astimezone(zone)
    return f"{day(local)}{' ' if form == _EXACT else ', '}{local:{form}}"
