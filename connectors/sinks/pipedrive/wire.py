"""Pipedrive's names beside ours, one function per direction.

Persons: https://developers.pipedrive.com/docs/api/v1/Persons
Activities: https://developers.pipedrive.com/docs/api/v1/Activities - date and time are UTC there.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sinks.pipedrive.client import Row
from syncd.connector import NoteOrder, TaskOrder, marked_rich, objects_in, text_of

CUSTOM: Mapping[str, str] = {
    "company": "syncd_company",
    "job_title": "syncd_job_title",
    "message": "syncd_message",
    "lead_source": "syncd_lead_source",
    "first_channel": "syncd_first_channel",
    "last_channel": "syncd_last_channel",
    "inquiries": "syncd_inquiries",
}
"""Canonical field -> name of a custom person field. Pipedrive's own fields have no place for these."""

OWN = frozenset({"email", "phone", "first_name", "last_name"})
LONGEST_NOTE = 60_000


def name_of(fields: Mapping[str, str], known: Mapping[str, str]) -> str:
    """The whole name, of what is new and what stands there."""
    parts = [fields.get(part) or known.get(part, "") for part in ("first_name", "last_name")]
    return " ".join(part for part in parts if part)


def values_from(row: Row, codes: Mapping[str, str]) -> dict[str, str]:
    """A person -> canonical fields; empty ones are left out. `codes`: canonical field -> code of a custom field."""
    own = {
        "email": primary(row.get("emails")),
        "phone": primary(row.get("phones")),
        "first_name": _text(row.get("first_name")),
        "last_name": _text(row.get("last_name")),
    }
    custom = row.get("custom_fields")
    held = custom if isinstance(custom, dict) else {}
    return {name: text for name, text in {**own, **{n: _text(held.get(c)) for n, c in codes.items()}}.items() if text}


def custom_of(row: Row, code: str) -> str:
    custom = row.get("custom_fields")
    return _text(custom.get(code)) if code and isinstance(custom, dict) else ""


def primary(entries: Any) -> str:
    """The first address or number that counts as primary, else the first."""
    rows = [row for row in objects_in(entries) if _text(row.get("value"))]
    chosen = next((row for row in rows if row.get("primary")), rows[0] if rows else {})
    return _text(chosen.get("value"))


def with_entry(entries: Any, value: str) -> list[dict[str, Any]]:
    """The list as it stands, with a value put first; nothing that stands there is lost."""
    rest = [dict(row) for row in objects_in(entries) if _text(row.get("value")).casefold() != value.casefold()]
    return [{"value": value, "primary": True, "label": "work"}, *({**row, "primary": False} for row in rest)]


def activity_from(order: TaskOrder, kind: str) -> dict[str, Any]:
    """An order -> an activity, without what it hangs on."""
    due = order.due_at.astimezone(UTC)
    body: dict[str, Any] = {
        "subject": order.subject[:255],
        "type": kind,
        "due_date": due.date().isoformat(),
        "due_time": due.strftime("%H:%M"),
        "note": marked_rich(order.body, order.mark, LONGEST_NOTE),
    }
    return {**body, "owner_id": int(order.owner.id)} if order.owner else body


def note_from(order: NoteOrder) -> dict[str, Any]:
    added = order.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return {"content": marked_rich(order.body, order.mark, LONGEST_NOTE), "add_time": added}


def instant(moment: datetime) -> str:
    """RFC 3339 without fractions, which is what `updated_since` takes."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Any) -> str:
    text = text_of(value)
    return text if isinstance(text, str) else "; ".join(text)
