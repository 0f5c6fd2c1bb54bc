"""The table of faults: a battery replaces its own rows and leaves those of the others."""

from pathlib import Path

import pytest

from tests.battery.report import BEGIN, END, PAGE, Row, read, write


@pytest.fixture
def page(tmp_path: Path) -> Path:
    made = tmp_path / "promises.md"
    made.write_text(f"# Promises\n\n{BEGIN}\n{END}\n\nAnd more.\n")
    return made


def row(key: str, **changes: object) -> Row:
    usual = {"fault": "kill -9", "how": "a signal", "runs": 1000, "accepted": 9210, "lost": 0, "doubled": 0}
    return Row(key, **{**usual, "date": "2026-01-02", **changes})  # type: ignore[arg-type]


def test_a_row_is_written_between_the_markers_and_the_page_around_it_stays(page: Path) -> None:
    write([row("crash/sqlite")], page)

    text = page.read_text()
    assert "| crash/sqlite | kill -9 | a signal | 1,000 | 9,210 | 0 | 0 |  | 2026-01-02 |" in text
    assert text.startswith("# Promises\n\n")
    assert text.endswith("\n\nAnd more.\n")


def test_a_row_replaces_the_one_of_its_key_and_no_other(page: Path) -> None:
    write([row("crash/sqlite"), row("outage/quota", also="900 calls")], page)

    write([row("crash/sqlite", lost=3)], page)

    lines = [line for line in page.read_text().splitlines() if line.startswith(("| crash", "| outage"))]
    assert len(lines) == 2
    assert "| 3 | 0 |" in lines[0]
    assert "| 900 calls |" in lines[1]


def test_writing_the_same_again_changes_nothing(page: Path) -> None:
    write([row("b"), row("a")], page)
    before = page.read_text()

    write([row("a")], page)

    assert page.read_text() == before


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "promises.md"
    page.write_text("# Promises\n")

    with pytest.raises(ValueError, match="markers"):
        write([row("a")], page)


def test_a_bar_would_break_the_table() -> None:
    with pytest.raises(ValueError, match="bars"):
        row("a", fault="this | that")


def test_the_page_of_the_project_takes_rows(tmp_path: Path) -> None:
    copy = tmp_path / "promises.md"
    copy.write_text(PAGE.read_text())

    write([row("zzz/test")], copy)

    assert "| zzz/test |" in copy.read_text()


def test_a_row_is_read_as_it_was_written(page: Path) -> None:
    write([row("crash/sqlite", also="900 calls"), row("outage/quota")], page)

    assert read("crash/sqlite", page) == row("crash/sqlite", also="900 calls")
    assert read("soak", page) is None
