"""What can be wrong with an installation of SugarCRM; SuiteCRM is looked at by the same parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.connectors.sugar_world import login
from tests.fakes.sugar import FakeSugar, Options
from tests.fakes.sugar.fields import FieldDef


@contextmanager
def start() -> Iterator[tuple[FakeSugar, dict[str, Any]]]:
    with FakeSugar(Options(users=PEOPLE)) as fake:
        yield fake, {"type": "sugarcrm", **login(fake, "sugarcrm"), "lead_status": "New"}


def fields(fake: FakeSugar) -> dict[str, FieldDef]:
    return fake.account.fields["Leads"]


def change_type(fake: FakeSugar) -> None:
    fields(fake)["syncd_key_c"] = FieldDef("syncd_key_c", "int")


def require_field(fake: FakeSugar) -> None:
    fields(fake)["budget_c"] = FieldDef("budget_c", required=True)


def drop_choice(fake: FakeSugar) -> None:
    fields(fake)["status"] = replace(fields(fake)["status"], options=("", "Assigned", "Dead"))


def shorten_list(fake: FakeSugar) -> None:
    fields(fake)["lead_source"] = replace(fields(fake)["lead_source"], options=("", "Web Site"))


def delete_field(fake: FakeSugar) -> None:
    del fields(fake)["website"]


def deactivate(fake: FakeSugar) -> None:
    (tom,) = (user for user in fake.account.live("Users") if user.emails == ["tom@example.com"])
    tom.values["status"] = "Inactive"


SUGAR = Case(
    "sugarcrm",
    start,
    (
        Planted(change_type, "field Leads.syncd_key_c", "is of type int", "in Studio"),
        Planted(require_field, "field Leads.budget_c", "the CRM demands it", "give it a value in `fixed`"),
        Planted(drop_choice, "values of Leads.status", "not on the list: New", "name one of: Assigned, Dead"),
        Planted(deactivate, "person tom", "has left there", "set `active: no`"),
        Planted(lambda _: {"map": {"how_heard": "nowhere_c"}}, "map.how_heard", "no field Leads.nowhere_c", "Studio"),
        Planted(lambda _: {"fixed": {"colour_c": "red"}}, "fixed.colour_c", "no field Leads.colour_c", "Studio"),
    ),
    (Planted(FakeSugar.change_password, "connection", "", "put in a login that is good"),),
    (
        Planted(require_field, "change of field Leads.budget_c", "must be filled now", "`fixed`"),
        Planted(shorten_list, "change of field Leads.lead_source", "no longer a choice: ", "the list"),
        Planted(delete_field, "change of field Leads.website", "has gone", "stand in the note alone"),
    ),
    ("lead_source", "Conference"),
    lambda fake: fake.rows("Leads")[0].get("lead_source") or "",
    lambda fake: [note["description"] for note in fake.rows("Notes")],
)
