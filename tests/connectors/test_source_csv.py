"""CSV files dropped into a folder."""

import io
import os
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from pydantic import ValidationError

from connectors.sources.csv_drop import Folder, Options, plugin
from syncd.connector import Drop as Source
from syncd.connector import Page, Retryable, Submission
from syncd.testing import NOON, FakeClock, PolledSourceContract, lent_tools
from tests.wire.test_workbooks import patched, workbook

LEADS = "Name;E-Mail\nZoë;zoe@acme.example\nBob;bob@acme.example\n"


class Drop:
    """A source with its folder and its clock."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder, self.clock = folder, FakeClock(NOON)
        said = Options.model_validate({"folder": folder, "results": False, **options})
        self.source: Source = plugin.make(said, lent_tools("fair", self.clock))

    def put(self, name: str, text: str | bytes = LEADS) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def poll(self, seconds: float = 10, *, settle: bool = True) -> list[Submission]:
        """One look at the folder, some time after the last one."""
        self.clock.advance(seconds=seconds)
        found: list[Submission] = []
        for page in self.source.pages(None):
            found += page.submissions
            if settle and page.settle:
                page.settle()
        return found

    def names(self) -> list[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path)


def people(submissions: list[Submission]) -> list[str]:
    return [str(answer.value) for one in submissions for answer in one.answers if answer.id == "Name"]


class TestContract(PolledSourceContract):
    plugin = plugin

    @pytest.fixture
    def source(self, drop: Drop) -> Source:
        self.clock = drop.clock
        drop.put("a.csv", "Name,Created At\n" + "".join(f"P{n},2026-03-01T10:{n % 60:02}:00Z\n" for n in range(60)))
        return drop.source

    def let_time_pass(self, time: Any) -> None:
        self.clock.advance(seconds=time.total_seconds())


def test_file_is_read_at_the_second_look_and_moved_away(drop: Drop) -> None:
    drop.put("leads.csv")

    assert drop.poll() == []
    assert people(drop.poll()) == ["Zoë", "Bob"]
    assert drop.names() == ["done/leads.csv"]
    assert drop.poll() == []


def test_file_that_is_still_being_written_is_left_alone(drop: Drop) -> None:
    for lines in range(1, 4):
        drop.put("leads.csv", "Name;E-Mail\n" + "Zoë;zoe@acme.example\n" * lines)
        assert drop.poll() == []

    assert len(drop.poll()) == 3


def test_two_looks_close_together_are_not_enough(drop: Drop) -> None:
    drop.put("leads.csv")

    assert [len(drop.poll(seconds)) for seconds in (1, 1, 1, 1, 1)] == [0, 0, 0, 0, 0]
    assert len(drop.poll(1)) == 2


def test_same_size_rewritten_counts_as_a_change(drop: Drop) -> None:
    path = drop.put("leads.csv")
    drop.poll()
    path.write_text(path.read_text("utf-8").replace("Bob", "Max"), "utf-8")
    os.utime(path, ns=(0, 5))

    assert drop.poll() == []
    assert people(drop.poll()) == ["Zoë", "Max"]


def test_unfinished_hidden_and_other_files_are_left_alone(drop: Drop) -> None:
    for name in ("a.csv.part", "b.csv.tmp", ".c.csv", "d.txt", "e.csv.filepart", "~$f.xlsx", "g.result.csv"):
        drop.put(name)
    drop.poll()

    assert drop.poll() == []
    (drop.folder / "a.csv.part").rename(drop.folder / "A.CSV")
    drop.poll()
    assert len(drop.poll()) == 2


def test_links_pipes_and_folders_are_never_read(drop: Drop, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text(LEADS, "utf-8")
    (drop.folder / "link.csv").symlink_to(secret)
    (drop.folder / "dangling.csv").symlink_to(drop.folder / "nowhere")
    os.mkfifo(drop.folder / "pipe.csv")
    (drop.folder / "folder.csv").mkdir()
    drop.poll()

    assert drop.poll() == []
    assert secret.exists()


def test_link_put_in_place_of_a_file_is_not_followed(drop: Drop, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text(LEADS, "utf-8")
    path = drop.put("leads.csv")
    drop.poll()
    drop.clock.advance(seconds=10)
    pages = drop.source.pages(None)

    seen = next(iter(drop.source.place.seen()))
    path.unlink()
    path.symlink_to(secret)

    assert list(pages) == []
    with pytest.raises(OSError, match="symbolic"), Folder(drop.folder, drop.folder).opened(seen):
        pass


def test_file_that_changes_while_it_is_read_is_read_again_later(drop: Drop) -> None:
    path = drop.put("leads.csv", "Name\n" + "".join(f"P{n}\n" for n in range(1200)))
    drop.poll()
    drop.clock.advance(seconds=10)

    read: list[Page] = []
    for page in drop.source.pages(None):
        read.append(page)
        with path.open("a") as file:
            file.write("Late\n")

    assert all(page.settle is None for page in read)
    assert drop.names() == ["leads.csv"]
    drop.poll()
    assert len(drop.poll()) == 1200 + len(read)


def test_long_file_comes_in_pages_and_only_the_last_one_moves_it(drop: Drop) -> None:
    drop.put("leads.csv", "Name\n" + "".join(f"P{n}\n" for n in range(1000)))
    drop.poll()
    drop.clock.advance(seconds=10)

    pages = list(drop.source.pages(None))

    assert [(len(page.submissions), page.cursor, bool(page.settle)) for page in pages] == [
        (500, None, False),
        (500, None, True),
    ]


def test_crash_before_the_move_brings_the_same_keys_again(drop: Drop) -> None:
    drop.put("leads.csv")
    drop.poll()

    first, second = drop.poll(settle=False), drop.poll()

    assert [one.key for one in first] == [one.key for one in second]
    assert drop.names() == ["done/leads.csv"]


def test_same_rows_in_another_file_have_the_same_keys(drop: Drop) -> None:
    drop.put("monday.csv")
    drop.put("tuesday.csv", LEADS.replace(";", ","))
    drop.poll()

    given = [one.key for one in drop.poll()]

    assert given[:2] == given[2:]


def test_files_of_the_same_name_never_replace_each_other(drop: Drop) -> None:
    for text in ("Name\nEva\n", "Name\nBob\n", "Name\nZoë\n"):
        drop.put("leads.csv", text)
        drop.poll()
        drop.poll()

    assert drop.names() == ["done/leads-1.csv", "done/leads-2.csv", "done/leads.csv"]


def test_file_that_took_the_place_of_the_read_one_is_not_moved(drop: Drop) -> None:
    drop.put("leads.csv")
    drop.poll()
    drop.clock.advance(seconds=10)
    (page,) = drop.source.pages(None)
    drop.put("leads.csv", "Name\nNew\n")

    assert page.settle
    page.settle()

    assert drop.names() == ["leads.csv"]
    drop.poll()
    assert people(drop.poll()) == ["New"]


def test_oldest_file_comes_first(drop: Drop) -> None:
    for age, name in enumerate(("c.csv", "a.csv", "b.csv")):
        os.utime(drop.put(name, f"Name\n{name}\n"), (age, age))
    drop.poll()

    assert people(drop.poll()) == ["c.csv", "a.csv", "b.csv"]


def test_what_is_no_csv_is_kept_for_a_person_and_moved_away(drop: Drop) -> None:
    drop.put("book.csv", b"PK\x03\x04" + b"\0" * 100_000)
    drop.poll()

    (submission,) = drop.poll()

    assert submission.problem == "book.csv: the workbook is broken (BadZipFile)"
    assert len(submission.raw) == 64 * 1024
    assert drop.names() == ["done/book.csv"]


def test_bad_row_does_not_hide_the_good_ones(drop: Drop) -> None:
    drop.put("leads.csv", "Name;E-Mail\nZoë\nBob;bob@acme.example\n")
    drop.poll()

    bad, good = drop.poll()

    assert bad.problem == "line 2: 1 cells under 2 columns"
    assert people([good]) == ["Bob"]


def test_workbook_is_read_like_a_csv_file(drop: Drop) -> None:
    drop.put("leads.xlsx", workbook(["Name", "E-Mail"], ["Zoë", "zoe@acme.example"], ["Bob", "bob@acme.example"]))
    drop.put("leads.csv")
    drop.poll()

    found = drop.poll()

    assert len({one.key for one in found}) == 2
    assert sorted(people(found)) == ["Bob", "Bob", "Zoë", "Zoë"]


def test_rows_before_the_damage_of_a_workbook_are_kept(drop: Drop) -> None:
    body = workbook(["Name"], *(["Eva"] for _ in range(700)), [1])
    with ZipFile(io.BytesIO(body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").replace(b"<v>1</v>", b"<v>x</v>")
    drop.put("leads.xlsx", patched("xl/worksheets/sheet1.xml", sheet.decode(), body))
    drop.poll()

    *found, last = drop.poll()

    assert people(found) == ["Eva"] * 700
    assert last.problem == "leads.xlsx: the workbook is broken (ValueError)"


def test_rows_for_another_source_are_its_submissions(tmp_path: Path) -> None:
    drop = Drop(tmp_path, as_source="meta")
    drop.put("leads.csv", "id,created_time,form_id,full_name\nl:123,2026-03-01T10:00:00Z,f:1,Eva\n")
    drop.poll()

    (submission,) = drop.poll()

    assert (submission.source, submission.key) == ("meta", "123")


def test_empty_file_is_moved_away(drop: Drop) -> None:
    drop.put("empty.csv", b"")
    drop.poll()

    assert drop.poll() == []
    assert drop.names() == ["done/empty.csv"]


def test_options_choose_names_columns_and_place(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    drop = Drop(tmp_path / "in", pattern="leads-*.txt", done=tmp_path / "out", id_column="No", quiet=0, delimiter=";")
    drop.put("leads-1.txt", "No;Name\n7;Eva\n")
    drop.put("other.csv")
    drop.poll()

    (submission,) = drop.poll()

    assert submission.key == "7"
    assert (tmp_path / "out/leads-1.txt").exists()


def test_folder_that_went_away_may_come_back(drop: Drop) -> None:
    drop.put("leads.csv")
    drop.poll()
    drop.folder.rename(drop.folder.with_name("away"))

    with pytest.raises(Retryable, match="folder cannot be read"):
        drop.poll()

    drop.folder.with_name("away").rename(drop.folder)
    drop.poll()
    assert len(drop.poll()) == 2


def test_file_that_cannot_be_moved_says_so(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").write_text("in the way")
    drop = Drop(tmp_path / "in", done=tmp_path / "out")
    drop.put("leads.csv")
    drop.poll()

    with pytest.raises(Retryable, match=r"leads\.csv is read, but cannot be moved"):
        drop.poll()


def test_check_looks_at_both_folders(tmp_path: Path) -> None:
    assert all(finding.ok for finding in Drop(tmp_path).source.check())

    missing = Drop(tmp_path / "missing").source.check()

    assert [finding.ok for finding in missing] == [False, False]
    assert all(finding.remedy for finding in missing)


@pytest.mark.parametrize(
    "options",
    [{}, {"folder": "in", "encoding": "klingon"}, {"folder": "in", "done": "in"}, {"folder": "in", "quiet": -1}],
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)
