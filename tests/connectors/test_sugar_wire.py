"""Values on their way to SugarCRM and SuiteCRM and back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sinks.sugar import suite, wire
from connectors.sinks.sugar.service import FieldInfo
from tests.fakes.sugar.account import Account
from tests.fakes.sugar.options import Options
from tests.fakes.sugar.suite_v8 import STRANGE


def test_ids_are_the_same_for_ever() -> None:
    """What earlier versions have made is found under them: another id would be another record."""
    assert wire.id_of("lead", "lead-1") == "4e4ce0d8-1bc3-502d-a5dd-d8f8c5b0b0a6"
    assert wire.id_of("lead", "lead-1", 1) == "ea4a069e-326d-5571-b8e5-946aa86572ce"
    assert wire.id_of("task", "task-1") == "6b870f71-f717-5955-945a-5c89fa71e099"


def test_ids_of_other_things_with_the_same_key_are_others() -> None:
    made = {wire.id_of(kind, "1", seat) for kind in ("lead", "task", "note") for seat in range(4)}

    assert len(made) == 12
    assert all(wire.is_ours(each) for each in made)
    assert not wire.is_ours(Account(Options()).new_id())


@given(st.text(alphabet=st.sampled_from("ab(])[\"'<>\n ü]")))
def test_no_text_that_the_v8_api_would_refuse_is_left_and_blanks_are_all_that_is_added(text: str) -> None:
    sent = suite.tamed(text)

    assert not STRANGE.search(sent)
    assert sent.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (FieldInfo("a", "varchar", 9), "a\nlong  text", "a l [...]"),
        (FieldInfo("a", "text"), "two\nlines", "two\nlines"),
        (FieldInfo("a", "enum", options=frozenset({"x"})), "x", "x"),
        (FieldInfo("a", "enum", options=frozenset({"x"})), "y", None),
        (FieldInfo("a", "enum"), "y", "y"),
        (FieldInfo("a", "int"), "12", 12),
        (FieldInfo("a", "int"), "many", None),
        (FieldInfo("a", "int"), "99999999999", None),
        (FieldInfo("a", "date"), "2026-03-02T12:00:00Z", "2026-03-02"),
        (FieldInfo("a", "datetimecombo"), "2026-03-02T12:00:00+01:00", "2026-03-02 11:00:00"),
        (FieldInfo("a", "datetimecombo"), "soon", None),
        (FieldInfo("a", "multienum"), "x", None),
    ],
)
def test_value_is_what_its_field_can_hold_or_nothing(field: FieldInfo, text: str, value: object) -> None:
    assert wire.value_for(field, text, suite.instant) == value


def test_texts_of_suitecrm_are_read_without_the_entities_of_html() -> None:
    row = suite.as_row("1", {"last_name": "O&#039;Neil &amp; S&ouml;hne", "email1": "a@x.example", "deleted": "0"})

    assert row["last_name"] == "O'Neil & Söhne"
    assert (row["emails"], row["deleted"]) == (["a@x.example"], False)


def test_moment_in_another_zone_is_written_in_utc() -> None:
    assert suite.instant(datetime.fromisoformat("2026-03-02T12:00:00+02:00")) == "2026-03-02 10:00:00"
    assert suite.instant(datetime(2026, 3, 2, tzinfo=UTC)) == "2026-03-02 00:00:00"
