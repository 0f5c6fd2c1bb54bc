"""Odoo's names beside ours, one function per direction.

crm.lead, mail.activity: https://github.com/odoo/odoo/tree/19.0/addons/crm, .../addons/mail. What is empty is `false`
there, a reference is read as [id, name] and written as an id, moments are UTC without a zone.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sinks.odoo.client import Row
from syncd.connector import TaskOrder, cut_line, cut_text, html_text, marked_rich, moment_of

OWN: Mapping[str, str] = {
    "email": "email_from",
    "phone": "phone",
    "company": "partner_name",
    "job_title": "function",
    "website": "website",
    "street": "street",
    "city": "city",
}
"""Canonical field -> field that every crm.lead has."""

CUSTOM: Mapping[str, str] = {
    "message": "x_syncd_message",
    "lead_source": "x_syncd_lead_source",
    "first_channel": "x_syncd_first_channel",
    "last_channel": "x_syncd_last_channel",
    "inquiries": "x_syncd_inquiries",
}
"""Canonical field -> field that `prepare` makes."""

LINE, TEXT = 255, 60_000  # characters


def name_of(fields: Mapping[str, str], known: Mapping[str, str]) -> str:
    """The whole name, of what is new and what stands there."""
    parts = [fields.get(part) or known.get(part, "") for part in ("first_name", "last_name")]
    return cut_text(" ".join(part for part in parts if part), LINE)


def names_in(whole: Any) -> dict[str, str]:
    """A name is one text in Odoo; its last word counts as the last name when there are several."""
    first, _, last = text(whole).rpartition(" ")
    return {"first_name": first or last, "last_name": last if first else ""}


def values_from(row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """A lead -> canonical fields; empty ones are left out."""
    values = {**names_in(row.get("contact_name")), **{name: text(row.get(theirs)) for name, theirs in names.items()}}
    return {name: value for name, value in values.items() if value}


def value_for(kind: str, value: str) -> Any:
    """As a field of this type holds it; None for what it cannot hold: it is left alone."""
    if kind == "char":
        return cut_line(value, LINE)
    if kind == "text":
        return cut_text(value, TEXT)
    if kind == "html":
        return html_text(value, TEXT)
    if kind == "integer":
        return int(value) if re.fullmatch(r"-?\d{1,9}", value) else None
    return None


def activity_from(order: TaskOrder) -> dict[str, Any]:
    """An order -> an activity, without what it hangs on. A deadline is a day: that of the owner's zone."""
    body: dict[str, Any] = {
        "summary": cut_line(order.subject, LINE),
        "date_deadline": order.due_at.astimezone(ZoneInfo(order.zone)).date().isoformat(),
        "note": marked_rich(order.body, order.mark, TEXT),
    }
    return {**body, "user_id": int(order.owner.id)} if order.owner else body


def reference(value: Any) -> int | None:
    """The id of [id, name], or of a bare id."""
    one = value[0] if isinstance(value, list) and value else value
    return one if isinstance(one, int) and not isinstance(one, bool) else None


def text(value: Any) -> str:
    return "" if value is None or value is False else str(value)


def moment(value: Any) -> datetime | None:
    """Odoo's `2026-03-02 12:00:00`, which is UTC."""
    return moment_of(f"{value.replace(' ', 'T')}Z") if isinstance(value, str) and len(value) == 19 else None


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
