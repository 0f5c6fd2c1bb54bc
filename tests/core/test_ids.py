"""Ids derive from the submission alone, so that the same work done again changes nothing."""

import re

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.ids import lead_id, note_mark, task_mark

texts = st.text(st.characters(codec=None), max_size=12) | st.text("ab \x1f:1", max_size=4)


def test_ids_stay_the_same_for_ever() -> None:
    assert lead_id("contact", "1") == "L4567774e46d8e5fa50a3"


@given(texts, texts)
def test_an_id_says_what_it_is_and_is_short_and_plain(source: str, key: str) -> None:
    for letter, made in (("L", lead_id), ("T", task_mark), ("N", note_mark)):
        assert re.fullmatch(f"{letter}[0-9a-f]{{20}}", made(source, key))


@given(texts, texts, texts, texts)
def test_two_submissions_never_share_an_id(source: str, key: str, other_source: str, other_key: str) -> None:
    same = (source, key) == (other_source, other_key)

    assert (lead_id(source, key) == lead_id(other_source, other_key)) is same


def test_moving_a_letter_from_the_source_to_the_key_makes_another_id() -> None:
    assert lead_id("a", "bc") != lead_id("ab", "c")
    assert lead_id("1 a", "b") != lead_id("1", "a b")
