"""What can be wrong with a Salesforce organisation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.fakes.salesforce import FakeSalesforce, Options
from tests.fakes.salesforce.fields import Field

DAY = 300  # calls


@contextmanager
def start() -> Iterator[tuple[FakeSalesforce, dict[str, Any]]]:
    options = Options(
        users=PEOPLE, queues=("Inbound",), daily_limit=DAY, maps_keys=False, versions=("30.0", "66.0", "68.0")
    )
    with FakeSalesforce(options) as fake:
        login = {"client_id": options.client_id, "client_secret": options.client_secret}
        yield fake, {"type": "salesforce", "login_url": fake.url, "client_credentials": login,
                     "lead_sources": {"Website": "Web"}}  # fmt: skip


def drop_field(fake: FakeSalesforce) -> None:
    del fake.org.tables["Lead"].fields["Syncd_Inquiries__c"]


def change_type(fake: FakeSalesforce) -> None:
    fields = fake.org.tables["Lead"].fields
    fields["Syncd_First_Channel__c"] = replace(fields["Syncd_First_Channel__c"], type="boolean")


def require_field(fake: FakeSalesforce) -> None:
    fake.org.tables["Lead"].fields["Region__c"] = Field("Region__c", "string", 40, "cuF")


def require_field_of_tasks(fake: FakeSalesforce) -> None:
    fake.org.tables["Task"].fields["Outcome__c"] = Field("Outcome__c", "string", 40, "cuF")


def drop_choice(fake: FakeSalesforce) -> None:
    fields = fake.org.tables["Lead"].fields
    fields["LeadSource"] = replace(fields["LeadSource"], values=("Phone Inquiry", "Other"))


def deactivate(fake: FakeSalesforce) -> None:
    (tom,) = (row for row in fake.records("User") if row["Email"] == "tom@example.com")
    fake.deactivate(tom["Id"])


def lose_a_key(fake: FakeSalesforce) -> None:
    """A lead of ours is converted, and the organisation does not map the key."""
    values = {"LastName": "Berg", "Company": "Berg Bau", "Syncd_Key__c": "lead-1"}
    fake.people.convert(fake.people.add("Lead", values))


def spend_the_day(fake: FakeSalesforce) -> None:
    while fake.org.meter.left(fake.org.now())[0] > 28:
        fake.org.meter.count(fake.org.now())


def shorten_list(fake: FakeSalesforce) -> None:
    fields = fake.org.tables["Lead"].fields
    fields["LeadSource"] = replace(fields["LeadSource"], values=("Web", "Phone Inquiry"))


def hide_field(fake: FakeSalesforce) -> None:
    fake.org.tables["Lead"].hidden.add("Title")


def make_a_number(fake: FakeSalesforce) -> None:
    fields = fake.org.tables["Lead"].fields
    fields["Industry"] = replace(fields["Industry"], type="double")


SALESFORCE = Case(
    "salesforce",
    start,
    (
        Planted(lose_a_key, "key after conversion", "has lost it", "Map Lead Fields"),
        Planted(drop_field, "field Lead.Syncd_Inquiries__c", "missing, or hidden", "prepare --apply"),
        Planted(change_type, "field Lead.Syncd_First_Channel__c", "is of type boolean", "change its type"),
        Planted(require_field, "required field Lead.Region__c", "nothing fills it", "fixed: {Region__c: ...}"),
        Planted(require_field_of_tasks, "required field Task.Outcome__c", "nothing fills it", "make it optional"),
        Planted(drop_choice, "values of Lead.LeadSource", "not in the organisation: Web", "name one of: Phone Inquiry"),
        Planted(deactivate, "person tom", "has left there", "set `active: no`"),
        Planted(spend_the_day, "calls of the last 24 hours", " of 300", "find out what else uses the API"),
        Planted(lambda _: {"api_version": "30.0"}, "API version 30.0", "not offered", "set api_version: 68.0"),
        Planted(lambda _: {"queues": {"in@example.com": "No_Queue"}}, "queue No_Queue", "not there", "Inbound"),
        Planted(lambda _: {"map": {"message": "Nope__c"}}, "map.message", "hidden from us", "by its API name"),
    ),
    (
        Planted(FakeSalesforce.refuse_login, "connection", "invalid_grant", "put in a login that is good"),
        Planted(lambda _: {"api_version": "20.0"}, "API version 20.0", "not offered", "set api_version: 68.0"),
    ),
    (
        Planted(require_field, "change of field Lead.Region__c", "must be filled now", "`fixed`"),
        Planted(shorten_list, "change of field Lead.LeadSource", "no longer a choice: Other, Partner", "the list"),
        Planted(hide_field, "change of field Lead.Title", "has gone", "stand in the note alone"),
        Planted(make_a_number, "change of field Lead.Industry", "was of type picklist, is double", "map its values"),
    ),
    ("industry", "Banking"),
    lambda fake: fake.records("Lead")[0].get("Industry", ""),
    lambda fake: [task["Description"] for task in fake.records("Task") if task["Status"] == "Completed"],
)
