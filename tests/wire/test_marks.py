"""A mark in the last line of a text is found again, and nobody else's text passes for one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.connector import mark_in, marked_plain, marked_rich

TEXTS = st.text(st.sampled_from("syncd: \n<>&;nbp/") | st.characters(codec="utf-8"), max_size=200)
MARKS = st.text("abcXYZ019._:-", min_size=1, max_size=60)


@given(TEXTS, MARKS, st.integers(120, 400))
def test_a_mark_is_found_behind_any_text_and_fits(text: str, mark: str, most: int) -> None:
    for marked in (marked_plain(text, mark, most), marked_rich(text, mark, most)):
        assert mark_in(marked) == mark
        assert len(marked) <= most


@given(TEXTS, MARKS, MARKS)
def test_a_mark_that_somebody_typed_is_not_the_one_that_counts(text: str, theirs: str, ours: str) -> None:
    typed = f"{text}\nsyncd: {theirs}"

    assert mark_in(marked_plain(typed, ours, 10_000)) == ours
    assert mark_in(marked_rich(typed, ours, 10_000)) == ours


@pytest.mark.parametrize(
    "dressed",
    [
        "<p>Call her</p><p>syncd: t-1</p>",
        "<div>Call her<br>syncd: t-1<br></div>",
        '<p data-x="1">Call her</p>\n<p><span style="">syncd: t-1</span>&nbsp;</p>\n',
        "<p>Call her</p><p>&nbsp;syncd: t-1</p>",
        "Call her\r\n\r\nsyncd: t-1\r\n",
        "syncd: t-1",
    ],
)
def test_it_is_found_though_the_service_dressed_the_text_anew(dressed: str) -> None:
    assert mark_in(dressed) == "t-1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Call her",
        "syncd: t-1\nCalled her",
        "<p>syncd: t-1</p><p>done</p>",
        "as told by syncd: t-1",
        None,
        7,
        ["t-1"],
    ],
)
def test_what_does_not_end_with_a_mark_has_none(text: object) -> None:
    assert mark_in(text) == ""


@pytest.mark.parametrize("filling", ["\n", "\r\n", " ", "&nbsp;", "<b>", "<", "\nsyncd: t-1", "\nsyncd: t-1<"])
def test_long_texts_are_read_in_no_time(filling: str) -> None:
    text = filling * 20_000 + " x"

    started = time.process_time()
    assert mark_in(text) == ""
    assert time.process_time() - started < 0.5
