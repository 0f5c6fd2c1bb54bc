"""Keys from content: what makes two posts the same, and what does not."""

from datetime import UTC, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from syncd.wire.content_key import content_key, id_key, unreadable
from syncd.wire.values import Text

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIELDS: list[tuple[str, Text]] = [("name", "Eva"), ("topics", ("a", "b")), ("message", "Hello\r\nthere")]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
fields = st.lists(st.tuples(texts, texts | st.lists(texts, max_size=3).map(tuple)), max_size=6)


def test_order_white_space_and_blanks_make_no_difference() -> None:
    again: list[tuple[str, Text]] = [("message", " Hello there "), ("empty", ""), *reversed(FIELDS[:2])]

    assert content_key("f", again) == content_key("f", FIELDS)


def test_form_name_and_text_make_a_difference() -> None:
    others = [
        content_key("g", FIELDS),
        content_key("f", FIELDS[1:]),
        content_key("f", [("name", "eva"), *FIELDS[1:]]),
        content_key("f", [("topics", ("b", "a")), FIELDS[0], FIELDS[2]]),
    ]

    assert len({content_key("f", FIELDS), *others}) == 5


def test_captcha_answers_tokens_and_times_make_none_unless_exact() -> None:
    noise: list[tuple[str, Text]] = [
        ("g-recaptcha-response", "03AGd"),
        ("form[csrf_token]", "x1"),
        ("timestamp", "12:01"),
    ]

    assert content_key("f", [*FIELDS, *noise]) == content_key("f", FIELDS)
    assert content_key("f", [*FIELDS, *noise], exact=True) != content_key("f", FIELDS, exact=True)


@given(fields, st.randoms())
def test_any_order_gives_the_same_key(given_fields: list[tuple[str, Text]], dice: Random) -> None:
    shuffled = list(given_fields)
    dice.shuffle(shuffled)

    assert content_key("f", shuffled) == content_key("f", given_fields)


def test_parts_never_run_together() -> None:
    assert content_key("f", [("ab", "c")]) != content_key("f", [("a", "bc")])
    assert content_key("f", [("a", ("b", "c"))]) != content_key("f", [("a", ("bc",))])
    assert content_key("fa", [("b", "c")]) != content_key("f", [("ab", "c")])


def test_ids_stay_as_they_are_unless_they_are_too_long() -> None:
    assert id_key(" tok_1 ") == "tok_1"
    assert id_key("x" * 200) == "x" * 200
    assert id_key("x" * 201).startswith("sha256:")
    assert id_key("x" * 201) != id_key("x" * 202)


def test_unreadable_bytes_are_kept_whole_under_their_own_hash() -> None:
    kept = unreadable("forms", b"{", NOON, "not JSON")

    assert (kept.raw, kept.problem, kept.answers) == (b"{", "not JSON", ())
    assert kept.key != unreadable("forms", b"[", NOON, "not JSON").key
