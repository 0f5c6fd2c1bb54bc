"""The CRM's names beside ours, one function per direction. Modules and fields have the same names in all dialects.

Fields: https://support.sugarcrm.com/documentation/sugar_developer/ (Leads, Tasks, Notes); SuiteCRM keeps them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from connectors.sinks.sugar.service import CONTACTS, EMAIL, EMAILS, LEADS, MODULES, FieldInfo, Row
from syncd.connector import NoteOrder, Ref, TaskOrder, cut_line, cut_text, moment_of, number_of, text_of

OURS: Mapping[str, str] = {
    "first_channel": "syncd_first_channel_c",
    "last_channel": "syncd_last_channel_c",
    "first_campaign": "syncd_first_campaign_c",
    "last_campaign": "syncd_last_campaign_c",
    "first_touch_at": "syncd_first_touch_at_c",
    "inquiries": "syncd_inquiries_c",
}
"""Canonical field -> a field of one's own that an administrator may make."""

PERSON: Mapping[str, str] = {
    "email": EMAIL,
    "first_name": "first_name",
    "last_name": "last_name",
    "company": "account_name",  # of a contact it is the name of an account, which is not written
    "phone": "phone_work",
    "job_title": "title",
    "street": "primary_address_street",
    "city": "primary_address_city",
    "state": "primary_address_state",
    "postal_code": "primary_address_postalcode",
    "country": "primary_address_country",
    "message": "description",
    "lead_source": "lead_source",
    **OURS,
}
NAMES: Mapping[str, Mapping[str, str]] = {LEADS: {**PERSON, "website": "website"}, CONTACTS: PERSON}
ASKED = ("id", "date_entered", "assigned_user_id", EMAIL)

LINE, TEXT, SUBJECT = 255, 60_000, 50  # characters, where fields do not tell
NOTE_TITLE = "syncd, {at:%Y-%m-%d %H:%M} UTC"
_PRIORITIES = {"low": "Low", "normal": "Medium", "high": "High"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")
_OURS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_FAMILY = UUID("6a2f2f1e-7a38-4bfa-9d6f-3a8d1b0c5e11")
_LINES = frozenset({"varchar", "name", "phone", "url", "char", "relate", "username", ""})


def id_of(kind: str, key: str, seat: int = 0) -> str:
    """The id under which something of ours is made: the same for ever, so the CRM itself refuses a second one.

    `seat`: another id for the same key, once a person has deleted what stood under the one before.
    """
    return str(uuid5(_FAMILY, f"{kind} {key}" + (f" {seat}" if seat else "")))


def is_ours(record_id: str) -> bool:
    """The CRMs' own ids are never of this kind."""
    return bool(_OURS.fullmatch(record_id))


def is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text))


def record_ref(module: str, record_id: str, page: str) -> Ref:
    """The module stands in the id: a lead that is converted goes on as a contact, under that one's id."""
    return Ref("record", f"{module}/{record_id}", page)


def place_of(ref: Ref) -> tuple[str, str]:
    """(module, id); an id without a module is a lead's."""
    module, _, record_id = ref.id.rpartition("/")
    return (module if module in MODULES else LEADS), record_id


def fields_from(row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """A record -> canonical fields; empty ones are left out."""
    texts = {field: text_from(row.get(name)) for field, name in names.items() if name and name != EMAIL}
    emails: list[str] = row.get(EMAILS) or []
    return {field: text for field, text in {**texts, "email": emails[0] if emails else ""}.items() if text}


def text_from(value: Any) -> str:
    text = text_of(value)
    return text if isinstance(text, str) else ";".join(text)


def value_for(field: FieldInfo, text: str, instant: Callable[[datetime], str]) -> Any:
    """As a field of this type holds it; None for what it cannot hold: it is left alone."""
    if field.type in _LINES:
        return cut_line(text, field.length or LINE)
    if field.type in ("text", "longtext"):
        return cut_text(text, field.length or TEXT)
    if field.type in ("enum", "radioenum"):
        return text if text in field.options or not field.options else None
    if field.type == "int":
        number = number_of(text)
        return number if isinstance(number, int) and abs(number) < 2**31 else None
    moment = moment_of(text) if field.type in ("date", "datetime", "datetimecombo") else None
    return None if moment is None else (moment.date().isoformat() if field.type == "date" else instant(moment))


def task_from(order: TaskOrder, instant: Callable[[datetime], str]) -> dict[str, Any]:
    """An order -> a task, without what it hangs on and its status."""
    values: dict[str, Any] = {
        "name": " ".join(order.subject.split()),
        "description": cut_text(order.body, TEXT),
        "date_due": instant(order.due_at),
        "priority": _PRIORITIES.get(order.priority, "Medium"),
    }
    return {**values, "assigned_user_id": order.owner.id} if order.owner else values


def note_from(order: NoteOrder) -> dict[str, Any]:
    values = {"name": NOTE_TITLE.format(at=order.at.astimezone(UTC)), "description": cut_text(order.body, TEXT)}
    return {**values, "assigned_user_id": order.owner.id} if order.owner else values


def parent(ref: Ref) -> dict[str, Any]:
    """What a task or note hangs on."""
    module, record_id = place_of(ref)
    on = {"parent_type": module, "parent_id": record_id}
    return {**on, "contact_id": record_id} if module == CONTACTS else on


def oldest(rows: Iterable[Row]) -> Row | None:
    return min(rows, key=lambda row: (str(row.get("date_entered")), str(row.get("id"))), default=None)
