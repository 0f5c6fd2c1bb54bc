"""Conditions against an interpreter so plain that it can be checked by eye, and against hostile input."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.core.routing.conditions import ConditionError, compile_condition

FIELDS = ("country", "company_size", "postal_code", "email", "message", "hot", "topics")

texts = st.sampled_from(["DE", "de", " De ", "FR", "price", "the price list", "80331", "7", "51-200", "1,000", ""])
anything = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(), max_size=6),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.binary(max_size=3),
    st.lists(st.one_of(st.text(max_size=4), st.integers(), st.none()), max_size=3),
    st.lists(st.text(max_size=4), max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
facts_of_texts = st.dictionaries(st.sampled_from(FIELDS), st.one_of(texts, st.lists(texts, max_size=2).map(tuple)))
values = texts.filter(bool)
operators = st.one_of(
    values,
    st.lists(values, min_size=1, max_size=3),
    st.fixed_dictionaries({"in": st.lists(values, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"not_in": st.lists(values, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"starts_with": values}),
    st.fixed_dictionaries({"contains": values}),
    st.fixed_dictionaries({"exists": st.sampled_from(["true", "false"])}),
    st.fixed_dictionaries({"at_least": st.sampled_from(["7", "51"])}),
    st.fixed_dictionaries({"equals": values, "exists": st.just("true")}),
)
leaves = st.dictionaries(st.sampled_from(FIELDS), operators, min_size=1, max_size=2)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)


def plainly(tree, facts):
    """The meaning of a tree, without any thought of speed."""
    verdicts = []
    for name, asked in tree.items():
        if name == "all":
            verdicts.append(all(plainly(inner, facts) for inner in asked))
        elif name == "any":
            verdicts.append(any(plainly(inner, facts) for inner in asked))
        elif name == "not":
            verdicts.append(not plainly(asked, facts))
        else:
            value = facts.get(name, "")
            given_texts = [plain(text) for text in (value if isinstance(value, tuple) else (value,)) if plain(text)]
            operations = asked if isinstance(asked, dict) else {"in": asked if isinstance(asked, list) else [asked]}
            verdicts += [operation(op, wanted, given_texts) for op, wanted in operations.items()]
    return all(verdicts)


def operation(name, wanted, given_texts):
    if name == "exists":
        return bool(given_texts) == (wanted == "true")
    if name == "at_least":
        sizes = {"80331": 80331, "7": 7, "51-200": 51, "1,000": 1000}
        return any(sizes.get(text, 0) >= int(wanted) for text in given_texts)
    options = [plain(option) for option in (wanted if isinstance(wanted, list) else [wanted])]
    if name == "not_in":
        return bool(given_texts) and not any(text in options for text in given_texts)
    return any(one_of_them(name, option, text) for option in options for text in given_texts)


def one_of_them(name, option, text):
    if name == "starts_with":
        return text.startswith(option)
    if name == "contains":
        spaced = " ".join("".join(c if c.isalnum() else f" {c} " for c in text).split())
        phrase = " ".join("".join(c if c.isalnum() else f" {c} " for c in option).split())
        return f" {phrase} " in f" {spaced} "
    return text == option


def plain(text):
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@given(trees, facts_of_texts)
def test_closures_agree_with_the_plain_reading_of_the_tree(tree, facts):
    assert compile_condition(tree, FIELDS).matches(facts) is plainly(tree, facts)


@given(trees, st.dictionaries(st.sampled_from(FIELDS), anything))
def test_matching_never_raises_and_a_reason_is_given_exactly_when_it_fails(tree, facts):
    condition = compile_condition(tree, FIELDS)

    words = condition.why_not(facts)

    assert (words == "") is condition.matches(facts)
    words.encode()


@given(trees, trees, facts_of_texts)
def test_a_condition_with_more_parts_matches_nothing_that_one_with_fewer_does_not(tree, more, facts):
    wide = compile_condition(tree, FIELDS)
    narrow = compile_condition({"all": [more, tree]}, FIELDS)

    assert wide.parts <= narrow.parts
    assert wide.matches(facts) or not narrow.matches(facts)


@given(st.dictionaries(st.sampled_from(FIELDS), anything))
def test_a_comparison_with_nothing_is_false_for_every_operator(facts):
    blank = {name: value for name, value in facts.items() if name != "email"}
    asked = [
        "x",
        ["x"],
        {"not_in": ["x"]},
        {"prefix": "x"},
        {"contains": "x"},
        {"domain_in": "x.org"},
        {"at_least": "0"},
        {"from": "0"},
        {"to": "z"},
        {"exists": "true"},
    ]

    verdicts = [compile_condition({"email": each}, FIELDS).matches(blank) for each in asked]

    assert not any(verdicts)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from((*FIELDS, "all", "any", "not", "in", "from", "to", "x")), inner),
        ),
    )
)
def test_a_hostile_tree_compiles_or_is_refused_with_a_place(tree):
    refusal = None
    try:
        compile_condition(tree, FIELDS)
    except ConditionError as error:
        refusal = error

    assert refusal is None or (isinstance(refusal.path, tuple) and str(refusal))


@settings(max_examples=20)
@given(st.text(st.sampled_from("0123456789.,-– '€+tobis k"), max_size=90))  # noqa: RUF001  # a dash people type
def test_no_text_of_digits_and_separators_breaks_the_reading_of_numbers(text):
    verdict = compile_condition({"company_size": {"at_least": 1}}, FIELDS).matches({"company_size": text})

    assert verdict in (True, False)
