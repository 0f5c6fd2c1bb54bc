"""Names that are paths, JSON inside texts and in old charsets, and fields in an address."""

from typing import Any

import pytest

from syncd.connector import AnswerKind, Question, asked, json_inside, named, nested
from syncd.errors import Rejected
from syncd.model import Answer
from syncd.testing import NOON
from syncd.wire.bodies import FORM_TYPES, JSON_TYPE, in_the_body, read_any, read_json
from syncd.wire.web import WebRequest


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


@pytest.mark.parametrize(
    ("flat", "found"),
    [
        ({"a[0]": "x", "a[1]": "y"}, {"a": ["x", "y"]}),
        ({"a[1]": "y", "a[0]": "x"}, {"a": ["x", "y"]}),
        ({"a[b][0]": "x"}, {"a": {"b": ["x"]}}),
        ({"a[1]": "x", "a[2]": "y"}, {"a": {"1": "x", "2": "y"}}),
        ({"a[0]": "x", "a[b]": "y"}, {"a": {"0": "x", "b": "y"}}),
        ({"a[0][b]": "x", "a[1][b]": "y"}, {"a": {"0": {"b": "x"}, "1": {"b": "y"}}}),
        ({"a": {}}, {"a": {}}),
    ],
)
def test_texts_that_are_numbered_from_0_are_a_list(flat: dict[str, Any], found: dict[str, Any]) -> None:
    assert nested(flat) == found


@pytest.mark.parametrize(
    ("text", "charset", "sent_as"),
    [
        ("Zoë", "", "utf-8"),
        ("Zoë", "iso-8859-1", "iso-8859-1"),
        ("Zoë Łódź", "utf-8", "utf-8"),
        ("Zoë", "ISO-8859-1", "utf-8"),
        ("Жанна", "windows-1251", "windows-1251"),
        ("田中", '"Shift_JIS"', "shift_jis"),
    ],
)
def test_json_is_utf8_and_only_what_is_not_is_read_as_its_charset_says(text: str, charset: str, sent_as: str) -> None:
    kind = f"{JSON_TYPE}; charset={charset}" if charset else JSON_TYPE
    request = WebRequest("POST", {"content-type": kind}, {}, f'["{text}"]'.encode(sent_as), NOON)

    assert read_json(request) == ([text], request)


@pytest.mark.parametrize("charset", ["", "utf-8", "UTF8", "rot13", "base64", "no-such", "\xff"])
def test_json_that_is_in_no_charset_of_a_page_is_refused(charset: str) -> None:
    request = WebRequest("POST", {"content-type": f"{JSON_TYPE}; charset={charset}"}, {}, b'["Zo\xeb"]', NOON)

    with pytest.raises(Rejected, match="UTF-8"):
        read_json(request)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_fields_in_an_address_become_those_of_a_form_without_the_token(method: str) -> None:
    given = WebRequest(method, {"content-type": JSON_TYPE}, {"token": "s3cret", "a[0]": "x & y", "b": ""}, b"", NOON)

    made = in_the_body(given)

    assert (made.method, made.query, made.content_type) == ("POST", {}, FORM_TYPES[0])
    assert read_any(made)[0] == {"a[0]": "x & y", "b": ""}
    assert in_the_body(made) is made
    with pytest.raises(Rejected):
        in_the_body(WebRequest(method, {}, {"token": "s3cret"}, b"", NOON))
