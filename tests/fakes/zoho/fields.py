"""The fields of each module: what an account has from the start, and how they are described.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

STATUSES = (
    "Attempted to Contact", "Contact in Future", "Contacted", "Junk Lead", "Lost Lead", "Not Contacted",
    "Pre-Qualified", "Not Qualified",
)  # fmt: skip
SOURCES = ("Advertisement", "Cold Call", "Employee Referral", "Online Store", "Partner", "Web Download", "Chat")
INDUSTRIES = ("ASP (Application Service Provider)", "ERP (Enterprise Resource Planning)", "Government/Military")
STAGES = ("Qualification", "Negotiation/Review", "Closed Won", "Closed Lost")


@dataclass(frozen=True, slots=True)
class FieldDef:
    name: str
    type: str = "text"
    length: int = 255
    mandatory: bool = False
    read_only: bool = False
    unique: bool = False
    checked: bool = False  # a system field by which duplicates may be checked
    custom: bool = False
    module: str = ""  # of a lookup
    options: tuple[str, ...] = ()

    def described(self, number: int) -> dict[str, Any]:
        """As the API tells it, without what does not apply."""
        return {
            "id": str(5_000_000_000_000_000_000 + number),
            "api_name": self.name,
            "field_label": self.name.replace("_", " "),
            "display_label": self.name.replace("_", " "),
            "data_type": self.type,
            "json_type": _JSON.get(self.type, "string"),
            "length": self.length,
            "system_mandatory": self.mandatory,
            "read_only": self.read_only,
            "field_read_only": self.read_only,
            "custom_field": self.custom,
            "visible": True,
            "unique": {"casesensitive": "false"} if self.unique else {},
            "lookup": {"module": {"api_name": self.module}} if self.module else {},
            "pick_list_values": [
                {"colour_code": None, "actual_value": value, "display_value": value, "reference_value": value,
                 "type": "used", "id": str(6_000_000 + place), "sequence_number": place}
                for place, value in enumerate(self.options)
            ],
        }  # fmt: skip


_JSON = {"integer": "integer", "double": "double", "boolean": "boolean", "lookup": "jsonobject",
         "ownerlookup": "jsonobject", "reminder": "jsonobject"}  # fmt: skip
SYSTEM = (
    FieldDef("Owner", "ownerlookup"),
    FieldDef("Created_By", "ownerlookup", read_only=True),
    FieldDef("Modified_By", "ownerlookup", read_only=True),
    FieldDef("Created_Time", "datetime", read_only=True),
    FieldDef("Modified_Time", "datetime", read_only=True),
    FieldDef("Layout", "layout"),
)
_PERSON = (
    *SYSTEM,
    FieldDef("Email", "email", 100, checked=True),
    FieldDef("Secondary_Email", "email", 100),
    FieldDef("First_Name", length=40),
    FieldDef("Last_Name", length=80, mandatory=True),
    FieldDef("Phone", "phone", 30),
    FieldDef("Mobile", "phone", 30),
    FieldDef("Lead_Source", "picklist", 120, options=SOURCES),
    FieldDef("Description", "textarea", 32_000),
    FieldDef("Email_Opt_Out", "boolean", 5),
)
CATALOGUE: Mapping[str, tuple[FieldDef, ...]] = {
    "Leads": (
        *_PERSON,
        FieldDef("Company", length=200, mandatory=True),
        FieldDef("Designation", length=100),
        FieldDef("Website", "website", 255),
        FieldDef("Street", length=250),
        FieldDef("City", length=100),
        FieldDef("State", length=100),
        FieldDef("Zip_Code", length=30),
        FieldDef("Country", length=100),
        FieldDef("Industry", "picklist", 120, options=INDUSTRIES),
        FieldDef("No_of_Employees", "integer", 16),
        FieldDef("Lead_Status", "picklist", 120, options=STATUSES),
        FieldDef("Converted_Contact", "lookup", read_only=True, module="Contacts"),
    ),
    "Contacts": (
        *_PERSON,
        FieldDef("Account_Name", "lookup", module="Accounts"),
        FieldDef("Title", length=100),
        FieldDef("Mailing_Street", length=250),
        FieldDef("Mailing_City", length=100),
        FieldDef("Mailing_State", length=100),
        FieldDef("Mailing_Zip", length=30),
        FieldDef("Mailing_Country", length=100),
    ),
    "Accounts": (*SYSTEM, FieldDef("Account_Name", length=200, mandatory=True)),
    "Tasks": (
        *SYSTEM,
        FieldDef("Subject", length=255, mandatory=True),
        FieldDef("Description", "textarea", 32_000),
        FieldDef("Due_Date", "date", 20),
        FieldDef("Status", "picklist", 120, options=("Not Started", "Deferred", "In Progress", "Completed")),
        FieldDef("Priority", "picklist", 120, options=("High", "Highest", "Low", "Lowest", "Normal")),
        FieldDef("What_Id", "lookup", module="$se_module"),
        FieldDef("Who_Id", "lookup", module="Contacts"),
        FieldDef("Closed_Time", "datetime", read_only=True),
        FieldDef("Remind_At", "reminder"),
    ),
    "Calls": (*SYSTEM, FieldDef("Subject"), FieldDef("What_Id", "lookup", module="$se_module"),
              FieldDef("Who_Id", "lookup", module="Contacts")),
    "Deals": (*SYSTEM, FieldDef("Deal_Name", length=120, mandatory=True),
              FieldDef("Stage", "picklist", 120, mandatory=True, options=STAGES),
              FieldDef("Contact_Name", "lookup", module="Contacts")),
    "Notes": (
        *SYSTEM,
        FieldDef("Note_Title", length=120),
        FieldDef("Note_Content", "textarea", 32_000, mandatory=True),
        FieldDef("Parent_Id", "lookup", mandatory=True, module="$parent"),
    ),
}  # fmt: skip


def initial(module: str) -> dict[str, FieldDef]:
    return {each.name: each for each in CATALOGUE[module]}


def custom(label: str, kind: str, length: int, *, unique: bool) -> FieldDef:
    """Zoho makes the API name of the label."""
    return replace(FieldDef(label.replace(" ", "_"), kind, length), unique=unique, custom=True)
