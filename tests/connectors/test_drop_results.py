"""What became of each row, beside the file; and rows that are mended count once."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.csv_drop import plugin
from syncd.connector import Drop, Retryable
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.poller import Poller
from syncd.store.proof import prove
from syncd.testing import lent_tools
from tests.world import World


class Fair:
    """A folder, the daemon's poller on it, and the whole core behind."""

    def __init__(self, world: World, folder: Path, **options: Any) -> None:
        self.world, self.folder, self.clock = world, folder, world.clock
        source: Drop = plugin.make(
            plugin.options.model_validate({"folder": folder, **options}), lent_tools("fair", self.clock)
        )
        health = Health(world.store, Intake(world.store.inbox, Bell()), list)
        self.poller = Poller("fair", source, world.store.inbox, Bell(), "me", health, world.store.reports.fates)
        self.health = health

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def poll(self, times: int = 1) -> None:
        for _ in range(times):
            self.clock.advance(seconds=60)
            self.poller.turn()

    def land(self) -> None:
        """Two looks to read a file, the planner and the dispatcher, one look to tell what became of it."""
        self.poll(2)
        self.world.settle()
        self.poll()

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "done" / name).open(encoding="utf-8-sig", newline="") as file:
            dialect = ";" if ";" in file.readline() else ","
            file.seek(0)
            return list(csv.DictReader(file, delimiter=dialect))

    def names(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "done").iterdir())

    def mended(self, number: int, *cells: str) -> str:
        """The file of rejects with other cells in one of its rows."""
        with (self.folder / "done/leads.rejects.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, delimiter=";"))
        rows[number][2:] = cells
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(rows)
        return text.getvalue()

    def totals(self) -> tuple[int, dict[str, int]]:
        proof = prove(self.world.store.database)
        return proof.received, dict(proof.classes)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """How rows are mended on either database is tested with the inbox."""
    return f"sqlite:///{tmp_path}/syncd.db"


@pytest.fixture
def fair(world: World, tmp_path: Path) -> Fair:
    folder = tmp_path / "in"
    folder.mkdir()
    return Fair(world, folder)


LEADS = "Name;E-Mail;Message\nZoë Meier;zoe@acme.example;\n;;-2 chairs\nBob Maier\nEva Muster;eva@acme.example;Hi\n"


def test_result_says_of_each_row_where_it_landed_and_why_not(fair: Fair) -> None:
    fair.put("leads.csv", LEADS)

    fair.land()

    assert fair.names() == ["leads.csv", "leads.rejects.csv", "leads.result.csv"]
    rows = fair.table("leads.result.csv")
    assert [(row["line"], row["result"], bool(row["record"])) for row in rows] == [
        ("2", "in the CRM", True),
        ("3", "parked", False),
        ("4", "parked", False),
        ("5", "in the CRM", True),
    ]
    assert rows[2]["reason"] == "line 4: 1 cells under 3 columns"


def test_rejects_are_mended_dropped_again_and_land_once(fair: Fair) -> None:
    fair.put("leads.csv", LEADS)
    fair.land()
    received, classes = fair.totals()
    assert (received, classes["in the CRM"], classes["parked"]) == (4, 2, 2)
    mended = fair.mended(1, "", "chairs@acme.example", "-2 chairs")

    for name in ("mended.csv", "again.csv"):  # once more is no more
        fair.put(name, mended)
        fair.land()

    received, classes = fair.totals()
    assert (received, classes["in the CRM"], classes["parked"]) == (4, 3, 1)
    assert [row["result"] for row in fair.table("mended.result.csv")] == ["in the CRM", "parked"]
    assert len(fair.table("mended.rejects.csv")) == 1


def test_rejects_may_be_mended_row_after_row_in_the_same_file(fair: Fair) -> None:
    fair.put("leads.csv", LEADS)
    fair.land()
    fair.put("one.csv", fair.mended(1, "", "chairs@acme.example", "-2 chairs"))
    fair.land()

    fair.put("two.csv", fair.mended(2, "Bob Maier", "bob@acme.example", ""))
    fair.land()

    received, classes = fair.totals()
    assert (received, classes["in the CRM"], classes["parked"]) == (4, 4, 0)


def test_mended_original_counts_once_where_rows_have_ids(fair: Fair) -> None:
    text = "Lead ID;Message;E-Mail\n12345678;A quote;\n"
    fair.put("leads.csv", text)
    fair.land()
    assert fair.totals()[1]["parked"] == 1
    fair.put("leads.csv", text.replace("quote;", "quote;eva@acme.example"))

    fair.land()

    received, classes = fair.totals()
    assert (received, classes["in the CRM"], classes["parked"]) == (1, 1, 0)


def test_rows_on_their_way_are_told_later_and_rejects_only_once(fair: Fair) -> None:
    fair.world.crm.troubles["upsert"] = [Retryable("down")] * 20
    fair.put("leads.csv", LEADS)
    fair.land()
    assert [row["result"] for row in fair.table("leads.result.csv")].count("on its way") == 2
    assert "leads.csv.pending" in fair.names()
    (fair.folder / "done/leads.rejects.csv").write_text("being mended", "utf-8")

    fair.world.crm.troubles.clear()
    for _ in range(4):
        fair.clock.advance(hours=1)
        fair.world.settle()
    fair.poll(2)

    assert [row["result"] for row in fair.table("leads.result.csv")].count("in the CRM") == 2
    assert fair.names() == ["leads.csv", "leads.rejects.csv", "leads.result.csv"]
    assert (fair.folder / "done/leads.rejects.csv").read_text("utf-8") == "being mended"


def test_next_daemon_goes_on_telling(fair: Fair, world: World) -> None:
    fair.put("leads.csv", LEADS)
    fair.poll(2)
    world.settle()

    Fair(world, fair.folder).poll()

    assert "leads.result.csv" in fair.names()
    assert "leads.csv.pending" not in fair.names()


def test_pauses_between_looks_grow(fair: Fair) -> None:
    fair.put("leads.csv", LEADS)
    fair.poll(2)
    asked = list[int]()
    told = fair.poller.fates
    assert told
    fair.poller.fates = lambda source, keys: asked.append(len(keys)) or told(source, keys)  # type: ignore[func-returns-value]

    for _ in range(24 * 6):
        fair.clock.advance(minutes=9)
        fair.poll()

    assert 24 < len(asked) < 36


def test_file_that_is_none_of_rows_has_its_result(fair: Fair) -> None:
    fair.put("leads.xlsx", "PK\x03\x04 no workbook")

    fair.land()

    (row,) = fair.table("leads.xlsx.result.csv")
    assert (row["line"], row["result"]) == ("1", "parked")
    assert row["reason"] == "leads.xlsx: the workbook is broken (BadZipFile)"
    assert fair.names() == ["leads.xlsx", "leads.xlsx.result.csv"]


def test_mark_without_its_file_is_taken_away(fair: Fair) -> None:
    (fair.folder / "done").mkdir()
    (fair.folder / "done/gone.csv.pending").touch()

    fair.poll()

    assert fair.names() == []


def test_result_that_cannot_be_written_is_told_and_hinders_no_reading(fair: Fair, tmp_path: Path) -> None:
    fair.put("leads.csv", LEADS)
    fair.poll(2)
    (fair.folder / "done/leads.result.csv").mkdir()
    fair.put("more.csv", "Name;E-Mail\nIda;ida@acme.example\n")

    fair.poll(2)

    assert "cannot be written down" in fair.health.notes["source:fair"]
    assert "more.csv" in fair.names()


def test_results_may_be_left_out(world: World, tmp_path: Path) -> None:
    fair = Fair(world, tmp_path, results=False)
    fair.put("leads.csv", LEADS)

    fair.land()

    assert fair.names() == ["leads.csv"]


def test_folder_in_trouble_says_so_in_words(fair: Fair) -> None:
    fair.folder.rename(fair.folder.with_name("away"))

    with pytest.raises(Retryable, match="folder cannot be read"):
        list(fair.poller.source.pages(None))
