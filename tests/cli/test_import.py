"""`syncd import`: rows through the same path as every other enquiry."""

import csv
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from syncd.clock import SystemClock
from syncd.store.store import Store
from tests.cli.office import Office
from tests.e2e.processes import Process, until

HEADER = "Badge;Name;E-mail;Message\n"
ROWS = HEADER + "11112222;Bo Li;bo@li-werke.com;What is the price?\n33334444;Ann Bee;ann@bee.io;Please tell me more\n"


def result(office: Office, name: str = "rows.result.csv") -> list[dict[str, str]]:
    with (office.folder / name).open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def owner_lock(office: Office) -> Store:
    """The store as a running daemon holds it."""
    store = Store(f"sqlite:///{office.folder}/data/syncd.db", SystemClock(), lambda: ["book"])
    store.open()
    store.own()
    return store


def test_every_row_lands_and_the_result_says_where(office: Office) -> None:
    said = office.run("import", office.file("rows.csv", ROWS), "--source", "fair")

    assert "2 rows: 2 in the CRM. Row by row:" in said
    first, second = result(office)
    assert (first["line"], first["result"], first["submission"]) == ("2", "in the CRM", "s1")
    assert (second["line"], second["result"], second["reason"]) == ("3", "in the CRM", "")
    assert first["lead"] != second["lead"]
    assert {first["record"], second["record"]} == {"1", "2"}
    assert "Owner: Tom Test, by rule “pricing”" in office.run("why", first["lead"])
    assert "The balance holds." in office.run("prove")


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    rows = office.file("rows.csv", ROWS)
    office.run("import", rows, "--source", "fair")
    before = result(office)

    found = office.run("import", rows, "--source", "fair", "--json").json()

    assert (found["rows"], found["states"]) == (2, {"in the CRM": 2})
    assert result(office) == before
    (story,) = office.run("why", before[0]["lead"], "--json").json()
    assert [order["kind"] for order in story["orders"]] == ["record", "task", "note"]
    assert office.run("prove", "--json").json()["received"] == 2


def test_rows_have_the_keys_that_the_source_itself_would_give_them(office: Office) -> None:
    office.run("import", office.file("rows.csv", ROWS), "--source", "fair")

    found = office.run("explain", office.folder / "rows.csv", "--source", "fair", "--json").json()

    assert [each["verdict"] for each in found] == ["merged", "merged"]
    with office.app() as built:
        assert set(built.store.reports.fates("fair", [each["key"] for each in found])) == {"11112222", "33334444"}


def test_one_bad_row_is_parked_and_the_others_land(office: Office) -> None:
    rows = office.file("rows.csv", ROWS + "55556666;only two\n")

    said = office.run("import", rows, "--source", "fair", code=6)

    assert "some rows need a person" in said.err
    assert [row["result"] for row in result(office)] == ["in the CRM", "in the CRM", "parked"]
    assert result(office)[2]["reason"] == "line 4: 2 cells under 4 columns"


def test_twice_the_same_row_is_one_lead(office: Office) -> None:
    office.run("import", office.file("rows.csv", ROWS + ROWS.removeprefix(HEADER)), "--source", "fair")

    assert len({row["lead"] for row in result(office)}) == 2
    assert len(result(office)) == 4


def test_with_no_time_to_wait_rows_are_kept_and_land_later(office: Office) -> None:
    rows = office.file("rows.csv", ROWS)

    said = office.run("import", rows, "--source", "fair", "--wait", "0")

    assert "2 rows: 2 on its way" in said
    assert "2 in the CRM" in office.run("import", rows, "--source", "fair")


def test_a_daemon_that_holds_the_store_is_waited_for(office: Office) -> None:
    with closing(owner_lock(office)):
        said = office.run("import", office.file("rows.csv", ROWS), "--source", "fair", "--wait", "1", code=7)

    assert "2 rows are still on their way" in said.err
    assert {row["result"] for row in result(office)} == {"on its way"}


@pytest.mark.process
def test_a_running_daemon_lands_the_rows(office: Office) -> None:
    office.change("log:", "web: {port: 0}\nlog:")
    daemon = Process("syncd", "run", "-c", str(office.config), cwd=office.folder)
    try:
        daemon.wait_for("syncd is ready")
        said = office.run("import", office.file("rows.csv", ROWS), "--source", "fair")
    finally:
        assert daemon.stop() == 0

    assert "2 rows: 2 in the CRM" in said


@pytest.mark.process
def test_ctrl_c_while_waiting_loses_nothing(office: Office) -> None:
    with closing(owner_lock(office)):
        words = ("import", str(office.file("rows.csv", ROWS)), "-s", "fair", "-c", str(office.config), "--wait", "600")
        started = Process("syncd", *words, cwd=office.folder)
        _wait_until_kept(office)
        os.kill(started.process.pid, signal.SIGINT)
        code = started.process.wait(60)

    assert code == 130
    assert "2 rows: 2 in the CRM" in office.run("import", office.folder / "rows.csv", "--source", "fair")


def _wait_until_kept(office: Office) -> None:
    until(lambda: office.run("prove", "--json").json()["received"] == 2 or None, "two rows kept")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bo@li-werke.com;Bo\n", "the first line is not a header"),
        ("PK\x03\x04nonsense", "the workbook is broken"),
    ],
)
def test_what_is_no_csv_file_is_told_before_anything_is_kept(office: Office, text: str, told: str) -> None:
    said = office.run("import", office.file("rows.csv", text), "--source", "fair", code=2)

    assert told in said.err
    assert office.run("prove", "--json").json()["received"] == 0


def test_a_file_without_rows_is_no_trouble(office: Office) -> None:
    assert "0 rows: none" in office.run("import", office.file("rows.csv", HEADER), "--source", "fair")


def test_what_is_not_there_or_no_file_is_told(office: Office) -> None:
    assert "there is no such file" in office.run("import", office.folder / "no.csv", "-s", "fair", code=2).err
    assert "not a file" in office.run("import", office.folder, "-s", "fair", code=2).err
    assert "no source is called" in office.run("import", office.file("r.csv", ROWS), "-s", "x", code=3).err


def test_the_result_never_overwrites_the_rows(office: Office) -> None:
    rows = office.file("rows.csv", ROWS)

    said = office.run("import", rows, "--source", "fair", "--result", rows, code=2)

    assert "would overwrite the file itself" in said.err
    assert rows.read_text(encoding="utf-8") == ROWS


def test_a_result_that_cannot_be_written_is_known_before_the_work(office: Office) -> None:
    nowhere = Path(office.folder / "no" / "such" / "folder.csv")

    said = office.run("import", office.file("rows.csv", ROWS), "-s", "fair", "--result", nowhere, code=1)

    assert "No such file or directory" in said.err
    assert office.run("prove", "--json").json()["received"] == 0
