"""What can be wrong with a SugarCRM or SuiteCRM installation."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.connectors.sugar_world import Dialect, login
from tests.fakes.sugar import FakeSugar, Options
from tests.fakes.sugar.fields import FieldDef

Start = Callable[[], AbstractContextManager[tuple[FakeSugar, dict[str, Any]]]]


def start(dialect: Dialect) -> Start:
    @contextmanager
    def started() -> Iterator[tuple[FakeSugar, dict[str, Any]]]:
        with FakeSugar(Options(users=PEOPLE)) as fake:
            kind = "sugarcrm" if dialect == "sugarcrm" else "suitecrm"
            yield fake, {"type": kind, "map": {"industry": "industry_c"}, **login(fake, dialect)}

    return started


def change_type(fake: FakeSugar) -> None:
    fake.account.fields["Leads"]["syncd_key_c"] = FieldDef("syncd_key_c", "int")


def require_field(fake: FakeSugar) -> None:
    fake.account.fields["Leads"]["budget_c"] = FieldDef("budget_c", "varchar", required=True)


def drop_choice(fake: FakeSugar) -> None:
    fields = fake.account.fields["Leads"]
    fields["status"] = replace(fields["status"], options=("Assigned", "Dead"))


def deactivate(fake: FakeSugar) -> None:
    (tom,) = (user for user in fake.account.live("Users") if user.emails == ["tom@example.com"])
    fake.humans.leave(tom.id)


def forbid_notes(fake: FakeSugar) -> None:
    fake.account.forbidden.add("Notes")


def fail_on_addresses(fake: FakeSugar) -> None:
    fake.account.options = replace(fake.options, email_filter=False)


def delete_field(fake: FakeSugar) -> None:
    del fake.account.fields["Leads"]["title"]


def shorten_list(fake: FakeSugar) -> None:
    fields = fake.account.fields["Leads"]
    fields["lead_source"] = replace(fields["lead_source"], options=fields["lead_source"].options[:-1])


CHOICE = Planted(drop_choice, "values of Leads.status", "not on the list: New", "name one of: Assigned, Dead")
PLANTED = (
    Planted(change_type, "field Leads.syncd_key_c", "is of type int", "in Studio"),
    Planted(require_field, "field Leads.budget_c", "the CRM demands it", "give it a value in `fixed`"),
    Planted(deactivate, "person tom", "has left there", "set `active: no`"),
    Planted(forbid_notes, "access to Notes", "refused", "let the role of syncd's user list and view Notes"),
    Planted(lambda _: {"map": {"how_heard": "nowhere_c"}}, "map.how_heard", "no field Leads.nowhere_c", "Studio"),
    Planted(lambda _: {"fixed": {"colour_c": "red"}}, "fixed.colour_c", "no field Leads.colour_c", "Studio"),
)
OVERNIGHT = (
    Planted(require_field, "change of field Leads.budget_c", "must be filled now", "`fixed`"),
    Planted(delete_field, "change of field Leads.title", "has gone", "stand in the note alone"),
)
SHORTENED = Planted(shorten_list, "change of field Leads.lead_source", "no longer a choice: ", "the list")


def shut_out(code: str) -> Planted:
    return Planted(FakeSugar.change_password, "connection", code, "put in a login that is good")


def industry(fake: FakeSugar) -> str:
    return str(fake.rows("Leads")[-1]["industry_c"])


def notes(fake: FakeSugar) -> list[str]:
    return [note["description"] for note in fake.rows("Notes")]


SUGARCRM = Case(
    "sugarcrm",
    start("sugarcrm"),
    (*PLANTED, CHOICE),
    (shut_out("need_login"),),
    (*OVERNIGHT, SHORTENED),
    ("industry", "Trade"),
    industry,
    notes,
)
SUITECRM = Case(  # whose lists of choices nothing tells
    "suitecrm",
    start("v8"),
    (*PLANTED, Planted(fail_on_addresses, "search by address", "status 400", "update SuiteCRM to 7.12.3")),
    (shut_out("invalid_client"),),
    OVERNIGHT,
)
SUITECRM_V4_1 = Case(
    "suitecrm v4_1",
    start("v4_1"),
    (*PLANTED, CHOICE),
    (shut_out("error 10"),),
    (*OVERNIGHT, SHORTENED),
    ("industry", "Trade"),
    industry,
    notes,
)
