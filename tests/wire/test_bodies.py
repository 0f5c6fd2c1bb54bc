"""Names that are paths, and JSON inside texts."""

import pytest

from syncd.connector import AnswerKind, Question, asked, json_inside, named, nested
from syncd.model import Answer


def test_names_with_brackets_are_paths() -> None:
    flat = {"form[name]": "Offer", "fields[email][value]": "a@b.example", "plain": "x"}

    assert nested(flat) == {
        "form": {"name": "Offer"},
        "fields": {"email": {"value": "a@b.example"}},
        "plain": "x",
    }


@pytest.mark.parametrize(
    "flat", [{"a": "1", "a[b]": "2"}, {"a[b]": "2", "a": "1"}, {"a[b]": "1", "a[b][c]": "2"}, {"[": "1", "[]": "2"}]
)
def test_names_that_contradict_each_other_lose_no_value(flat: dict[str, str]) -> None:
    assert sorted(texts(nested(flat))) == ["1", "2"]


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    return [str(value)]


@pytest.mark.parametrize("text", ["", "plain", "[broken", "{", None, 7, "[" * 100_000])
def test_a_text_that_is_no_json_has_none_inside(text: object) -> None:
    assert json_inside(text) is None


def test_json_inside_a_text_is_read() -> None:
    assert json_inside(' ["a", 9007199254740993]') == ["a", 9007199254740993]


def test_boxes_say_yes_or_no_and_those_that_were_not_shown_say_nothing() -> None:
    found = list(named("", boxes=("accept",))({"accept-1": "on", "accept-2": "", "accept-3": None, "name": "Eva"}))

    assert [(one.id, one.value, one.kind) for one in found] == [
        ("accept-1", "yes", AnswerKind.CONSENT),
        ("accept-2", "no", AnswerKind.CONSENT),
        ("name", "Eva", AnswerKind.TEXT),
    ]


def test_what_is_known_of_a_question_is_added_and_replaces_nothing() -> None:
    known = {
        "q1": Question("E-mail", AnswerKind.EMAIL),
        "q2": Question("Other"),
        "q3": Question("News", AnswerKind.CONSENT),
    }
    given = [Answer("q1", "a@b.example"), Answer("q2", "x", "As it was asked"), Answer("q9", "y")]

    found = list(asked(given, known))

    assert [(one.id, one.value, one.label) for one in found] == [
        ("q1", "a@b.example", "E-mail"),
        ("q2", "x", "As it was asked"),
        ("q9", "y", ""),
        ("q3", "no", "News"),
    ]
    assert found[0].kind is AnswerKind.EMAIL
