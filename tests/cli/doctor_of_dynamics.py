"""What can be wrong with an environment of Dynamics 365."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.fakes.dynamics import FakeDynamics, Options
from tests.fakes.dynamics.tables import Column


@contextmanager
def start() -> Iterator[tuple[FakeDynamics, dict[str, Any]]]:
    with FakeDynamics(Options(users=PEOPLE)) as fake:
        login = {name: getattr(fake.options, name) for name in ("client_id", "client_secret")}
        where = {"url": fake.url, "login_url": fake.url, "tenant": fake.options.tenant}
        yield fake, {"type": "dynamics", **where, "client_credentials": login, "lead_sources": {"Website": "Web"}}


def drop_column(fake: FakeDynamics) -> None:
    del fake.org.tables["contact"].columns["syncd_company"]


def change_type(fake: FakeDynamics) -> None:
    fake.org.tables["lead"].columns["syncd_inquiries"] = Column("syncd_inquiries", "String", 10)


def break_key(fake: FakeDynamics) -> None:
    fake.org.tables["lead"].keys[0].failed = True


def delay_key(fake: FakeDynamics) -> None:
    fake.org.tables["contact"].keys[0].active_at = fake.now().replace(year=2100)


def close_deals(fake: FakeDynamics) -> None:
    fake.org.hidden.add("opportunity")


def leave(fake: FakeDynamics) -> None:
    (tom,) = (row["systemuserid"] for row in fake.rows("systemuser") if row["internalemailaddress"] == PEOPLE[1])
    fake.humans.leave(tom)


def shorten_list(fake: FakeDynamics) -> None:
    columns = fake.org.tables["lead"].columns
    kept = {number: label for number, label in columns["leadsourcecode"].choices.items() if label != "Web"}
    columns["leadsourcecode"] = replace(columns["leadsourcecode"], choices=kept)


def delete_column(fake: FakeDynamics) -> None:
    del fake.org.tables["lead"].columns["jobtitle"]


def retype(fake: FakeDynamics) -> None:
    fake.org.tables["lead"].columns["numberofemployees"] = Column("numberofemployees", "DateTime")


DYNAMICS = Case(
    "dynamics",
    start,
    (
        Planted(drop_column, "column contact.syncd_company", "missing", "let syncd make it"),
        Planted(change_type, "column lead.syncd_inquiries", "is of type String, not whole number", "another field"),
        Planted(break_key, "alternate key of lead", "could not be built", "share a value of syncd_key"),
        Planted(delay_key, "alternate key of contact", "not active yet: InProgress", "wait until Dataverse has built"),
        Planted(close_deals, "table opportunities", "not read back", "the right to read opportunities"),
        Planted(leave, "person tom", "has left there", "set `active: no`"),
        Planted(shorten_list, "values of lead.leadsourcecode", "not in the environment: Web", "name one of: Adv"),
        Planted(lambda _: {"teams": {PEOPLE[0]: "Inbound"}}, "team Inbound", "not there", "none is there"),
    ),
    (
        Planted(
            lambda fake: fake.refuse_login(),
            "connection",
            "answered 401: invalid_client",
            "put in a login that is good",
        ),
    ),
    (
        Planted(shorten_list, "change of column lead.leadsourcecode", "no longer a choice: Web", "the list"),
        Planted(delete_column, "change of column lead.jobtitle", "has gone", "stand in the note alone"),
        Planted(retype, "change of column lead.numberofemployees", "was of type Integer", "map its values"),
    ),
    ("industry", "Consulting"),
    lambda fake: str(fake.rows("lead")[0]["industrycode"] or ""),
    lambda fake: [row["notetext"] for row in fake.rows("annotation")],
)
