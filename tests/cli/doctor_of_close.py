"""What can be wrong with an organization of Close."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.cli.doctor_cases import Case, Planted, people
from tests.fakes.close import FakeClose
from tests.fakes.close.service import KEY

SIZE = {"id": "cf_size", "name": "Size", "type": "choices", "choices": ["Large", "Small"]}


@contextmanager
def start() -> Iterator[tuple[FakeClose, dict[str, Any]]]:
    with FakeClose() as fake:
        list(people(fake.add_user))
        fake.fields["contact"].append({**SIZE, "accepts_multiple_values": False})
        yield fake, {"type": "close", "api_key": KEY, "base_url": fake.url, "status": "stat_new",
                     "map": {"company_size": "Size"}}  # fmt: skip


def field(fake: FakeClose, name: str, kind: str = "contact") -> dict[str, Any]:
    return next(row for row in fake.fields[kind] if row["name"] == name)


def drop_field(fake: FakeClose) -> None:
    fake.fields["contact"].remove(field(fake, "syncd_lead_source"))


def several_values(fake: FakeClose) -> None:
    field(fake, "syncd_key")["accepts_multiple_values"] = True


def change_type(fake: FakeClose) -> None:
    field(fake, "syncd_owner", "lead")["type"] = "text"


def drop_status(fake: FakeClose) -> None:
    del fake.statuses["stat_new"]


def dismiss(fake: FakeClose) -> None:
    (tom,) = (row for row in fake.users.values() if row["email"] == "tom@example.com")
    del fake.users[tom["id"]]


def shorten_list(fake: FakeClose) -> None:
    field(fake, "Size")["choices"].remove("Small")


def retype(fake: FakeClose) -> None:
    field(fake, "syncd_first_channel")["type"] = "date"


def delete_field(fake: FakeClose) -> None:
    fake.fields["contact"].remove(field(fake, "syncd_last_channel"))


CLOSE = Case(
    "close",
    start,
    (
        Planted(drop_field, "contact field syncd_lead_source", "missing", "let syncd make it"),
        Planted(several_values, "contact field syncd_key", "text with several values, not text", "name another"),
        Planted(change_type, "lead field syncd_owner", "is of type text, not user", "name another field"),
        Planted(drop_status, "lead status stat_new", "is not there", "name one of: stat_bad (Bad Fit)"),
        Planted(dismiss, "person tom", "no user there has their e-mail address", "set `active: no`"),
    ),
    (Planted(lambda fake: setattr(fake, "key", "new"), "connection", "answered 401", "put in a login that is good"),),
    (
        Planted(shorten_list, "change of contact field Size", "no longer a choice: Small", "the list"),
        Planted(retype, "change of contact field syncd_first_channel", "was of type text, is date now", "map its"),
        Planted(delete_field, "change of contact field syncd_last_channel", "has gone", "stand in the note alone"),
    ),
    ("company_size", "Large"),
    lambda fake: next(iter(fake.contacts.values())).get("custom.cf_size") or "",
    lambda fake: [note["note"] for note in fake.notes.values()],
)
