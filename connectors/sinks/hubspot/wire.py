"""HubSpot's names beside ours, one function per direction.

Contacts: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
Tasks: https://developers.hubspot.com/docs/api-reference/crm-tasks-v3/guide
Notes: https://developers.hubspot.com/docs/api-reference/crm-notes-v3/guide

Consent is not here on purpose: a subscription in HubSpot is a legal statement of its own, with its own API.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.connector import NoteOrder, OwnerRef, TaskOrder, cut_text, html_text

LONGEST = 65_536  # characters of a text property

PROPERTIES: Mapping[str, str] = {
    "email": "email",
    "first_name": "firstname",
    "last_name": "lastname",
    "company": "company",
    "phone": "phone",
    "job_title": "jobtitle",
    "website": "website",
    "street": "address",
    "city": "city",
    "state": "state",
    "postal_code": "zip",
    "country": "country",
    "industry": "industry",
    "company_size": "company_size",
    "message": "message",
    "lead_source": "syncd_lead_source",
    "first_channel": "syncd_first_channel",
    "last_channel": "syncd_last_channel",
    "first_campaign": "syncd_first_campaign",
    "last_campaign": "syncd_last_campaign",
    "first_touch_at": "syncd_first_touch_at",
    "inquiries": "syncd_inquiries",
}
"""Canonical field -> contact property. HubSpot sets its own source properties itself, hence those of ours."""

OWNER = "hubspot_owner_id"
STAGE = "lifecyclestage"
LEAD_STATUS = "hs_lead_status"
MODIFIED = "lastmodifieddate"
ADDITIONAL = "hs_additional_emails"
MERGED = ("hs_merged_object_ids", "hs_calculated_merged_vids")

TASK_PROPERTIES = ("hs_timestamp", "hs_task_subject", "hs_task_body", "hs_task_type", "hs_task_priority", OWNER)

_TASK_TYPES = {"call": "CALL", "email": "EMAIL", "todo": "TODO"}
_PRIORITIES = {"low": "LOW", "normal": "MEDIUM", "high": "HIGH"}


def properties_from(fields: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Canonical fields -> contact properties; what has no property is left out, nothing is ever cleared."""
    return {names[field]: cut_text(value, LONGEST) for field, value in fields.items() if value and names.get(field)}


def fields_from(properties: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Contact properties -> canonical fields; empty ones are left out."""
    return {field: str(properties[name]) for field, name in names.items() if properties.get(name)}


def task_from(order: TaskOrder, queue: str, reminder: timedelta | None) -> dict[str, str]:
    """An order -> task properties, without its mark and its status."""
    properties = {
        "hs_timestamp": instant(order.due_at),
        "hs_task_subject": cut_text(order.subject, LONGEST),
        "hs_task_body": html_text(order.body, LONGEST),
        "hs_task_type": _TASK_TYPES.get(order.kind, "TODO"),
        "hs_task_priority": _PRIORITIES.get(order.priority, "MEDIUM"),
    }
    if reminder is not None:
        properties["hs_task_reminders"] = str(milliseconds(order.due_at - reminder))
    owner = order.owner.id if order.owner else queue
    return {**properties, OWNER: owner} if owner else properties


def note_from(order: NoteOrder) -> dict[str, str]:
    """An order -> note properties, without its mark."""
    properties = {"hs_timestamp": instant(order.at), "hs_note_body": html_text(order.body, LONGEST)}
    return {**properties, OWNER: order.owner.id} if order.owner else properties


def owner_from(row: Mapping[str, Any]) -> OwnerRef:
    """An owner as HubSpot lists it. Its id is not its userId."""
    name = " ".join(part for part in (row.get("firstName"), row.get("lastName")) if part)
    return OwnerRef(
        id=str(row["id"]),
        email=str(row.get("email") or "").lower(),
        name=name,
        active=not row.get("archived"),
        queue=row.get("type") == "QUEUE",
    )


def merged_ids(properties: Mapping[str, Any]) -> list[str]:
    """The records that were merged into this one (`id;id` or `id:time;id:time`)."""
    listed = (part for name in MERGED for part in str(properties.get(name) or "").split(";"))
    return list(dict.fromkeys(part.partition(":")[0] for part in listed if part))


def addresses(properties: Mapping[str, Any]) -> list[str]:
    """All addresses of a contact in lower case, its own first."""
    listed = f"{properties.get('email') or ''};{properties.get(ADDITIONAL) or ''}"
    return [address for address in listed.lower().split(";") if address]


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: datetime) -> int:
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def moment_of(value: object) -> datetime | None:
    """ISO 8601 or epoch milliseconds, as HubSpot writes both; None for anything else."""
    text = str(value or "")
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
