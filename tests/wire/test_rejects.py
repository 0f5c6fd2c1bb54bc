"""Rows that were set aside, written down, mended and read again."""

import csv
import io
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from syncd.wire.csv_rows import Row, read_csv, row_submission
from syncd.wire.rejects import rejected_row, rejects_header

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def written(*lines: list[str], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def again(*lines: list[str]) -> list[Row]:
    return list(read_csv(written(rejects_header(["Name", "Phone"]), *lines)))


def test_mended_row_takes_the_place_of_the_one_that_was_set_aside() -> None:
    (row,) = again(rejected_row("unreadable:12", "line 2: 1 cells under 2 columns", ["Eva", "+49 30 1"]))

    found = row_submission(row, "fair", NOON)

    assert (found.key, found.mends, found.problem) == ("unreadable:12", True, "")
    assert [(answer.id, answer.value) for answer in found.answers] == [("Name", "Eva"), ("Phone", "+49 30 1")]


def test_row_that_nobody_mended_is_the_same_bytes_as_before() -> None:
    (first,) = read_csv(b"Name,Phone\nEva\n")

    (row,) = again(rejected_row("unreadable:12", "why", first.record))

    assert row.raw == first.raw
    found = row_submission(row, "fair", NOON)
    assert (found.key, found.mends, bool(found.problem)) == ("unreadable:12", True, True)


def test_row_that_somebody_added_has_a_key_of_its_own() -> None:
    (row,) = again(["", "", "Bob", "1"])

    assert (
        row_submission(row, "fair", NOON).key
        == row_submission(next(read_csv(b"Name,Phone\nBob,1\n")), "fair", NOON).key
    )


def test_line_of_which_only_the_marks_are_left_is_blank() -> None:
    assert again(["sha256:1", "why", "", ""]) == []


cell = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6).map(str.strip)


@given(st.lists(cell, min_size=2, max_size=2).filter(any))
def test_cells_come_back_as_they_were_and_none_is_a_formula(cells: list[str]) -> None:
    line = rejected_row("k", "=HYPERLINK(1)", cells)

    (row,) = again(line)

    assert list(row.record) == cells
    assert not any(each.startswith(("=", "+", "-", "@")) for each in line)
