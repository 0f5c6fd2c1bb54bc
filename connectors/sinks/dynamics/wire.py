"""Names of Dataverse beside ours, one function per direction.

Leads: https://learn.microsoft.com/dynamics365/developer/reference/entities/lead
Contacts: https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/contact
Tasks: https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/task
Notes: https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/annotation
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.schema import Table
from connectors.sinks.dynamics.values import decode, guid_of, instant
from syncd.connector import OwnerRef, Ref, TaskOrder, cut_utf16, marked_plain

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A table of people."""

    table: str
    set: str
    id: str


LEAD, CONTACT = Kind("lead", "leads", "leadid"), Kind("contact", "contacts", "contactid")
KINDS: Mapping[str, Kind] = {"lead": LEAD, "contact": CONTACT}
SETS: Mapping[str, Kind] = {kind.set: kind for kind in KINDS.values()}

_COMMON: Mapping[str, str] = {
    "email": "emailaddress1",
    "first_name": "firstname",
    "last_name": "lastname",
    "phone": "telephone1",
    "job_title": "jobtitle",
    "website": "websiteurl",
    "street": "address1_line1",
    "city": "address1_city",
    "state": "address1_stateorprovince",
    "postal_code": "address1_postalcode",
    "country": "address1_country",
    "message": "description",
    "lead_source": "leadsourcecode",
    "first_channel": "syncd_firstchannel",
    "last_channel": "syncd_lastchannel",
    "first_campaign": "syncd_firstcampaign",
    "last_campaign": "syncd_lastcampaign",
    "first_touch_at": "syncd_firsttouchat",
    "inquiries": "syncd_inquiries",
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "lead": {
        **_COMMON,
        "company": "companyname",
        "industry": "industrycode",
        "company_size": "numberofemployees",
        "subject": "subject",
    },
    "contact": {**_COMMON, "company": "syncd_company", "lead_source": "syncd_leadsource"},
}
"""Canonical field -> column. An account is a person's decision, so the company of a contact is a text; of the sources
of a contact Dataverse lists none.
"""

EMAILS = ("emailaddress1", "emailaddress2", "emailaddress3")
_PRIORITIES = {"low": 0, "normal": 1, "high": 2}
_MARKS = UUID("6f0e2c53-8f5d-5a53-9d0b-6f7e1a1c2d34")


def names_for(table: str, options: DynamicsOptions) -> dict[str, str]:
    return {field: name for field, name in {**NAMES[table], **options.map}.items() if name}


def values_from(fields: Mapping[str, str], names: Mapping[str, str], options: DynamicsOptions) -> dict[str, str]:
    """Canonical fields -> columns; nothing is ever cleared."""
    given = {**fields}
    if "lead_source" in given:
        given["lead_source"] = options.lead_sources.get(given["lead_source"], given["lead_source"])
    return {names[field]: value for field, value in given.items() if value and field in names}


def fields_from(row: Row, names: Mapping[str, str], table: Table, options: DynamicsOptions) -> dict[str, str]:
    """The row of a person -> canonical fields; empty ones and our own fillers are left out."""
    fillers = fillers_for("lead", options)
    told = {field: decode(row.get(name), table.choices(name)) for field, name in names.items()}
    return {field: value for field, value in told.items() if value and value != fillers.get(names[field])}


def fillers_for(table: str, options: DynamicsOptions) -> dict[str, str]:
    """What people expect of a new record and nobody has told."""
    return {"lastname": options.unnamed, **({"subject": options.topic} if table == "lead" else {})}


def place_of(ref: Ref | None) -> tuple[Kind, str] | None:
    """The table and the id behind a ref of ours."""
    name, _, row_id = ref.id.partition("/") if ref else ("", "", "")
    return (SETS[name], row_id) if name in SETS and guid_of(row_id) else None


def bound(kind: Kind, row_id: str) -> str:
    return f"/{kind.set}({row_id})"


def owner_bound(owner: OwnerRef) -> str:
    return f"/{'teams' if owner.queue else 'systemusers'}({owner.id})"


def task_from(order: TaskOrder, room: int, subject_room: int) -> dict[str, Any]:
    """An order -> columns of a task, without person and owner."""
    return {
        "subject": cut_utf16(" ".join(order.subject.split()), subject_room),
        "description": marked(order.body, order.mark, room),
        "scheduledend": instant(order.due_at),
        "prioritycode": _PRIORITIES.get(order.priority, 1),
    }


def marked(text: str, mark: str, room: int) -> str:
    """The mark can be read there, by people too; what keeps it single is the id."""
    line = len(marked_plain("", mark, room))
    return marked_plain(cut_utf16(text, room - line), mark, room)


def id_of(word: str, mark: str) -> str:
    """The id of the task or note of a mark: who makes it again is refused, for it is there."""
    return str(uuid5(_MARKS, f"{word}:{mark}"))


def user_from(row: Row) -> OwnerRef:
    return OwnerRef(
        id=guid_of(row.get("systemuserid")),
        email=str(row.get("internalemailaddress") or "").lower(),
        name=str(row.get("fullname") or ""),
        active=row.get("isdisabled") is False,
    )


def team_from(row: Row, email: str) -> OwnerRef:
    name = str(row.get("name") or "")
    return OwnerRef(id=guid_of(row.get("teamid")), email=email.lower(), name=name, queue=True)
