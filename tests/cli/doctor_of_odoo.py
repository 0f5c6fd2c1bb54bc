"""What can be wrong with a database of Odoo."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.cli.doctor_cases import Case, Planted, people
from tests.fakes.odoo import FakeOdoo
from tests.fakes.odoo.service import TOKEN


@contextmanager
def start() -> Iterator[tuple[FakeOdoo, dict[str, Any]]]:
    with FakeOdoo() as fake:
        list(people(fake.add_user))
        fake.fields["crm.lead"]["x_size"] = "selection"
        fake.selections["x_size"] = [["l", "Large"], ["s", "Small"]]
        yield fake, {"type": "odoo", "token": TOKEN, "url": fake.url, "map": {"company_size": "x_size"}}


def drop_field(fake: FakeOdoo) -> None:
    del fake.fields["crm.lead"]["x_syncd_lead_source"]


def change_type(fake: FakeOdoo) -> None:
    fake.fields["crm.lead"]["x_syncd_key"] = "integer"


def drop_type(fake: FakeOdoo) -> None:
    fake.rows["mail.activity.type"] = {
        number: row for number, row in fake.rows["mail.activity.type"].items() if row["name"] != "Call"
    }


def deactivate(fake: FakeOdoo) -> None:
    (tom,) = (number for number, row in fake.rows["res.users"].items() if row["login"] == "tom@example.com")
    fake.human_edits(tom, "res.users", active=False)


def require_field(fake: FakeOdoo) -> None:
    """And another one, which Odoo fills by itself."""
    fake.fields["crm.lead"] |= {"x_region": "char", "x_source": "char"}
    fake.required |= {"x_region", "x_source"}
    fake.defaults["x_source"] = "somewhere"


def shorten_list(fake: FakeOdoo) -> None:
    fake.selections["x_size"].pop()


def delete_field(fake: FakeOdoo) -> None:
    del fake.fields["crm.lead"]["function"]


def retype(fake: FakeOdoo) -> None:
    fake.fields["crm.lead"]["x_syncd_last_channel"] = "date"


ODOO = Case(
    "odoo",
    start,
    (
        Planted(drop_field, "crm.lead: x_syncd_lead_source", "missing", "let syncd make it"),
        Planted(change_type, "crm.lead: x_syncd_key", "is of type integer, not a line of text", "name another field"),
        Planted(require_field, "required field crm.lead.x_region", "nothing fills it for sure", "give it a default"),
        Planted(drop_type, "activity type for call", "Call is not there", "name one of: Email"),
        Planted(deactivate, "person tom", "has left there", "set `active: no`"),
        Planted(lambda _: {"map": {"message": "nowhere"}}, "crm.lead: nowhere", "missing", "a field that Odoo has"),
    ),
    (Planted(lambda fake: setattr(fake, "token", "new"), "connection", "answered 401", "put in a login that is good"),),
    (
        Planted(require_field, "change of crm.lead: x_region", "must be filled now", "optional"),
        Planted(shorten_list, "change of crm.lead: x_size", "no longer a choice: Small", "the list"),
        Planted(delete_field, "change of crm.lead: function", "has gone", "stand in the note alone"),
        Planted(retype, "change of crm.lead: x_syncd_last_channel", "was of type char, is date now", "map its values"),
    ),
    ("company_size", "Large"),
    lambda fake: next(iter(fake.leads.values())).get("x_size") or "",
    lambda fake: [note["body"] for note in fake.notes.values()],
)
