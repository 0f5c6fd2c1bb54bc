"""The properties every account starts with, as far as a lead's life touches them.

One line a property: name, type, flags and options. `!` marks what HubSpot sets by itself
(writing it is refused), `*` a list of several options joined by semicolons.
"""

from collections.abc import Iterator

from tests.fakes.hubspot.values import Property

STAGES = "subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer evangelist other"
LEAD_STATUSES = "NEW OPEN IN_PROGRESS OPEN_DEAL UNQUALIFIED ATTEMPTED_TO_CONTACT CONNECTED BAD_TIMING"

_OWNED = """
hubspot_owner_id owner
hubspot_owner_assigneddate datetime!
hs_object_id number!
hs_merged_object_ids enumeration!*
"""
_TOUCHED = """
notes_last_contacted datetime!
notes_last_updated datetime!
notes_next_activity_date datetime!
num_contacted_notes number!
num_notes number!
hs_sa_first_engagement_date datetime!
"""
_PLACED = """
phone phone_number
address string
city string
state string
zip string
country string
website string
annualrevenue number
hs_analytics_source enumeration!
hs_latest_source enumeration!
"""
_CONTACTS = f"""
email email
firstname string
lastname string
mobilephone phone_number
fax string
company string
jobtitle string
salutation string
industry string
message string
numemployees string
hs_language enumeration en de fr es it nl pt da sv
hs_email_optout bool!
hs_email_domain string!
hs_additional_emails enumeration!*
hs_searchable_calculated_phone_number string!
hs_calculated_merged_vids enumeration!*
associatedcompanyid number!
hubspotscore number!
createdate datetime!
lastmodifieddate datetime!
lifecyclestage enumeration {STAGES}
hs_lead_status enumeration {LEAD_STATUSES}
"""
_COMPANIES = f"""
name string
domain string
description string
industry enumeration COMPUTER_SOFTWARE CONSTRUCTION CONSUMER_GOODS MACHINERY TELECOMMUNICATIONS
numberofemployees number
linkedin_company_page string
hs_additional_domains enumeration!*
createdate datetime!
hs_lastmodifieddate datetime!
lifecyclestage enumeration {STAGES}
hs_lead_status enumeration {LEAD_STATUSES}
"""
_LOGGED = """
hs_timestamp datetime
hs_createdate datetime!
hs_lastmodifieddate datetime!
hs_created_by_user_id number!
"""
_TASKS = """
hs_task_subject string
hs_task_body string
hs_task_status enumeration NOT_STARTED IN_PROGRESS WAITING DEFERRED COMPLETED
hs_task_priority enumeration NONE LOW MEDIUM HIGH
hs_task_type enumeration TODO CALL EMAIL
hs_task_reminders string
hs_task_completion_date datetime!
hs_task_is_completed number!
hs_queue_membership_ids enumeration*
"""
_NOTES = """
hs_note_body string
hs_attachment_ids string
"""

GROUPS = {
    "contacts": "contactinformation",
    "companies": "companyinformation",
    "tasks": "task",
    "notes": "note",
}
_LINES = {
    "contacts": _CONTACTS + _OWNED + _TOUCHED + _PLACED,
    "companies": _COMPANIES + _OWNED + _TOUCHED + _PLACED,
    "tasks": _TASKS + _OWNED + _LOGGED,
    "notes": _NOTES + _OWNED + _LOGGED,
}


def properties_at_start(kind: str) -> Iterator[Property]:
    for line in _LINES[kind].split("\n"):
        if line:
            yield _property(GROUPS[kind], *line.split())


def _property(group: str, name: str, form: str, *options: str) -> Property:
    kept = form.rstrip("!*")
    fields = {
        "owner": "select",
        "enumeration": "checkbox" if "*" in form else "select",
        "phone_number": "phonenumber",
        "bool": "booleancheckbox",
        "number": "number",
        "datetime": "date",
    }
    return Property(
        name=name,
        label=name.replace("_", " ").capitalize(),
        type={"owner": "enumeration", "email": "string"}.get(kept, kept),
        field_type=fields.get(kept, "text"),
        group=group,
        options=tuple((option.replace("_", " ").capitalize(), option) for option in options),
        external=kept if kept in {"owner", "email"} else "",
        read_only="!" in form,
        unique=kept == "email",
        native=True,
    )
