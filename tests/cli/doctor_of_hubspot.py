"""What can be wrong with a HubSpot account."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.fakes.hubspot import FakeHubSpot, Limits, Options

DAY = 400  # calls


@contextmanager
def start() -> Iterator[tuple[FakeHubSpot, dict[str, Any]]]:
    with FakeHubSpot(Options(owners=PEOPLE, limits=Limits(burst=10_000, daily=DAY, search=None))) as fake:
        make_a_list(fake)
        yield fake, {"type": "hubspot", "base_url": fake.url, "token": fake.token, "lead_status": "NEW"}


def drop_property(fake: FakeHubSpot) -> None:
    del fake.account.tables["contacts"].definitions.by_name["syncd_key"]


def change_type(fake: FakeHubSpot) -> None:
    definitions = fake.account.tables["contacts"].definitions
    definitions.keep(replace(definitions.by_name["syncd_lead_source"], type="number", field_type="number"))


def drop_choice(fake: FakeHubSpot) -> None:
    definitions = fake.account.tables["contacts"].definitions
    known = definitions.by_name["hs_lead_status"]
    definitions.keep(replace(known, options=tuple(each for each in known.options if each[1] != "NEW")))


def archive_owner(fake: FakeHubSpot) -> None:
    (tom,) = (owner for owner in fake.account.owners.by_id.values() if owner.email == "tom@example.com")
    fake.archive_owner(tom.id)


def take_scope(fake: FakeHubSpot) -> None:
    fake.account.options = replace(fake.account.options, scopes=fake.options.scopes - {"crm.objects.contacts.write"})


def spend_the_day(fake: FakeHubSpot) -> None:
    fake.account.meter.today = DAY - 35


def shorten_list(fake: FakeHubSpot) -> None:
    definitions = fake.account.tables["contacts"].definitions
    known = definitions.by_name["hs_lead_status"]
    definitions.keep(replace(known, options=known.options[:-1]))


def make_read_only(fake: FakeHubSpot) -> None:
    definitions = fake.account.tables["contacts"].definitions
    definitions.keep(replace(definitions.by_name["jobtitle"], read_only=True))


def make_a_list(fake: FakeHubSpot, name: str = "industry") -> None:
    definitions = fake.account.tables["contacts"].definitions
    options = (("Trade", "TRADE"),)
    definitions.keep(replace(definitions.by_name[name], type="enumeration", field_type="select", options=options))


HUBSPOT = Case(
    "hubspot",
    start,
    (
        Planted(drop_property, "property contacts.syncd_key", "missing", "let syncd make it"),
        Planted(change_type, "property contacts.syncd_lead_source", "is of type number", "delete the property"),
        Planted(drop_choice, "values of contacts.hs_lead_status", "not in the account: NEW", "name one of: ATTEMPTED"),
        Planted(archive_owner, "person tom", "has left there", "set `active: no`"),
        Planted(take_scope, "scope crm.objects.contacts.write", "MISSING_SCOPES", "give the app the scope"),
        Planted(spend_the_day, "calls of the day", "of 400 left today", "find out which program uses them up"),
        Planted(lambda _: {"map": {"message": "no_such"}}, "map.message", "not in the account", "internal name"),
        Planted(lambda _: {"owner_default_queue": "99"}, "owner_default_queue", "no active owner", "owner id of"),
    ),
    (
        Planted(FakeHubSpot.revoke_token, "connection", "answered 401", "put in a login that is good"),
        Planted(lambda fake: fake.stop(), "connection", "not sent", "whether the address is right"),
    ),
    (
        Planted(
            shorten_list, "change of property contacts.hs_lead_status", "no longer a choice: BAD_TIMING", "the list"
        ),
        Planted(make_read_only, "change of property contacts.jobtitle", "no longer be written", "edit it"),
        Planted(
            lambda fake: make_a_list(fake, "city"),
            "change of property contacts.city",
            "was of type string, is enumeration",
            "map its",
        ),
    ),
    ("industry", "TRADE"),
    lambda fake: fake.contacts[0]["properties"].get("industry") or "",
    lambda fake: [note["properties"]["hs_note_body"] for note in fake.notes],
)
