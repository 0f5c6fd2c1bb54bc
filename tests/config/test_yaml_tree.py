"""YAML as text with places."""

from textwrap import dedent

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from syncd.config.problems import Complaint, ConfigErrors
from syncd.config.yaml_tree import MAX_ALIASES, MAX_DEPTH, Tree, read_yaml


def read(text: str) -> Tree:
    return read_yaml(dedent(text), "c.yaml")


def trouble(text: str) -> str:
    with pytest.raises(ConfigErrors) as raised:
        read(text)
    return str(raised.value)


def test_every_scalar_stays_the_text_that_was_written() -> None:
    tree = read("{country: NO, zip: 01234, at: 12:30, on: yes, n: 1_000, f: 1.0}")

    assert tree.data == {
        "country": "NO", "zip": "01234", "at": "12:30", "on": "yes", "n": "1_000", "f": "1.0",
    }  # fmt: skip


def test_a_value_left_out_is_none_unless_it_is_quoted() -> None:
    tree = read(
        """\
        a:
        b: ~
        c: [null, "null", '']
        null: x
        """
    )

    assert tree.data == {"a": None, "b": None, "c": [None, "null", ""], "null": "x"}


def test_keys_and_values_have_their_places() -> None:
    tree = read("a:\n  bc:  d\n  e: [f,\n    g]\n")

    assert tree.keys["a", "bc"] == (2, 3)
    assert tree.positions["a", "bc"] == (2, 8)
    assert tree.positions["a", "e", 1] == (4, 5)


def test_a_path_that_is_not_there_has_the_place_of_its_parent() -> None:
    tree = read("a:\n  b: {c: 1}\n")

    assert str(tree.problem(Complaint(("a", "b", "x", "y"), "missing"))) == "c.yaml:2:3  a.b.x.y: missing"
    assert str(tree.problem(Complaint(("z", 3), "missing"))) == "c.yaml:1:1  z[3]: missing"


def test_a_key_given_twice_keeps_the_first_and_is_told_with_both_lines() -> None:
    tree = read("a: {b: 1}\nc: 2\na: {b: 3, b: 4}\n")

    assert tree.data == {"a": {"b": "1"}, "c": "2"}
    assert [str(problem) for problem in tree.problems] == ["c.yaml:3:1  a: given twice; the first is on line 1"]


def test_all_that_can_be_read_around_is_told_at_once() -> None:
    tree = read('a: !!int 1\nb: {<<: {x: 1}}\n? [p, q]\n: r\nc: 1\nc: [{d: 2}]\n"": e\n')

    assert tree.data == {"a": "1", "b": {}, "c": "1"}
    assert [(problem.line, problem.message.split(" ")[0]) for problem in tree.problems] == [
        (1, "tags"),
        (2, "merge"),
        (3, "a"),
        (6, "given"),
        (7, "a"),
    ]


def test_an_alias_repeats_its_anchor_with_the_places_of_the_anchor() -> None:
    tree = read("a: &x {b: [1]}\nc: *x\n")

    assert tree.data == {"a": {"b": ["1"]}, "c": {"b": ["1"]}}
    assert tree.positions["c", "b", 0] == tree.positions["a", "b", 0] == (1, 12)
    assert tree.keys["c",] == (2, 1)


def test_aliases_are_counted() -> None:
    allowed = "a: &x 1\nb: [" + "*x," * MAX_ALIASES + "]"

    assert read(allowed).data is not None
    assert trouble(allowed.replace("]", "*x]")).endswith("more than 50 aliases (*)")


def test_an_alias_bomb_stops_before_it_is_written_out() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 6)]

    assert trouble("\n".join(lines)).endswith("more than 100000 values")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [*x]", "c.yaml:1:8  a[0]: the alias *x stands inside its own anchor"),
        ("a: *x", "c.yaml:1:4  a: the alias *x has no anchor above it"),
        ("[" * (MAX_DEPTH + 2), "c.yaml:1:42  [0][0][0]: nested deeper than 40 levels"),
        ("a: 1\n---\nb: 2", "c.yaml:2:1  a second document begins here; a config is a single one"),
        ("a:\n\tb: 1", "c.yaml:2:1  not YAML: a tab; indent with spaces"),
        ("a: @b", "c.yaml:1:4  not YAML: a value that begins with @ needs quotes"),
        ("a: 1\nb: c: d", "c.yaml:2:5  not YAML: a second colon on this line, or wrong indentation;"),
        ("a: 1\nb: \x07", "c.yaml:2:4  the character U+0007 cannot stand in YAML"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, said: str) -> None:
    assert trouble(text).startswith(said)


@pytest.mark.parametrize("text", ["", "# nothing", "---\n", "~"])
def test_an_empty_document_holds_nothing(text: str) -> None:
    assert read(text).data is None


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!?|>'\"#%,\n \t\x00<~0"), max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        tree = read_yaml(text, "c.yaml")
    except ConfigErrors as error:
        problems = error.problems
    else:
        problems = tree.problems

    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


plain = st.recursive(
    st.text(max_size=12).filter(lambda text: text.isprintable()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(min_size=1, max_size=6).filter(lambda key: key.isprintable() and key != "<<"),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(plain)
def test_what_yaml_writes_down_is_read_back(data: object) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)

    assert read_yaml(text, "c.yaml").data == data
