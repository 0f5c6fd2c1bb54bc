"""CSV as people export it, and as it is when something went wrong."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import Rejected
from syncd.model import AnswerKind
from syncd.wire.csv_rows import CsvFormat, Row, read_csv, row_submission

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def rows(text: str | bytes, form: CsvFormat | None = None) -> list[Row]:
    return list(read_csv(text.encode() if isinstance(text, str) else text, form or CsvFormat()))


def cells(text: str | bytes, form: CsvFormat | None = None) -> list[dict[str, str]]:
    return [dict(row.cells) for row in rows(text, form)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_ends_are_found_out(delimiter: str, end: str) -> None:
    text = end.join([delimiter.join(["Name", "E-Mail"]), delimiter.join(["Eva", "eva@acme.example"]), ""])

    assert cells(text) == [{"Name": "Eva", "E-Mail": "eva@acme.example"}]


def test_delimiter_inside_a_quoted_column_name_does_not_count() -> None:
    assert cells('"Name, first, last";Mail\nEva;e@acme.example\n') == [
        {"Name, first, last": "Eva", "Mail": "e@acme.example"}
    ]


def test_excel_names_the_delimiter_itself() -> None:
    assert cells("sep=;\r\na,b;c\r\n1;2\r\n") == [{"a,b": "1", "c": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encoding_is_found_out(encoding: str) -> None:
    assert cells("Name\tStadt\nZoë\tKöln €\n".encode(encoding)) == [{"Name": "Zoë", "Stadt": "Köln €"}]


def test_encoding_that_nobody_can_find_out_may_be_given() -> None:
    text = "Imię;Miasto\nŁukasz;Łódź\n"

    assert cells(text.encode("cp1250"), CsvFormat(encoding="cp1250")) == [{"Imię": "Łukasz", "Miasto": "Łódź"}]
    with pytest.raises(Rejected):
        rows("a,b\n", CsvFormat(encoding="zlib"))


def test_cut_utf8_late_in_a_file_is_noticed() -> None:
    text = b"Name\n" + b"Eva\n" * 100_000 + "Zoë\n".encode("cp1252")

    assert cells(text)[-1] == {"Name": "Zoë"}


def test_quoted_line_breaks_and_quotes_belong_to_the_cell() -> None:
    (row,) = rows('Name,Message\n"Eva ""E""","Line 1\r\nLine 2"\n')

    assert row.cells == (("Name", 'Eva "E"'), ("Message", "Line 1\r\nLine 2"))


def test_blank_lines_and_empty_cells_are_left_out() -> None:
    found = rows("a,b\n\n,\n 1 ,\n")

    assert [(row.line, row.cells, row.problem) for row in found] == [(4, (("a", "1"),), "")]


def test_columns_without_or_with_the_same_name_keep_their_cells() -> None:
    assert cells("Phone,,Phone\n1,2,3\n") == [{"Phone": "1", "column 2": "2", "Phone (3)": "3"}]


def test_rows_of_another_width_are_problems_and_hide_nobody() -> None:
    found = rows("a,b\n1\n2,3\n4,5,6\n7,8,\n9,10,,\n")

    assert [(row.line, bool(row.problem)) for row in found] == [
        (2, True),
        (3, False),
        (4, True),
        (5, False),
        (6, False),
    ]


def test_quote_that_never_closes_spoils_its_own_line_only() -> None:
    found = rows('a,b\n"Eva,1\nBob,2\nZoë,3\n')

    assert [(row.line, bool(row.problem)) for row in found] == [(2, True), (3, False), (4, False)]
    assert b"Bob" not in found[0].raw


def test_endless_cell_spoils_its_own_line_only() -> None:
    for endless in ("x" * 200_000, '"' + "x" * 200_000 + '"', "x" * 3_000_000, '"' + "y\n" * 100_000):
        found = rows(f"a,b\n{endless},1\nBob,2\n")

        assert found[0].problem
        assert found[-1].cells == (("a", "Bob"), ("b", "2"))


def test_nul_is_removed() -> None:
    assert cells(b"name,text\nEva\0,\0\0x\n\0\n") == [{"name": "Eva", "text": "x"}]


@pytest.mark.parametrize(
    "body",
    [b"PK\x03\x04" + b"\0" * 30, "a,b\n1,2\n".encode("utf-16-le"), b"eva@acme.example,Eva\n", b'"a,b\n1,2\n'],
)
def test_what_is_no_csv_with_a_header_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        rows(body)


@pytest.mark.parametrize("body", [b"", b"\n\n", b"a,b\n", b"\xef\xbb\xbf"])
def test_file_without_rows_has_none(body: bytes) -> None:
    assert rows(body) == []


def test_file_is_read_by_its_path_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,2\n")

    assert [row.cells for row in read_csv(tmp_path / "a.csv")] == [(("a", "1"), ("b", "2"))]


def test_raw_row_is_a_file_of_its_own() -> None:
    for row in rows('Name;Text\nEva;"a;b\nc"\nBob;x\n'):
        (again,) = rows(row.raw)

        assert again.cells == row.cells


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6)
table = st.lists(st.lists(cell, min_size=3, max_size=3), max_size=5)


@given(table, st.sampled_from(",;\t|"))
def test_what_a_program_wrote_is_read_back(lines: list[list[str]], delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["one", "two", "three"], *lines])

    found = cells(text.getvalue())

    kept = [{n: c.strip() for n, c in zip(("one", "two", "three"), line, strict=True) if c.strip()} for line in lines]
    assert found == [line for line in kept if line]


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_rejected(body: bytes) -> None:
    try:
        found = rows(body)
    except Rejected:
        return
    for row in found:
        row_submission(row, "csv", NOON)


def test_row_becomes_a_submission_with_its_columns_as_questions() -> None:
    (row,) = rows("created_time,Full Name,utm_source,phone\n2026-03-01T08:00:00+01:00,Eva,fair,p:+4930123\n")

    submission = row_submission(row, "fair", NOON)

    assert [(one.id, one.value, one.kind) for one in submission.answers] == [
        ("created_time", "2026-03-01T08:00:00+01:00", AnswerKind.TEXT),
        ("Full Name", "Eva", AnswerKind.TEXT),
        ("utm_source", "fair", AnswerKind.HIDDEN),
        ("phone", "p:+4930123", AnswerKind.TEXT),
    ]
    assert submission.submitted_at == datetime(2026, 3, 1, 7, 0, tzinfo=UTC)
    assert (submission.source, submission.received_at, submission.window) == ("fair", NOON, None)


def key(text: str, id_column: str = "") -> str:
    return row_submission(rows(text)[0], "csv", NOON, id_column).key


def test_row_is_the_same_in_any_file_and_any_order_of_columns() -> None:
    assert key("Name,Mail\nEva,e@acme.example\n") == key("Mail;Name;Empty\ne@acme.example; Eva;\n")
    assert key("Name,Time\nEva,9:00\n") != key("Name,Time\nEva,10:00\n")


def test_id_of_the_platform_is_the_key() -> None:
    assert key("id,Name\nl:120330,Eva\n") == "l:120330"
    assert key("Name,Lead ID\nEva,7231884312\n") == "7231884312"


def test_row_number_is_no_id_unless_somebody_says_so() -> None:
    assert key("id,Name\n1,Eva\n") != key("id,Name\n1,Bob\n")
    assert key("id,Name\n1,Eva\n", id_column="ID") == "1"


def test_problem_row_is_kept_with_its_line_and_reason() -> None:
    (row,) = rows("a,b\n1\n")

    submission = row_submission(row, "csv", NOON)

    assert submission.problem == "line 2: 1 cells under 2 columns"
    assert submission.raw


def test_test_leads_of_ad_platforms_are_marked() -> None:
    (row,) = rows("id,email\nl:1203301,<test lead: dummy data for email>\n")

    assert row_submission(row, "csv", NOON).context.test
