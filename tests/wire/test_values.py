"""Texts and times out of JSON values."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.wire.values import day_of, flatten, list_in, moment_of, number_of, object_in, text_in, text_of

LATER = datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("  ", ""),
        (" Eva ", " Eva "),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (4915112345678, "4915112345678"),
        (2**70, str(2**70)),
        (5.0, "5"),
        (-0.5, "-0.5"),
        (1e300, "1e+300"),
        ([], ()),
        (["one"], "one"),
        (["a", None, "", 2, ["nested"], {}], ("a", "2", "nested")),
        ({"a": 1}, ""),
    ],
)
def test_text_of_each_kind_of_value(value: Any, text: Any) -> None:
    assert text_of(value) == text


def test_flat_paths_count_lists_from_zero_and_leave_blanks_out() -> None:
    value = {"a": {"b": [{"c": 1, "d": ""}, {"c": 2}]}, "e": ["x", "y"], "f.g": True, "h": None, "i": []}

    assert dict(flatten(value)) == {"a.b.0.c": "1", "a.b.1.c": "2", "e": ("x", "y"), "f.g": "yes"}


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-02T12:00:05Z",
        "2026-03-02T12:00:05.000Z",
        " 2026-03-02 13:00:05+01:00 ",
        "2026-03-02T12:00:05",
        1772452805,
        1772452805.0,
        1772452805000,
        "1772452805",
        "1772452805000",
    ],
)
def test_times_are_read_as_utc(value: Any) -> None:
    assert moment_of(value) == LATER


@pytest.mark.parametrize(
    "value",
    ["", "soon", None, True, [], {}, "0001-01-01T00:00:00+14:00", 10**40, -(10**20), float(10**300), "03/02/2026"],
)
def test_what_is_no_time_is_none(value: Any) -> None:
    assert moment_of(value) is None


@given(st.text(max_size=30) | st.integers() | st.floats() | st.none())
def test_any_value_is_a_time_in_utc_or_none(value: Any) -> None:
    moment = moment_of(value)

    assert moment is None or moment.tzinfo is UTC


def test_reaching_into_values_of_the_wrong_kind_gives_nothing() -> None:
    strange: list[Any] = [None, 1, "text", [], {"a": None}, {"a": 1}]
    for value in strange:
        assert object_in(value, "a") == {}
        assert list_in(value, "a") == []
    assert text_in([], "a") == ""
    assert text_in({"a": ["x", 2]}, "a") == "x; 2"


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), (" 7.0 ", 7), ("-0.5", -0.5), ("1e3", 1000), ("1e15", None), ("nan", None), ("-inf", None),
     ("seven", None), ("", None), ("7 EUR", None)],
)  # fmt: skip
def test_numbers_in_texts(text: str, number: float | None) -> None:
    assert number_of(text) == number
    assert type(number_of(text)) is type(number)


@given(st.floats(-1e14, 1e14) | st.integers(-(10**14), 10**14))
def test_a_number_that_was_written_is_read_as_the_same(number: float) -> None:
    assert number_of(str(number)) == number


@given(st.text(max_size=20))
def test_no_text_breaks_numbers_and_days(text: str) -> None:
    assert number_of(text) is None or abs(number_of(text) or 0) < 10**15
    assert day_of(text) is None or len(day_of(text) or "") == 10


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-03-02", "2026-03-02"), ("2026-03-02T23:30:00-05:00", "2026-03-02"), ("20260302", "2026-03-02"),
     ("2026-02-30", None), ("tomorrow", None), ("", None), ("02.03.2026", None)],
)  # fmt: skip
def test_days_in_texts(text: str, day: str | None) -> None:
    assert day_of(text) == day
