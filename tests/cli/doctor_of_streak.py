"""What can be wrong with a pipeline of Streak."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.cli.doctor_cases import PEOPLE, Case, Planted
from tests.fakes.streak import FakeStreak
from tests.fakes.streak.service import KEY


@contextmanager
def start() -> Iterator[tuple[FakeStreak, dict[str, Any]]]:
    with FakeStreak(users=PEOPLE) as fake:
        fake.add_dropdown("Size", "Large", "Small")
        yield fake, {"type": "streak", "api_key": KEY, "pipeline": "Sales", "base_url": fake.url,
                     "map": {"company_size": "Size"}}  # fmt: skip


def field(fake: FakeStreak, name: str) -> dict[str, Any]:
    return next(row for row in fake.fields if row["name"] == name)


def drop_field(fake: FakeStreak) -> None:
    fake.fields.remove(field(fake, "Question"))


def drop_source(fake: FakeStreak) -> None:
    fake.fields.remove(field(fake, "Lead source"))


def change_type(fake: FakeStreak) -> None:
    field(fake, "Phone")["type"] = "FORMULA"


def change_key(fake: FakeStreak) -> None:
    field(fake, "syncd_key")["type"] = "DATE"


def dismiss(fake: FakeStreak) -> None:
    del fake.members["tom@example.com"]


def shorten_list(fake: FakeStreak) -> None:
    field(fake, "Size")["dropdownSettings"]["items"].pop()


def drop_stage(fake: FakeStreak) -> None:
    del fake.stages["5004"]


def chosen(fake: FakeStreak) -> str:
    return fake.value(next(iter(fake.boxes)), "Size") or ""


STREAK = Case(
    "streak",
    start,
    (
        Planted(drop_field, "box field Question", "missing", "let syncd make it"),
        Planted(change_type, "box field Phone", "is of type FORMULA", "name another field"),
        Planted(change_key, "box field syncd_key", "is of type DATE", "name another field"),
        Planted(lambda _: {"won": ["Gewonnen"]}, "stage Gewonnen", "is not there", "name one of: Lead, Contacted"),
        Planted(dismiss, "person tom", "no user there has their e-mail address", "set `active: no`"),
    ),
    (
        Planted(lambda fake: setattr(fake, "key", "new"), "connection", "401", "put in a login that is good"),
        Planted(lambda _: {"pipeline": "Elsewhere"}, "pipeline Elsewhere", "0 pipelines are called", "by its key"),
    ),
    (
        Planted(shorten_list, "change of box field Size", "no longer a choice: Small", "the list"),
        Planted(drop_stage, "change of stage", "no longer a choice: Lost", "the list"),
        Planted(drop_source, "change of box field Lead source", "has gone", "stand in the note alone"),
    ),
    ("company_size", "Large"),
    chosen,
    lambda fake: [comment["message"] for comment in fake.comments.values()],
)
