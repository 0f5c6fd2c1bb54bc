"""Zoho's names beside ours, one function per direction.

Leads and contacts: https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html
Tasks: https://www.zoho.com/crm/developer/docs/api/v8/insert-records.html
Notes: https://www.zoho.com/crm/developer/docs/api/v8/create-notes.html
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sinks.zoho.schema import FieldInfo
from connectors.sinks.zoho.values import instant, text_from, value_for
from syncd.connector import NoteOrder, OwnerRef, Ref, TaskOrder, cut_text, object_in, text_in

LEADS, CONTACTS = "Leads", "Contacts"
MODULES = (CONTACTS, LEADS)  # whom a person is looked for in, first to last
LONGEST_SUBJECT, LONGEST_TITLE, LONGEST_TEXT = 255, 120, 31_900  # of 32,000, for a mark may follow

OURS: Mapping[str, str] = {
    "first_channel": "Syncd_First_Channel",
    "last_channel": "Syncd_Last_Channel",
    "first_campaign": "Syncd_First_Campaign",
    "last_campaign": "Syncd_Last_Campaign",
    "first_touch_at": "Syncd_First_Touch_At",
    "inquiries": "Syncd_Inquiries",
}
"""Canonical field -> a field that we make."""

LEAD_FIELDS: Mapping[str, str] = {
    "email": "Email",
    "first_name": "First_Name",
    "last_name": "Last_Name",
    "company": "Company",
    "phone": "Phone",
    "job_title": "Designation",
    "website": "Website",
    "street": "Street",
    "city": "City",
    "state": "State",
    "postal_code": "Zip_Code",
    "country": "Country",
    "industry": "Industry",
    "company_size": "No_of_Employees",
    "message": "Description",
    "lead_source": "Lead_Source",
    **OURS,
}
TASK_FIELDS = ("Subject", "Description", "Due_Date", "Priority", "Status", "Owner", "Who_Id", "What_Id", "Remind_At")
CONTACT_FIELDS: Mapping[str, str] = {
    "email": "Email",
    "first_name": "First_Name",
    "last_name": "Last_Name",
    "company": "Account_Name",  # read only: which account it is, a person decides
    "phone": "Phone",
    "job_title": "Title",
    "street": "Mailing_Street",
    "city": "Mailing_City",
    "state": "Mailing_State",
    "postal_code": "Mailing_Zip",
    "country": "Mailing_Country",
    "message": "Description",
    "lead_source": "Lead_Source",
    **OURS,
}
FIELDS: Mapping[str, Mapping[str, str]] = {LEADS: LEAD_FIELDS, CONTACTS: CONTACT_FIELDS}

_PRIORITIES = {"low": "Low", "normal": "Normal", "high": "High"}


def record_ref(module: str, record_id: str, pages: str) -> Ref:
    """The module stands in the id: a lead that is converted goes on as a contact, under that one's id."""
    return Ref("record", f"{module}/{record_id}", f"https://{pages}/crm/tab/{module}/{record_id}" if pages else "")


def place_of(ref: Ref, usual: str) -> tuple[str, str]:
    """(module, id) of a record; `usual`: where an id lives that a person has typed without a module."""
    module, _, record_id = ref.id.rpartition("/")
    return (module if module in MODULES else usual), record_id


def values_from(fields: Mapping[str, str], names: Mapping[str, str], known: Mapping[str, FieldInfo]) -> dict[str, Any]:
    """Canonical fields -> values. What the account cannot hold is left out; nothing is cleared."""
    values: dict[str, Any] = {}
    for field, text in fields.items():
        info = known.get(names.get(field, ""))
        if text and info is not None and info.writable:
            value = value_for(info, text)
            if value is not None:
                values[info.name] = value
    return values


def fields_from(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Values -> canonical fields; empty ones are left out."""
    texts = {field: text_from(row.get(name)) for field, name in names.items() if name}
    return {field: text for field, text in texts.items() if text}


def task_from(order: TaskOrder, usual: str, reminder: timedelta | None) -> dict[str, Any]:
    """An order -> a task without its mark and its status. Zoho keeps the day it is due, in the owner's zone."""
    module, record_id = place_of(order.record, usual)
    values: dict[str, Any] = {
        "Subject": cut_text(order.subject, LONGEST_SUBJECT),
        "Description": cut_text(order.body, LONGEST_TEXT),
        "Due_Date": order.due_at.astimezone(ZoneInfo(order.zone)).date().isoformat(),
        "Priority": _PRIORITIES.get(order.priority, "Normal"),
        "$se_module": module,
    }
    values["Who_Id" if module == CONTACTS else "What_Id"] = {"id": record_id}
    if order.owner is not None:
        values["Owner"] = {"id": order.owner.id}
    if reminder is not None:
        values["Remind_At"] = {"ALARM": f"FREQ=NONE;ACTION=POPUP;TRIGGER=DATE-TIME:{instant(order.due_at - reminder)}"}
    return values


def note_from(order: NoteOrder, usual: str) -> dict[str, Any]:
    """An order -> a note whose title ends in its mark: Zoho's notes have no fields of one's own."""
    module, record_id = place_of(order.record, usual)
    return {
        "Note_Title": cut_text(f"{order.at:%Y-%m-%d %H:%M} UTC, syncd {order.mark}", LONGEST_TITLE),
        "Note_Content": cut_text(order.body, LONGEST_TEXT),
        "Parent_Id": {"module": {"api_name": module}, "id": record_id},
    }


def owner_from(row: Mapping[str, Any]) -> OwnerRef:
    """A user as Zoho lists it."""
    return OwnerRef(
        id=str(row["id"]),
        email=text_in(row, "email").lower(),
        name=text_in(row, "full_name"),
        active=row.get("status") == "active",
    )


def id_in(row: Mapping[str, Any], name: str) -> str:
    """The id of a lookup."""
    return text_in(object_in(row, name), "id")


def contact_of(row: Mapping[str, Any]) -> str:
    """The contact that a converted lead has become; empty while it is a lead."""
    told = object_in(row, "$converted_detail").get("contact")
    return id_in(row, "Converted_Contact") or (_id_of(told) if told else "")


def _id_of(value: Any) -> str:
    return str(value.get("id", "")) if isinstance(value, dict) else str(value)
