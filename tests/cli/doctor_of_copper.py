"""What can be wrong with an account of Copper."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.fakes.copper import FakeCopper
from tests.fakes.copper.service import EMAIL, KEY


@contextmanager
def start() -> Iterator[tuple[FakeCopper, dict[str, Any]]]:
    with FakeCopper(users=PEOPLE) as fake:
        fake.keep_field("Size", "Dropdown", options=[{"name": "Large"}, {"name": "Small"}])
        yield fake, {"type": "copper", "token": KEY, "email": EMAIL, "base_url": fake.url,
                     "map": {"company_size": "Size"}}  # fmt: skip


def drop_field(fake: FakeCopper) -> None:
    fake.definitions.remove(fake.definition("First channel"))


def take_filter(fake: FakeCopper) -> None:
    fake.definition("syncd_key")["is_filterable"] = False


def change_type(fake: FakeCopper) -> None:
    fake.definition("Inquiries")["data_type"] = "Connect"


def dismiss(fake: FakeCopper) -> None:
    del fake.users[next(key for key, user in fake.users.items() if user["email"] == "eva@example.com")]


def shorten_list(fake: FakeCopper) -> None:
    fake.definition("Size")["options"].pop()


def drop_status(fake: FakeCopper) -> None:
    fake.statuses.popitem()


def chosen(fake: FakeCopper) -> str:
    """The list holds ids of its options."""
    held = fake.value(next(iter(fake.leads.values())), "Size")
    return next((option["name"] for option in fake.definition("Size")["options"] if option["id"] == held), "")


COPPER = Case(
    "copper",
    start,
    (
        Planted(drop_field, "custom field First channel", "missing", "let syncd make it"),
        Planted(take_filter, "custom field syncd_key", "is of type String, no filter", "name another field"),
        Planted(change_type, "custom field Inquiries", "is of type Connect", "name another field"),
        Planted(lambda _: {"status": "Neu"}, "lead status Neu", "is not there", "name one of: New, Contacted"),
        Planted(dismiss, "person eva", "no user there has their e-mail address", "set `active: no`"),
    ),
    (Planted(lambda fake: setattr(fake, "key", "new"), "connection", "401", "put in a login that is good"),),
    (
        Planted(shorten_list, "change of custom field Size", "no longer a choice: Small", "the list"),
        Planted(drop_status, "change of lead status", "no longer a choice: Unqualified", "the list"),
        Planted(drop_field, "change of custom field First channel", "has gone", "stand in the note alone"),
    ),
    ("company_size", "Large"),
    chosen,
    lambda fake: [activity["details"] for activity in fake.activities.values()],
)
