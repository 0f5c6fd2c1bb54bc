"""Values on their way into a field and out of it, and texts in which people write as well."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sinks.salesforce.soql import literal, moment, parts, select
from connectors.sinks.salesforce.texts import Present, marks_in, renewed, with_mark
from connectors.sinks.salesforce.values import decode, encode
from syncd.connector import utf16_units
from tests.fakes.salesforce.soql import Test as Comparison
from tests.fakes.salesforce.soql import parse


@pytest.mark.parametrize(
    ("value", "kind", "length", "expected"),
    [
        ("text", "string", 80, "text"),
        ("a@b.example", "email", 80, "a@b.example"),
        ("no address", "email", 80, None),
        ("+49" * 20, "phone", 40, None),
        ("12", "int", 0, 12),
        ("12.5", "int", 0, None),
        ("12.5", "double", 0, 12.5),
        ("3000000000", "int", 0, None),
        ("11-50", "int", 0, None),
        ("yes", "boolean", 0, True),
        ("perhaps", "boolean", 0, None),
        ("2026-03-02", "date", 0, "2026-03-02"),
        ("2026-03-02T10:00:00+01:00", "datetime", 0, "2026-03-02T09:00:00.000Z"),
        ("soon", "datetime", 0, None),
    ],
)
def test_value_goes_as_the_field_takes_it_or_not_at_all(value: str, kind: str, length: int, expected: object) -> None:
    assert encode(value, kind, length) == expected


def test_picklist_takes_its_own_values_in_its_own_case() -> None:
    assert encode("web", "picklist", 255, ("Web", "Other")) == "Web"
    assert encode("Fair", "picklist", 255, ("Web", "Other")) is None
    assert encode("Anything", "picklist", 255) == "Anything"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "yes"),
        (3.0, "3"),
        (3.5, "3.5"),
        (12, "12"),
        ("2026-03-02T09:00:00.000+0000", "2026-03-02T09:00:00Z"),
        ("1234567890", "1234567890"),
    ],
)
def test_value_is_read_as_it_stands_in_our_fields(value: object, expected: str) -> None:
    assert decode(value) == expected


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_literal_is_read_as_the_value_it_was_made_of(text: str) -> None:
    query = parse(select(["Id"], "Lead", [f"Name = {literal(text)}"]))

    assert isinstance(query.where, Comparison)
    assert query.where.values[0].value == text


def test_control_characters_cannot_break_a_question() -> None:
    assert literal("a\x00b\x1bc\nd") == "'abc\\nd'"


@given(st.lists(st.text(max_size=30), max_size=50), st.integers(1, 10), st.integers(10, 100))
def test_parts_hold_each_value_once_and_fit(values: list[str], most: int, room: int) -> None:
    made = list(parts(values, most, room))

    assert [value for part in made for value in part] == list(dict.fromkeys(values))
    assert all(len(part) <= most for part in made)


def test_moment_is_utc_with_milliseconds() -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC) + timedelta(milliseconds=7, microseconds=900)

    assert moment(at) == "2026-03-02T10:00:00.007Z"


def test_mark_stays_when_a_text_is_too_long() -> None:
    text = with_mark("x" * 100, "T1", 50)

    assert utf16_units(text) <= 50
    assert marks_in(text) == ["T1"]
    assert marks_in(text + "\nand what a rep added") == ["T1"]


def test_our_own_old_text_makes_room_for_the_new_one() -> None:
    assert renewed(Present("old", ours=True), "new", 100) == "new"


def test_what_a_rep_wrote_stays_for_good() -> None:
    first = renewed(Present("called, nobody there", ours=False), "new", 200)
    second = renewed(Present(first, ours=True), "newer", 200)

    assert second.startswith("newer")
    assert second.endswith("called, nobody there")
    assert "new\n" not in second


@given(st.text(max_size=200), st.booleans(), st.text(max_size=200), st.integers(60, 120))
def test_description_never_grows_beyond_its_field(present: str, ours: bool, text: str, room: int) -> None:
    assert utf16_units(renewed(Present(present, ours), text, room)) <= room
