"""Tables and their columns as a Dynamics 365 Sales environment has them, as far as syncd touches them.

https://learn.microsoft.com/dynamics365/developer/reference/entities/lead
https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/task
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str  # as AttributeType says it
    length: int = 0
    choices: Mapping[int, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)  # of a lookup: navigation property -> table
    writable: bool = True

    @property
    def lookup(self) -> bool:
        return bool(self.targets)

    @property
    def shown(self) -> str:
        """How the API reads it."""
        return f"_{self.name}_value" if self.lookup else self.name


@dataclass
class Key:
    name: str
    columns: tuple[str, ...]
    active_at: datetime
    failed: bool = False


@dataclass
class Table:
    name: str
    set: str
    id: str
    columns: dict[str, Column]
    keys: list[Key] = field(default_factory=list)
    required: tuple[str, ...] = ()

    def shown(self) -> dict[str, Column]:
        return {column.shown: column for column in self.columns.values()}

    def navigation(self, name: str) -> tuple[Column, str] | None:
        """The column behind a navigation property, and the table it leads to; empty: any owner."""
        for column in self.columns.values():
            if name in column.targets:
                return column, column.targets[name]
        return None


def tables() -> dict[str, Table]:
    made = {name: Table(name, found[0], found[1], dict(_columns(name)), [], found[2]) for name, found in _NAMES.items()}
    assert all(table.id in table.columns for table in made.values())
    return made


def _columns(table: str) -> Iterator[tuple[str, Column]]:
    _, key, _ = _NAMES[table]
    yield key, Column(key, "Uniqueidentifier")
    for name, kind in _STAMPS.items():
        targets = {name: "systemuser"} if kind == "Lookup" else {}
        yield name, Column(name, kind, targets=targets, writable=False)
    if table not in ("systemuser", "publisher", "solution"):
        yield "ownerid", Column("ownerid", "Owner", targets={"ownerid": ""})
    for line in _LINES[table].split("\n"):
        name, _, said = line.strip().partition(" ")
        if name:
            yield name, _column(name, said)


def _column(name: str, said: str) -> Column:
    kind, _, more = said.partition(" ")
    if kind in ("String", "Memo"):
        return Column(name, kind, length=int(more))
    if kind in ("Picklist", "State", "Status"):
        choices = dict(pair.split("=", 1) for pair in more.split(","))
        return Column(name, kind, choices={int(number): label for number, label in choices.items()})
    if kind == "Lookup":
        targets = dict(pair.split(":") for pair in more.split(","))
        return Column(name, kind, targets=targets)
    return Column(name, kind, writable=more != "read")


_STAMPS = {"createdon": "DateTime", "modifiedon": "DateTime", "createdby": "Lookup", "modifiedby": "Lookup"}
_NAMES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "lead": ("leads", "leadid", ()),
    "contact": ("contacts", "contactid", ()),
    "account": ("accounts", "accountid", ()),
    "opportunity": ("opportunities", "opportunityid", ()),
    "task": ("tasks", "activityid", ()),
    "phonecall": ("phonecalls", "activityid", ()),
    "email": ("emails", "activityid", ()),
    "appointment": ("appointments", "activityid", ()),
    "annotation": ("annotations", "annotationid", ()),
    "systemuser": ("systemusers", "systemuserid", ()),
    "team": ("teams", "teamid", ()),
    "publisher": ("publishers", "publisherid", ("uniquename", "friendlyname", "customizationprefix")),
    "solution": ("solutions", "solutionid", ("uniquename", "friendlyname", "version", "publisherid")),
}
_PERSON = """
    firstname String 50
    lastname String 50
    emailaddress1 String 100
    emailaddress2 String 100
    emailaddress3 String 100
    telephone1 String 50
    mobilephone String 50
    jobtitle String 100
    websiteurl String 200
    address1_line1 String 250
    address1_city String 80
    address1_stateorprovince String 50
    address1_postalcode String 20
    address1_country String 80
    description Memo 2000
    donotemail Boolean
    merged Boolean read
"""
_OPEN = "statecode State 0=Open,1=Completed,2=Canceled\n"
_LINES: Mapping[str, str] = {
    "lead": _PERSON
    + """
    subject String 300
    companyname String 100
    numberofemployees Integer
    industrycode Picklist 1=Accounting,6=Consulting,11=Durable Manufacturing,20=Inbound Repair and Services
    leadsourcecode Picklist 1=Advertisement,4=Partner,7=Trade Show,8=Web,9=Word of Mouth,10=Other
    masterid Lookup masterid:lead
    parentcontactid Lookup parentcontactid:contact
    parentaccountid Lookup parentaccountid:account
    statecode State 0=Open,1=Qualified,2=Disqualified
    statuscode Status 1=New,2=Contacted,3=Qualified,4=Lost,5=Cannot Contact,6=No Longer Interested,7=Canceled
    """,
    "contact": _PERSON
    + """
    leadsourcecode Picklist 1=Default Value
    masterid Lookup masterid:contact
    originatingleadid Lookup originatingleadid:lead
    parentcustomerid Lookup parentcustomerid_account:account,parentcustomerid_contact:contact
    statecode State 0=Active,1=Inactive
    statuscode Status 1=Active,2=Inactive
    """,
    "account": "name String 160",
    "opportunity": """
    name String 300
    actualvalue Money
    originatingleadid Lookup originatingleadid:lead
    parentcontactid Lookup parentcontactid:contact
    statecode State 0=Open,1=Won,2=Lost
    statuscode Status 1=In Progress,2=On Hold,3=Won,4=Canceled,5=Out-Sold
    """,
    "task": _OPEN
    + """
    subject String 200
    description Memo 2000
    scheduledend DateTime
    actualend DateTime
    prioritycode Picklist 0=Low,1=Normal,2=High
    statuscode Status 2=Not Started,3=In Progress,5=Completed,6=Canceled
    regardingobjectid Lookup regardingobjectid_lead_task:lead,regardingobjectid_contact_task:contact
    """,
    "phonecall": _OPEN
    + """
    subject String 200
    actualend DateTime
    directioncode Boolean
    regardingobjectid Lookup regardingobjectid_lead_phonecall:lead,regardingobjectid_contact_phonecall:contact
    """,
    "email": _OPEN
    + """
    subject String 800
    actualend DateTime
    directioncode Boolean
    regardingobjectid Lookup regardingobjectid_lead_email:lead,regardingobjectid_contact_email:contact
    """,
    "appointment": """
    statecode State 0=Open,1=Completed,2=Canceled,3=Scheduled
    subject String 200
    actualend DateTime
    regardingobjectid Lookup regardingobjectid_lead_appointment:lead,regardingobjectid_contact_appointment:contact
    """,
    "annotation": """
    subject String 500
    notetext Memo 100000
    objectid Lookup objectid_lead:lead,objectid_contact:contact
    """,
    "systemuser": """
    fullname String 200
    internalemailaddress String 100
    isdisabled Boolean
    applicationid Uniqueidentifier
    """,
    "team": """
    name String 160
    emailaddress String 100
    teamtype Picklist 0=Owner,1=Access,2=Security Group,3=Office Group
    """,
    "publisher": """
    uniquename String 256
    friendlyname String 256
    customizationprefix String 8
    customizationoptionvalueprefix Integer
    """,
    "solution": """
    uniquename String 65
    friendlyname String 256
    version String 256
    publisherid Lookup publisherid:publisher
    """,
}
