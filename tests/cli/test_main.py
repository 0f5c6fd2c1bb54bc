"""The command itself, and those that need no lead: help, version, the schema's version, sinks."""

import csv
from importlib.metadata import version

import pytest

from tests.cli.office import ANNA, Office

VERBS = (
    "run", "check", "connectors", "schema", "explain", "why", "status", "parked", "retry", "quarantine", "replay",
    "import", "prove", "prepare", "export", "db",
)  # fmt: skip


def test_help_names_every_verb(office: Office) -> None:
    said = office.run("--help")

    for verb in VERBS:
        assert verb in said


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(office: Office, verb: str) -> None:
    assert "Usage:" in office.run(verb, "--help")


def test_the_version_is_that_of_the_package(office: Office) -> None:
    assert office.run("--version") == f"syncd {version('syncd')}\n"


def test_an_unknown_verb_is_an_error_of_the_call(office: Office) -> None:
    assert "No such command" in office.run("explode", code=2).err


def test_a_fresh_database_is_behind_and_upgrade_brings_it_up_to_date(office: Office) -> None:
    behind = office.run("db", "check", code=5)
    upgraded = office.run("db", "upgrade")
    again = office.run("db", "upgrade")

    assert "the database is at nothing" in behind.err
    assert "upgraded from nothing to" in upgraded
    assert "already at" in again
    assert "are both at" in office.run("db", "check")
    found = office.run("db", "check", "--json").json()
    assert found["database"] == found["program"]


def test_prepare_looks_at_every_sink_or_at_one(office: Office) -> None:
    assert "ok       the book" in office.run("prepare")
    assert office.run("prepare", "book", "--apply", "--json").json()["book"][0]["ok"] is True


def test_prepare_tells_of_a_sink_in_trouble(office: Office) -> None:
    office.change("type: local", 'type: hubspot, token: pat-canary-0000, base_url: "http://127.0.0.1:9"')

    said = office.run("prepare", "book", code=1)

    assert "MISSING" in said
    assert "canary" not in said + said.err


def test_the_book_is_written_out_as_csv_files(office: Office) -> None:
    office.land(**ANNA)

    said = office.run("export", "book", office.folder / "out")

    assert [line.rpartition("/")[2] for line in said.split()] == ["contacts.csv", "tasks.csv", "notes.csv"]
    with (office.folder / "out/contacts.csv").open(newline="", encoding="utf-8") as opened:
        (contact,) = csv.DictReader(opened)
    assert contact["email"] == "anna@berg-bau.com"


def test_only_a_book_can_be_exported(office: Office) -> None:
    office.change("type: local", "type: hubspot, token: pat-canary-0000")

    assert "is no book of this machine" in office.run("export", "book", office.folder, code=2).err


@pytest.mark.parametrize("command", [("prepare", "crm"), ("export", "crm", "out")])
def test_an_unknown_sink_is_told_with_those_there_are(office: Office, command: tuple[str, ...]) -> None:
    assert "no sink is called 'crm'; there are: book" in office.run(*command, code=3).err
