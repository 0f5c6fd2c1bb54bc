"""What can be wrong with a Zoho account."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.fakes.zoho import FakeZoho, Limits, Options
from tests.fakes.zoho.fields import INDUSTRIES, FieldDef

DAY = 1_000  # credits


@contextmanager
def start() -> Iterator[tuple[FakeZoho, dict[str, Any]]]:
    with FakeZoho(Options(owners=PEOPLE, limits=Limits(credits=DAY), restricted_picklists=True)) as fake:
        grant = {name: getattr(fake.options, name) for name in ("client_id", "client_secret", "refresh_token")}
        yield fake, {"type": "zoho", "oauth": grant, "accounts_url": fake.url, "api_url": fake.url,
                     "lead_status": "Not Contacted"}  # fmt: skip


def drop_field(fake: FakeZoho) -> None:
    del fake.account.modules["Leads"].fields["Syncd_Inquiries"]


def allow_duplicates(fake: FakeZoho) -> None:
    fields = fake.account.modules["Leads"].fields
    fields["Syncd_Key"] = replace(fields["Syncd_Key"], unique=False)


def change_type(fake: FakeZoho) -> None:
    fields = fake.account.modules["Leads"].fields
    fields["Syncd_First_Channel"] = replace(fields["Syncd_First_Channel"], type="boolean")


def require_field(fake: FakeZoho) -> None:
    fake.account.modules["Leads"].fields["Budget"] = FieldDef("Budget", mandatory=True, custom=True)


def require_field_of_tasks(fake: FakeZoho) -> None:
    fake.account.modules["Tasks"].fields["Outcome"] = FieldDef("Outcome", mandatory=True, custom=True)


def drop_choice(fake: FakeZoho) -> None:
    fields = fake.account.modules["Leads"].fields
    fields["Lead_Status"] = replace(fields["Lead_Status"], options=("Contacted", "Lost Lead"))


def deactivate(fake: FakeZoho) -> None:
    (tom,) = (user for user in fake.account.users.values() if user.email == "tom@example.com")
    tom.status = "disabled"


def take_scope(fake: FakeZoho) -> None:
    """A new grant, with less in it; tokens are given for it from now on."""
    fewer = "ZohoCRM.modules.ALL ZohoCRM.users.READ ZohoCRM.settings.fields.ALL"
    fake.account.tokens.options = replace(fake.options, scopes=fewer)
    fake.revoke_token()


def spend_the_day(fake: FakeZoho) -> None:
    fake.account.spent = DAY - 50


def shorten_list(fake: FakeZoho) -> None:
    fields = fake.account.modules["Leads"].fields
    fields["Industry"] = replace(fields["Industry"], options=fields["Industry"].options[1:])


def delete_field(fake: FakeZoho) -> None:
    del fake.account.modules["Leads"].fields["Designation"]


def make_read_only(fake: FakeZoho) -> None:
    fields = fake.account.modules["Leads"].fields
    fields["Website"] = replace(fields["Website"], read_only=True)


ZOHO = Case(
    "zoho",
    start,
    (
        Planted(drop_field, "field Leads.Syncd_Inquiries", "missing", "let syncd make it"),
        Planted(allow_duplicates, "field Leads.Syncd_Key", "not unique", "do not allow duplicate values"),
        Planted(change_type, "field Leads.Syncd_First_Channel", "is of type boolean", "name another field"),
        Planted(require_field, "field Leads.Budget", "Zoho demands it", "give it a value in `fixed`"),
        Planted(require_field_of_tasks, "field Tasks.Outcome", "Zoho demands it", "make it optional there"),
        Planted(drop_choice, "values of Leads.Lead_Status", "not in the account: Not Contacted", "name one of: Contac"),
        Planted(deactivate, "person tom", "has left there", "set `active: no`"),
        Planted(take_scope, "scopes", "missing: ZohoCRM.coql.READ", "make a new grant with the scopes"),
        Planted(spend_the_day, "calls of the day", "of 1000 left today", "find out which program"),
        Planted(lambda _: {"map": {"how_heard": "Nowhere"}}, "map.how_heard", "no field Leads.Nowhere", "API name"),
    ),
    (Planted(FakeZoho.revoke_grant, "connection", "invalid_code", "put in a login that is good"),),
    (
        Planted(require_field, "change of field Leads.Budget", "must be filled now", "`fixed`"),
        Planted(shorten_list, "change of field Leads.Industry", "no longer a choice: ", "the list"),
        Planted(delete_field, "change of field Leads.Designation", "has gone", "stand in the note alone"),
        Planted(make_read_only, "change of field Leads.Website", "can no longer be written", "edit it"),
    ),
    ("industry", INDUSTRIES[0]),
    lambda fake: fake.rows("Leads")[0].get("Industry") or "",
    lambda fake: [note["Note_Content"] for note in fake.rows("Notes")],
)
