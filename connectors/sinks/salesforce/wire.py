"""Salesforce's names beside ours, one function per direction.

Leads: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm
Contacts: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contact.htm
Tasks: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.values import decode, instant
from syncd.connector import NoteOrder, OwnerRef, TaskOrder

LEAD, CONTACT, TASK = "Lead", "Contact", "Task"

_COMMON: Mapping[str, str] = {
    "email": "Email",
    "first_name": "FirstName",
    "last_name": "LastName",
    "phone": "Phone",
    "job_title": "Title",
    "message": "Description",
    "lead_source": "LeadSource",
    "first_channel": "Syncd_First_Channel__c",
    "last_channel": "Syncd_Last_Channel__c",
    "first_campaign": "Syncd_First_Campaign__c",
    "last_campaign": "Syncd_Last_Campaign__c",
    "first_touch_at": "Syncd_First_Touch_At__c",
    "inquiries": "Syncd_Inquiries__c",
}
_OF_LEADS: Mapping[str, str] = {
    "company": "Company",
    "website": "Website",
    "street": "Street",
    "city": "City",
    "state": "State",
    "postal_code": "PostalCode",
    "country": "Country",
    "industry": "Industry",
    "company_size": "NumberOfEmployees",
}
_OF_CONTACTS: Mapping[str, str] = {
    "company": "Syncd_Company__c",
    "street": "MailingStreet",
    "city": "MailingCity",
    "state": "MailingState",
    "postal_code": "MailingPostalCode",
    "country": "MailingCountry",
}
NAMES: Mapping[str, Mapping[str, str]] = {LEAD: {**_COMMON, **_OF_LEADS}, CONTACT: {**_COMMON, **_OF_CONTACTS}}
"""Canonical field -> field of the object. An account is a person's decision, so the company of a contact is a text."""

CODED = {"country": ("Country", "CountryCode"), "state": ("State", "StateCode")}
"""Where the organisation has lists of countries and states, their codes are what it takes."""

TASK_FIELDS = ("Subject", "ActivityDate", "Description", "Priority", "Status", "Type", "OwnerId", "WhoId")

_PRIORITIES = {"low": "Low", "normal": "Normal", "high": "High"}
_TYPES = {"call": "Call", "email": "Email", "todo": "Other"}
DONE = "Completed"
PRIORITIES = tuple(_PRIORITIES.values())


def names_for(kind: str, options: SalesforceOptions, visible: Collection[str]) -> dict[str, str]:
    """Canonical field -> field of the object, as the options and the organisation want it."""
    names = {**NAMES[kind]}
    for field, (text, code) in CODED.items():
        if names[field].replace(text, code) in visible:
            names[field] = names[field].replace(text, code)
    return {field: name for field, name in {**names, **options.map}.items() if name}


def values_from(fields: Mapping[str, str], names: Mapping[str, str], options: SalesforceOptions) -> dict[str, str]:
    """Canonical fields -> fields of the object; nothing is ever cleared."""
    given = {**fields}
    if "lead_source" in given:
        given["lead_source"] = options.lead_sources.get(given["lead_source"], given["lead_source"])
    return {names[field]: value for field, value in given.items() if value and field in names}


def fields_from(row: Mapping[str, Any], names: Mapping[str, str], options: SalesforceOptions) -> dict[str, str]:
    """The row of a person -> canonical fields; empty ones and our own fillers are left out."""
    fillers = {"LastName": options.unnamed, "Company": options.no_company}
    told = {field: decode(row.get(name)) for field, name in names.items()}
    return {field: value for field, value in told.items() if value and value != fillers.get(names[field])}


def fillers_for(kind: str, options: SalesforceOptions) -> dict[str, str]:
    """What a new record must have and nobody has told."""
    return {"LastName": options.unnamed, **({"Company": options.no_company} if kind == LEAD else {})}


def task_from(order: TaskOrder, options: SalesforceOptions) -> dict[str, str]:
    """An order -> fields of a task, without person, owner, mark and status."""
    due = order.due_at.astimezone(ZoneInfo(order.zone))
    fields = {
        "Subject": order.subject,
        "ActivityDate": due.date().isoformat(),
        "Description": order.body,
        "Priority": _PRIORITIES.get(order.priority, "Normal"),
        "Type": _TYPES.get(order.kind, "Other"),
    }
    if options.reminder_minutes is not None:
        reminded = instant(order.due_at - timedelta(minutes=options.reminder_minutes))
        fields |= {"IsReminderSet": "yes", "ReminderDateTime": reminded}
    return fields


def note_from(order: NoteOrder, options: SalesforceOptions) -> dict[str, str]:
    """An order -> fields of a task that is done: notes of their own take two calls and no mark."""
    return {
        "Subject": options.note_subject,
        "ActivityDate": order.at.date().isoformat(),
        "Description": order.body,
        "Status": DONE,
    }


def user_from(row: Mapping[str, Any]) -> OwnerRef:
    return OwnerRef(
        id=str(row.get("Id")),
        email=str(row.get("Email") or "").lower(),
        name=str(row.get("Name") or ""),
        active=row.get("IsActive") is True,
    )


def queue_from(row: Mapping[str, Any], email: str) -> OwnerRef:
    return OwnerRef(id=str(row.get("Id")), email=email.lower(), name=str(row.get("DeveloperName") or ""), queue=True)
