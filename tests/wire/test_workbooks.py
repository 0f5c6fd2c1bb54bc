"""Workbooks as people save them, and as somebody builds them who means harm."""

import io
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from syncd.errors import Rejected
from syncd.wire.csv_rows import CsvFormat, Row, read_csv, row_submission
from syncd.wire.shown_values import shown

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*rows: list[Any], title: str = "Leads") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return saved(book)


def patched(part: str, content: str | Iterator[bytes], body: bytes | None = None) -> bytes:
    """A workbook with another content of one of its parts."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(body or workbook(["Name"], ["Eva"]))) as given, ZipFile(file, "w", ZIP_DEFLATED) as made:
        for name in given.namelist():
            if name != part:
                made.writestr(name, given.read(name))
        with made.open(part, "w") as opened:
            for piece in [content.encode()] if isinstance(content, str) else content:
                opened.write(piece)
    return file.getvalue()


def rows(body: bytes, sheet: str = "") -> list[Row]:
    return list(read_csv(body, CsvFormat(sheet=sheet)))


def cells(body: bytes, sheet: str = "") -> list[dict[str, str]]:
    return [dict(row.cells) for row in rows(body, sheet)]


def test_rows_of_a_workbook_are_rows_like_those_of_a_csv_file() -> None:
    found = rows(workbook([], ["Name", "E-Mail", "Phone"], ["Zoë", "zoe@acme.example", None], [], ["Bob", None, "1"]))

    assert [(row.line, dict(row.cells)) for row in found] == [
        (3, {"Name": "Zoë", "E-Mail": "zoe@acme.example"}),
        (5, {"Name": "Bob", "Phone": "1"}),
    ]
    assert not any(row.problem for row in found)
    assert (
        row_submission(found[0], "fair", NOON).key
        == row_submission(next(read_csv("Name;E-Mail;Phone\nZoë;zoe@acme.example;\n".encode())), "fair", NOON).key
    )


def test_values_are_what_a_person_reads() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    values = [
        ("Phone", 4930123456789, "General", "4930123456789"),
        ("Zip", 1067, "00000", "01067"),
        ("Day", date(2026, 3, 2), "dd.mm.yyyy", "2026-03-02"),
        ("Time", datetime(2026, 3, 2, 9, 5, 7), "General", "2026-03-02 09:05:07"),  # noqa: DTZ001 - as in a sheet
        ("Budget", 1234.5, "#,##0.00", "1234.50"),
        ("Share", 0.125, "0.0%", "12.5%"),
        ("Plus", 491701234567, '"+"0', "+491701234567"),
        ("Yes", True, "General", "yes"),
        ("Sum", "=1+1", "General", None),
        ("Text", "=no", "General", "=no"),
    ]
    for column, (name, value, form, _) in enumerate(values, 1):
        sheet.cell(1, column, name)
        cell = sheet.cell(2, column, value)
        if value == "=no":
            cell.data_type = "s"
        if form != "General":
            cell.number_format = form

    (found,) = cells(saved(book))

    assert found == {name: text for name, _, _, text in values if text}


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.1 + 0.2, "General", "0.3"),
        (1e21, "General", "1e+21"),
        (12.0, "General", "12"),
        (-7, "00", "-07"),
        (7.5, "0", "7.5"),
        (7.5, "000-000", "7.5"),
        (5551234567, '000"-"000', "5551234567"),
        (3, '[Red]0 "pcs"', "3 pcs"),
        (timedelta(hours=30), "[h]:mm", "1 day, 6:00:00"),
        (None, "0", ""),
    ],
)
def test_a_number_loses_no_digit_to_its_format(value: object, form: str, text: str) -> None:
    assert shown(value, form) == text


@given(
    st.one_of(st.integers(), st.floats(allow_nan=True), st.booleans(), st.datetimes(), st.text()), st.text(max_size=20)
)
def test_any_value_in_any_format_has_a_text(value: object, form: str) -> None:
    assert isinstance(shown(value, form), str)


def test_the_first_visible_sheet_with_rows_is_read_or_the_one_that_is_named() -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Empty"
    hidden, leads, others = (book.create_sheet(name) for name in ("Hidden", "Leads", "Others"))
    hidden.sheet_state = "hidden"
    for sheet, name in ((hidden, "H"), (leads, "L"), (others, "O")):
        sheet.append(["Name"])
        sheet.append([name])
    body = saved(book)

    assert cells(body) == [{"Name": "L"}]
    assert cells(body, "Others") == [{"Name": "O"}]
    with pytest.raises(Rejected, match='no sheet "Other"; it has: Empty, Hidden, Leads, Others'):
        rows(body, "Other")


def test_workbook_of_before_2007_or_with_a_password_says_what_to_do() -> None:
    with pytest.raises(Rejected, match=r"save it as \.xlsx or CSV first"):
        rows(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


# harm


def row_of(number: int) -> str:
    return f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>P{number}</t></is></c></row>'


def sheet_xml(data: str, before: str = "") -> str:
    return f"<?xml version='1.0'?>{before}<worksheet {SHEET}><sheetData>{HEADER}{data}</sheetData></worksheet>"


BILLION = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize("declared", [BILLION, OUTSIDE, "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>"])
@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_entities_are_never_opened(declared: str, part: str) -> None:
    with pytest.raises(Rejected, match="declares a document type"):
        rows(patched(part, sheet_xml("<row r='2'><c r='A2'><v>1</v></c></row>", declared)))


def blanks(start: str, mebibytes: int, piece: bytes = b" ") -> Iterator[bytes]:
    yield start.encode()
    for _ in range(mebibytes):
        yield piece * (2**20 // len(piece))


@pytest.mark.parametrize(("said", "why"), [(2**30, "unpacks to more"), (100, "is broken")])
def test_bomb_is_known_before_it_goes_off_whatever_it_says_of_itself(said: int, why: str) -> None:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr("xl/worksheets/sheet1.xml", b" " * 2**26)
        made.filelist[0].file_size = said
    began = time.process_time()

    with pytest.raises(Rejected, match=why):
        rows(file.getvalue())

    assert time.process_time() - began < 1


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize(("piece", "size"), [(b"<c/>", 1), (b"a", 5)])
def test_one_endless_row_or_text_ends_early(part: str, piece: bytes, size: int) -> None:
    with pytest.raises(Rejected, match="beyond all measure"):
        rows(patched(part, blanks(f"<worksheet {SHEET}><sheetData><row r='1'><c r='A1' t='str'><v>", size, piece)))


def test_wide_and_far_rows_take_no_time() -> None:
    began = time.process_time()

    far = cells(patched("xl/worksheets/sheet1.xml", sheet_xml(row_of(1_048_000) + row_of(99_999_999_999))))
    with pytest.raises(Rejected, match="more than 1,000 columns"):
        rows(patched("xl/worksheets/sheet1.xml", sheet_xml("<row r='2'><c r='XFD2'><v>1</v></c></row>")))

    assert far == [{"Name": "P1048000"}]
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet1.xml", sheet_xml("<row r='2'><c r='A2' t='s'><v>999</v></c></row>")),
        ("xl/worksheets/sheet1.xml", sheet_xml("<row r='2'><c r='A2' s='77'><v>1</v></c></row>")),
        ("xl/worksheets/sheet1.xml", sheet_xml("<row r='x'><c r='?'><v>1</v></c></row>")),
        ("xl/worksheets/sheet1.xml", sheet_xml("<row r='2'><c r='A2'><v>NaNa</v></c></row>")),
        ("xl/worksheets/sheet1.xml", f"<worksheet {SHEET}><sheetData>{HEADER}{row_of(2)}<row"),
        ("xl/workbook.xml", "<nothing/>"),
        ("[Content_Types].xml", ""),
    ],
)
def test_broken_workbook_is_rejected(part: str, content: str) -> None:
    with pytest.raises(Rejected):
        rows(patched(part, content))


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_any_damaged_byte_gives_rows_or_a_rejection(place: int, byte: int) -> None:
    body = bytearray(_SOUND)
    body[place % len(body)] = byte

    try:
        found = rows(bytes(body))
    except Rejected:
        return
    for row in found:
        row_submission(row, "fair", NOON)


_SOUND = workbook(["Name", "E-Mail"], ["Eva", "eva@acme.example"], ["Bob", 7])
