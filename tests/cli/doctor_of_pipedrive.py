"""What can be wrong with a Pipedrive account."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.cli.doctor_cases import Case, Planted, people
from tests.fakes.pipedrive import FakePipedrive
from tests.fakes.pipedrive.service import CLIENT, SECRET, TOKEN

SIZE = {"field_name": "Size", "field_code": "f" * 40, "field_type": "enum", "is_custom_field": True}


@contextmanager
def start() -> Iterator[tuple[FakePipedrive, dict[str, Any]]]:
    with FakePipedrive() as fake:
        list(people(fake.add_user))
        fake.fields["personFields"].append(
            {**SIZE, "options": [{"id": 7, "label": "Large"}, {"id": 8, "label": "Small"}]}
        )
        yield fake, {"type": "pipedrive", "token": TOKEN, "base_url": fake.url, "map": {"company_size": "Size"}}


def field(fake: FakePipedrive, name: str) -> dict[str, Any]:
    return next(row for row in fake.fields["personFields"] if row["field_name"] == name)


def drop_field(fake: FakePipedrive) -> None:
    fake.fields["personFields"].remove(field(fake, "syncd_lead_source"))


def change_type(fake: FakePipedrive) -> None:
    field(fake, "syncd_key")["field_type"] = "double"


def drop_type(fake: FakePipedrive) -> None:
    fake.types.remove("call")


def deactivate(fake: FakePipedrive) -> None:
    (tom,) = (row for row in fake.users.values() if row["email"] == "tom@example.com")
    tom["active_flag"] = False


def require_field(fake: FakePipedrive) -> None:
    told = {"enabled": True, "stage_ids": [], "statuses": {}}
    fake.fields["personFields"].append(
        {"field_name": "Region", "field_code": "e" * 40, "field_type": "varchar", "is_custom_field": True,
         "options": None, "required_fields": told}
    )  # fmt: skip


def shorten_list(fake: FakePipedrive) -> None:
    field(fake, "Size")["options"].pop()


def retype(fake: FakePipedrive) -> None:
    field(fake, "syncd_company")["field_type"] = "date"


def by_app(fake: FakePipedrive) -> dict[str, Any]:
    """An app logs in, and nobody has ticked what it needs."""
    fake.scopes = "base,contacts:full,leads:full,users:read"
    grant = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": fake.refresh_token}
    return {"token": None, "oauth": grant, "oauth_url": f"{fake.url}/oauth/token"}


PIPEDRIVE = Case(
    "pipedrive",
    start,
    (
        Planted(drop_field, "personFields: syncd_lead_source", "missing", "let syncd make it"),
        Planted(change_type, "personFields: syncd_key", "is of type double, not a line of text", "name another field"),
        Planted(drop_type, "activity type for call", "call is not there", "name one of: deadline"),
        Planted(deactivate, "person tom", "has left there", "set `active: no`"),
        Planted(lambda _: {"make": "deal", "stage": 99}, "stage 99", "not in the account", "id of a stage"),
        Planted(lambda _: None, "dealFields: syncd_key", "missing", "let syncd make it"),
    ),
    (
        Planted(
            lambda fake: setattr(fake, "token", "new"), "connection", "answered 401", "put in a login that is good"
        ),
        Planted(by_app, "scopes", "missing: activities:full, deals:read", "install the app anew"),
        Planted(lambda fake: setattr(fake, "left_today", 0), "connection", "answered 429", "it goes on by itself"),
    ),
    (
        Planted(require_field, "change of personFields: Region", "must be filled now", "optional"),
        Planted(shorten_list, "change of personFields: Size", "no longer a choice: Small", "the list"),
        Planted(retype, "change of personFields: syncd_company", "was of type varchar, is date now", "map its values"),
    ),
    ("company_size", "Large"),
    lambda fake: fake.custom(max(fake.persons), "Size") or "",
    lambda fake: [note["content"] for note in fake.notes.values()],
)
