"""Streak's names beside ours, one function per direction.

Boxes: https://streak.readme.io/reference/get-a-box - fields of one's own stand under `fields` by the field's key
Tasks: https://streak.readme.io/reference/create-a-task - one text and a due moment
Comments: https://streak.readme.io/reference/comments
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.sinks.streak.client import Row
from connectors.sinks.streak.pipeline import LONGEST_TEXT, BoxField
from syncd.connector import NoteOrder, RecordOrder, TaskOrder, cut_line, mark_in, marked_plain, object_in, objects_in

FIELDS: Mapping[str, str] = {
    "email": "Email",
    "phone": "Phone",
    "company": "Company",
    "job_title": "Job title",
    "message": "Question",
    "lead_source": "Lead source",
    "first_channel": "First channel",
    "last_channel": "Last channel",
    "inquiries": "Inquiries",
}
"""Canonical field -> name of a box field. A box has no fields of this kind by itself."""

ASSIGNED = "assignedToSharingEntries"
LONGEST_NAME = 255  # characters; Streak names no limit


def name_of(fields: Mapping[str, str], unnamed: str) -> str:
    """Who it is, and of which company."""
    person = " ".join(part for part in (fields.get("first_name"), fields.get("last_name")) if part)
    who = person or fields.get("email") or fields.get("phone") or ""
    return cut_line(", ".join(part for part in (who, fields.get("company", "")) if part) or unnamed, LONGEST_NAME)


def notes_from(order: RecordOrder) -> str:
    """Address and our id: a box takes notes when it is made, and other fields only afterwards."""
    return marked_plain(order.fields.get("email", ""), order.keys.lead, LONGEST_TEXT)


def lead_of(box: Row, key: BoxField | None) -> str:
    """Our id of the lead, from its field, or from the notes of a box that was just made."""
    held = object_in(box, "fields").get(key.key) if key else None
    return held if isinstance(held, str) and held else mark_in(box.get("notes"))


def addresses_in(box: Row, email: BoxField | None) -> set[str]:
    """Addresses that belong to a box: of its field, and those that Streak has collected."""
    held = object_in(box, "fields").get(email.key) if email else None
    listed = box.get("emailAddresses")
    return {one.casefold() for one in [held, *(listed if isinstance(listed, list) else [])] if isinstance(one, str)}


def values_from(box: Row, fields: Mapping[str, BoxField]) -> dict[str, str]:
    """A box -> canonical fields; empty ones are left out."""
    held = object_in(box, "fields")
    texts = {name: field.text_of(held.get(field.key)) for name, field in fields.items()}
    return {name: text for name, text in texts.items() if text}


def owner_in(box: Row) -> str:
    """The address of the first person it is assigned to."""
    return next((str(one["email"]).lower() for one in objects_in(box.get(ASSIGNED)) if one.get("email")), "")


def task_from(order: TaskOrder) -> dict[str, Any]:
    """Without who it is assigned to."""
    text = "\n\n".join(part for part in (order.subject, order.body) if part)
    return {"text": marked_plain(text, order.mark, LONGEST_TEXT), "dueDate": milliseconds(order.due_at)}


def comment_from(order: NoteOrder) -> dict[str, Any]:
    return {"message": marked_plain(order.body, order.mark, LONGEST_TEXT)}


def assigned_to(email: str, word: str = ASSIGNED) -> dict[str, Any]:
    return {word: [{"email": email}]}


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
