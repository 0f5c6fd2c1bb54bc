"""Close's names beside ours, one function per direction.

Leads: https://developer.close.com/api/resources/leads - a company with its contacts
Contacts: https://developer.close.com/api/resources/contacts
Tasks: https://developer.close.com/api/resources/tasks - one text, and a `date` with its zone
Notes: https://developer.close.com/api/resources/activities/notes
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sinks.close.client import Row
from syncd.connector import NoteOrder, TaskOrder, cut_text, marked_plain, objects_in, text_of

CUSTOM: Mapping[str, str] = {
    "message": "syncd_message",
    "lead_source": "syncd_lead_source",
    "first_channel": "syncd_first_channel",
    "last_channel": "syncd_last_channel",
    "inquiries": "syncd_inquiries",
}
"""Canonical field -> name of a contact field. Close's own fields have no place for these."""

OWN = frozenset({"email", "phone", "first_name", "last_name", "job_title", "company"})
LONGEST_NAME, LONGEST_TEXT = 255, 30_000  # characters; Close names no limit


def contact_of(lead: Row, key_code: str, key: str, emails: tuple[str, ...]) -> Row | None:
    """The contact of a lead that is the person meant: the one with our key, else the first with the address."""
    contacts = objects_in(lead.get("contacts"))
    for contact in contacts:
        if key_code and contact.get(key_code) == key:
            return contact
    wanted = {email.casefold() for email in emails}
    return next((one for one in contacts if wanted & set(addresses(one, "emails", "email"))), None)


def addresses(contact: Row, held: str, name: str) -> list[str]:
    return [_text(one.get(name)).casefold() for one in objects_in(contact.get(held)) if _text(one.get(name))]


def values_from(lead: Row, contact: Row, codes: Mapping[str, str]) -> dict[str, str]:
    """A lead and one of its contacts -> canonical fields; empty ones are left out."""
    first, last = divided(_text(contact.get("name")))
    own = {
        "company": _text(lead.get("name")),
        "email": _first(contact.get("emails"), "email"),
        "phone": _first(contact.get("phones"), "phone"),
        "first_name": first,
        "last_name": last,
        "job_title": _text(contact.get("title")),
    }
    custom = {name: _text(contact.get(code)) for name, code in codes.items()}
    return {name: text for name, text in {**own, **custom}.items() if text}


def divided(name: str) -> tuple[str, str]:
    """A whole name; its last word counts as the last name."""
    first, _, last = name.rpartition(" ")
    return (first, last) if first else (last, "")


def name_of(fields: Mapping[str, str], present: str) -> str:
    """The whole name, of what is new and what stands there."""
    known = dict(zip(("first_name", "last_name"), divided(present), strict=True))
    parts = [fields.get(part) or known[part] for part in ("first_name", "last_name")]
    return cut_text(" ".join(part for part in parts if part), LONGEST_NAME)


def with_entry(entries: Any, name: str, value: str) -> list[dict[str, Any]]:
    """The list as it stands, with a value put first; nothing that stands there is lost."""
    rows = objects_in(entries)
    same = [row for row in rows if _text(row.get(name)).casefold() == value.casefold()]
    rest = [row for row in rows if row not in same]
    first = {**(same[0] if same else {"type": "office"}), name: value}
    kept = (name, "type")
    return [{part: row[part] for part in kept if part in row} for row in (first, *rest)]


def task_from(order: TaskOrder) -> dict[str, Any]:
    """The date is told with the offset of the owner's zone, so it shows on the owner's day."""
    text = "\n\n".join(part for part in (order.subject, order.body) if part)
    body: dict[str, Any] = {
        "text": marked_plain(text, order.mark, LONGEST_TEXT),
        "date": order.due_at.astimezone(ZoneInfo(order.zone)).isoformat(timespec="seconds"),
    }
    return {**body, "assigned_to": order.owner.id} if order.owner else body


def note_from(order: NoteOrder) -> dict[str, Any]:
    return {"note": marked_plain(order.body, order.mark, LONGEST_TEXT)}


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _first(entries: Any, name: str) -> str:
    return next((text for one in objects_in(entries) if (text := _text(one.get(name)))), "")


def _text(value: Any) -> str:
    text = text_of(value)
    return text if isinstance(text, str) else "; ".join(text)
