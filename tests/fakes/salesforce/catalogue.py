"""The fields of the objects the fake knows, as a describe shows them.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm

A line is a name, a type, a length and letters: n may be null, c can be set on create, u can be updated, d has a
default, l can be looked up by, F can stand in WHERE, r takes listed values only; then references and values.
Where recorded describes are at hand, a test compares.
"""

from collections.abc import Iterator, Mapping

from tests.fakes.salesforce.fields import Field

_SYSTEM = """
Id id 18 dlF
IsDeleted boolean 0 dF
CreatedDate datetime 0 dF
CreatedById reference 18 dF >User
LastModifiedDate datetime 0 dF
LastModifiedById reference 18 dF >User
SystemModstamp datetime 0 dF
"""

_INDUSTRIES = (
    "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|"
    "Education|Electronics|Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage|"
    "Government|Healthcare|Hospitality|Insurance|Machinery|Manufacturing|Media|Not For Profit|"
    "Recreation|Retail|Shipping|Technology|Telecommunications|Transportation"
)

_LEAD = f"""
MasterRecordId reference 18 nF >Lead
LastName string 80 cuF
FirstName string 40 ncuF
Salutation picklist 40 ncuF Mr.|Ms.|Mrs.|Dr.|Prof.|Mx.
Name string 121 F
Title string 128 ncuF
Company string 255 cuF
Street textarea 255 ncuF
City string 40 ncuF
State string 80 ncuF
PostalCode string 20 ncuF
Country string 80 ncuF
Phone phone 40 ncuF
MobilePhone phone 40 ncuF
Email email 80 nculF
Website url 255 ncuF
Description textarea 32000 ncu
LeadSource picklist 255 ncuF Web|Phone Inquiry|Partner Referral|Purchased List|Other
Status picklist 255 cudF Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted
Industry picklist 255 ncuF {_INDUSTRIES}
Rating picklist 255 ncuF Hot|Warm|Cold
NumberOfEmployees int 0 ncuF
OwnerId reference 18 cudF >Group,User
IsConverted boolean 0 cdF
ConvertedDate date 0 nF
ConvertedAccountId reference 18 nF >Account
ConvertedContactId reference 18 nF >Contact
ConvertedOpportunityId reference 18 nF >Opportunity
LastActivityDate date 0 nF
CleanStatus picklist 40 ncurF Matched|Different|Acknowledged|NotFound|Inactive|Pending|SelectMatch|Skipped
"""

_CONTACT = """
MasterRecordId reference 18 nF >Contact
AccountId reference 18 ncuF >Account
LastName string 80 cuF
FirstName string 40 ncuF
Salutation picklist 40 ncuF Mr.|Ms.|Mrs.|Dr.|Prof.
Name string 121 F
MailingStreet textarea 255 ncuF
MailingCity string 40 ncuF
MailingState string 80 ncuF
MailingPostalCode string 20 ncuF
MailingCountry string 80 ncuF
Phone phone 40 ncuF
MobilePhone phone 40 ncuF
Email email 80 nculF
Title string 128 ncuF
Department string 80 ncuF
LeadSource picklist 255 ncuF Web|Phone Inquiry|Partner Referral|Purchased List|Other
Description textarea 32000 ncu
OwnerId reference 18 cudF >User
LastActivityDate date 0 nF
CleanStatus picklist 40 ncurF Matched|Different|Acknowledged|NotFound|Inactive|Pending|SelectMatch|Skipped
"""

_ACCOUNT = """
MasterRecordId reference 18 nF >Account
Name string 255 cuF
Website url 255 ncuF
Phone phone 40 ncuF
OwnerId reference 18 cudF >User
"""

_EVENT = """
WhoId reference 18 ncuF >Contact,Lead
Subject combobox 255 ncuF Call|Email|Meeting|Send Letter/Quote|Other
ActivityDateTime datetime 0 ncuF
DurationInMinutes int 0 ncuF
Description textarea 32000 ncu
OwnerId reference 18 cudF >Calendar,User
"""

_TASK = """
WhoId reference 18 ncuF >Contact,Lead
WhatId reference 18 ncuF >Account,Opportunity
Subject combobox 255 ncuF Call|Email|Send Letter|Send Quote|Other
ActivityDate date 0 ncuF
Status picklist 40 cudF Not Started|In Progress|Completed|Waiting on someone else|Deferred
Priority picklist 40 cudF High|Normal|Low
Type picklist 40 ncuF Call|Email|Meeting|Other
TaskSubtype picklist 40 ncrF Task|Email|ListEmail|Call
Description textarea 32000 ncu
OwnerId reference 18 cudF >Group,User
IsClosed boolean 0 dF
IsReminderSet boolean 0 cudF
ReminderDateTime datetime 0 ncuF
CompletedDateTime datetime 0 nF
"""

_OPPORTUNITY = """
AccountId reference 18 ncuF >Account
Name string 120 cuF
StageName picklist 255 cuF Prospecting|Proposal/Price Quote|Closed Won|Closed Lost
Amount currency 0 ncuF
CloseDate date 0 cuF
IsClosed boolean 0 dF
IsWon boolean 0 dF
OwnerId reference 18 cudF >User
"""

_ROLE = """
OpportunityId reference 18 cF >Opportunity
ContactId reference 18 cuF >Contact
IsPrimary boolean 0 cudF
"""

_USER = """
Name string 121 F
FirstName string 40 ncuF
LastName string 80 cuF
Email email 128 cuF
Username string 80 cuF
IsActive boolean 0 cudF
UserType picklist 40 F Standard|PowerCustomerSuccess|CsnOnly|Guest
"""

_GROUP = """
Name string 40 cuF
DeveloperName string 80 cuF
Email email 255 ncuF
Type picklist 40 crF Regular|Queue|Role
"""

_QUEUE_OBJECT = """
QueueId reference 18 cF >Group
SobjectType picklist 40 cF
"""

_LEAD_HISTORY = """
LeadId reference 18 F >Lead
Field picklist 255 F
OldValue anyType 0 n
NewValue anyType 0 n
"""

_DUPLICATE_RULE = """
DeveloperName string 80 F
MasterLabel string 80 F
SobjectType picklist 40 F
IsActive boolean 0 F
"""

_PERMISSION_SET = """
Name string 80 cuF
Label string 80 cuF
Description string 255 ncuF
"""

_ASSIGNMENT = """
AssigneeId reference 18 cF >User
PermissionSetId reference 18 cF >PermissionSet
"""

_FIELD_PERMISSIONS = """
ParentId reference 18 cF >PermissionSet
SobjectType picklist 40 cF
Field picklist 255 cF
PermissionsRead boolean 0 cuF
PermissionsEdit boolean 0 cuF
"""

PREFIXES: Mapping[str, str] = {
    "Lead": "00Q",
    "Contact": "003",
    "Account": "001",
    "Task": "00T",
    "Event": "00U",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
    "User": "005",
    "Group": "00G",
    "QueueSobject": "03g",
    "LeadHistory": "017",
    "DuplicateRule": "0Bm",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa",
    "FieldPermissions": "01k",
}

_TABLES: Mapping[str, str] = {
    "Lead": _LEAD,
    "Contact": _CONTACT,
    "Account": _ACCOUNT,
    "Task": _TASK,
    "Event": _EVENT,
    "Opportunity": _OPPORTUNITY,
    "OpportunityContactRole": _ROLE,
    "User": _USER,
    "Group": _GROUP,
    "QueueSobject": _QUEUE_OBJECT,
    "LeadHistory": _LEAD_HISTORY,
    "DuplicateRule": _DUPLICATE_RULE,
    "PermissionSet": _PERMISSION_SET,
    "PermissionSetAssignment": _ASSIGNMENT,
    "FieldPermissions": _FIELD_PERMISSIONS,
}

OPT_OUT = "HasOptedOutOfEmail"


def standard_fields(name: str) -> dict[str, Field]:
    """As an organisation has them from the first day."""
    lines = filter(None, f"{_SYSTEM}{_TABLES[name]}".splitlines())
    return {field.name: field for field in map(_field, lines)}


def custom_fields() -> Iterator[tuple[str, Field]]:
    """Those that `syncd prepare` makes, by the object they are made on."""
    texts = ("First_Channel", "Last_Channel", "First_Campaign", "Last_Campaign")
    for name in ("Lead", "Contact"):
        yield name, Field("Syncd_Key__c", "string", 80, "ncuF", external=True, unique=True)
        yield name, Field("Syncd_First_Touch_At__c", "datetime", flags="ncuF")
        yield name, Field("Syncd_Inquiries__c", "double", flags="ncuF")
        for text in texts:
            yield name, Field(f"Syncd_{text}__c", "string", 255, "ncuF")
    yield "Contact", Field("Syncd_Company__c", "string", 255, "ncuF")
    yield "Activity", Field("Syncd_Mark__c", "string", 80, "ncuF", external=True, unique=True)


def opt_out() -> Field:
    """Of Leads and Contacts; often hidden from the user an integration runs as."""
    return Field(OPT_OUT, "boolean", flags="cudF")


def _field(line: str) -> Field:
    name, kind, length, flags, *rest = line.split(" ", 4)
    references, values = _more(rest[0] if rest else "")
    return Field(name, kind, int(length), flags, tuple(references), tuple(values))


def _more(text: str) -> tuple[Iterator[str] | tuple[()], Iterator[str] | tuple[()]]:
    if text.startswith(">"):
        return iter(text[1:].split(",")), ()
    return (), iter(text.split("|")) if text else ()
