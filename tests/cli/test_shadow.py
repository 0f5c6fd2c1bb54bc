"""A new CRM on trial beside the one in use, and what would have been different."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.office import ANNA, Office, settle

BEN = {"name": "Ben Lang", "email": "ben@lang-holz.com", "message": "Could somebody call me about a shop?"}


@pytest.fixture
def office(office: Office) -> Office:
    used, fresh = (f"type: local, file: {office.folder / name}.db" for name in ("used", "fresh"))
    office.change("  book: {type: local}\n", f"  book: {{{used}}}\n  fresh: {{{fresh}, shadow: yes}}\n")
    return office


def land(office: Office, *people: dict[str, str]) -> None:
    for person in people:
        office.receive(**person)
    with office.app() as built:
        built.go_live()
        settle(built)


def book(office: Office, name: str) -> Path:
    (file,) = office.folder.rglob(f"{name}.db")
    return file


def rows(office: Office, name: str) -> tuple[int, ...]:
    """Contacts, tasks and notes in a book."""
    with closing(sqlite3.connect(book(office, name))) as opened:
        tables = ("contacts", "tasks", "notes")
        return tuple(opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)  # noqa: S608


def test_sink_on_trial_gets_nothing_and_the_other_everything(office: Office) -> None:
    land(office, ANNA, BEN)

    assert rows(office, "used") == (2, 2, 2)
    assert rows(office, "fresh") == (0, 0, 0)


def test_trial_that_would_do_the_same_shows_no_difference(office: Office) -> None:
    land(office, ANNA, BEN)

    said = office.run("shadow", "diff", "fresh")

    assert "2 leads on trial in fresh: 2 as in book, 0 different" in said


def test_trial_that_would_do_something_else_says_what_and_for_whom(office: Office) -> None:
    land(office, ANNA, BEN)
    with closing(sqlite3.connect(book(office, "used"))) as used, used:
        used.execute("UPDATE contacts SET fields = replace(fields, 'Berg Bau GmbH', 'Berg & Co')")

    found = office.run("shadow", "diff", "fresh", "--json", code=1).json()

    assert found["leads"] == 2
    assert [(each["what"], each["used"], each["tried"]) for each in found["differences"]] == [
        ("company", "Berg & Co", "Berg Bau GmbH")
    ]


def test_lead_of_a_trial_gets_a_real_record_when_the_sink_goes_live(office: Office) -> None:
    land(office, ANNA)
    office.change(", shadow: yes", "")

    land(office, {**ANNA, "message": "And how much is it for twenty people?"})

    assert rows(office, "fresh") == (1, 1, 1)


def test_story_of_a_lead_tells_what_would_be_written(office: Office) -> None:
    land(office, ANNA)

    assert "would write" in office.run("why", "anna@berg-bau.com").lower()


def test_system_of_record_cannot_be_on_trial(office: Office) -> None:
    office.change("used.db}", "used.db, shadow: yes}")

    assert "one sink at least must not be on trial" in office.run("check", code=2).err


def test_sink_in_use_is_not_compared_with_itself(office: Office) -> None:
    assert "name the one on trial" in office.run("shadow", "diff", "book", code=2).err
