"""The fields of the modules, as far as syncd has to do with them.

https://github.com/salesagility/SuiteCRM (modules/*/vardefs.php); SugarCRM has the same names.
"""

from dataclasses import dataclass

STATUSES = ("", "New", "Assigned", "In Process", "Converted", "Recycled", "Dead")
SOURCES = ("", "Cold Call", "Web Site", "Word of mouth", "Conference", "Campaign", "Other")
STAGES = ("Prospecting", "Qualification", "Closed Won", "Closed Lost")
TASKS = ("Not Started", "In Progress", "Completed", "Pending Input", "Deferred")
HELD = ("Planned", "Held", "Not Held")


@dataclass(frozen=True, slots=True)
class FieldDef:
    name: str
    type: str = "varchar"
    length: int | None = None
    required: bool = False
    options: tuple[str, ...] = ()


def _defs(*given: FieldDef) -> dict[str, FieldDef]:
    every = (
        FieldDef("id", "id", 36),
        FieldDef("date_entered", "datetime"),
        FieldDef("date_modified", "datetime"),
        FieldDef("modified_user_id", "id", 36),
        FieldDef("created_by", "id", 36),
        FieldDef("deleted", "bool"),
        FieldDef("assigned_user_id", "id", 36),
        FieldDef("description", "text"),
    )
    return {each.name: each for each in (*every, *given)}


_PERSON = (
    FieldDef("first_name", "varchar", 100),
    FieldDef("last_name", "varchar", 100, required=True),
    FieldDef("title", "varchar", 100),
    FieldDef("phone_work", "phone", 100),
    FieldDef("primary_address_street", "varchar", 150),
    FieldDef("primary_address_city", "varchar", 100),
    FieldDef("primary_address_state", "varchar", 100),
    FieldDef("primary_address_postalcode", "varchar", 20),
    FieldDef("primary_address_country", "varchar", 255),
    FieldDef("lead_source", "enum", 100, options=SOURCES),
)
_LEAD = (
    FieldDef("account_name", "varchar", 255),
    FieldDef("website", "url", 255),
    FieldDef("industry_c", "enum", 100, options=("", "Construction", "Trade")),
    FieldDef("status", "enum", 100, options=STATUSES),
    FieldDef("converted", "bool"),
    FieldDef("contact_id", "id", 36),
    FieldDef("opportunity_id", "id", 36),
)
_HANGING = (FieldDef("parent_type", "parent_type", 100), FieldDef("parent_id", "id", 36))
CUSTOM = (
    FieldDef("syncd_key_c", "varchar", 255),
    FieldDef("syncd_first_channel_c", "varchar", 255),
    FieldDef("syncd_last_channel_c", "varchar", 255),
    FieldDef("syncd_first_campaign_c", "varchar", 255),
    FieldDef("syncd_last_campaign_c", "varchar", 255),
    FieldDef("syncd_first_touch_at_c", "datetimecombo"),
    FieldDef("syncd_inquiries_c", "int"),
)
PEOPLE = ("Leads", "Contacts", "Users")  # who have addresses


def catalogue(*, custom: bool) -> dict[str, dict[str, FieldDef]]:
    name = FieldDef("name", "name", 255, required=True)
    ours = CUSTOM if custom else ()
    return {
        "Leads": _defs(*_PERSON, *_LEAD, *ours),
        "Contacts": _defs(*_PERSON, *ours, FieldDef("account_name", "relate", 255)),
        "Opportunities": _defs(name, FieldDef("sales_stage", "enum", options=STAGES), FieldDef("amount", "currency")),
        "Tasks": _defs(
            FieldDef("name", "name", 50, required=True),
            FieldDef("status", "enum", options=TASKS),
            FieldDef("date_due", "datetimecombo"),
            FieldDef("priority", "enum", options=("High", "Medium", "Low")),
            FieldDef("contact_id", "id", 36),
            *_HANGING,
        ),
        "Notes": _defs(name, FieldDef("contact_id", "id", 36), *_HANGING),
        "Calls": _defs(name, FieldDef("status", "enum", options=HELD), *_HANGING),
        "Meetings": _defs(name, FieldDef("status", "enum", options=HELD), *_HANGING),
        "Users": _defs(
            FieldDef("user_name", "user_name", 60),
            FieldDef("full_name", "name", 150),
            FieldDef("status", "enum", options=("Active", "Inactive")),
        ),
    }
