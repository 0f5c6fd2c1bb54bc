"""Task templates: what is refused before it counts, and what can never lose a lead's task."""

import tracemalloc
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.templates import BODY, LONGEST, SAMPLE, SUBJECT, check_template, render
from syncd.model import FIELDS

HUGE = "a" * 10_001


@pytest.mark.parametrize("source", [SUBJECT, BODY, "", "just words", "{{ who }}", "{{ fields.how_heard }}"])
def test_usual_templates_are_in_order(source: str) -> None:
    assert check_template(source) == []


@pytest.mark.parametrize("name", SAMPLE)
def test_every_variable_of_the_sample_may_be_used(name: str) -> None:
    assert check_template("{{ " + name + " }}") == []


@pytest.mark.parametrize("name", FIELDS)
def test_every_canonical_field_may_be_used(name: str) -> None:
    assert check_template("{{ fields." + name + " }}") == []


@pytest.mark.parametrize(
    "source",
    [
        "{% for label, text in answers %}{{ loop.index }}. {{ label }}: {{ text|truncate(60) }}\n{% endfor %}",
        "{% for remark in remarks if remark %}{{ remark }}{% else %}none{% endfor %}",
        "{{ company or 'no company' }} {{ topic|default('-', true)|upper }} {{ question[:100] }}",
        "{{ 'again' if interactions > 1 else 'new' }}{{ ' and known' if known and stage is not none }}",
        "{{ interactions + 1 }} {{ first_name ~ ' ' ~ last_name }} {{ answers[0][1] }} {{ answers|length }}",
        "https://crm.example.com/search?q={{ email|urlencode }}",
        "{# a remark #}{{ fields['company'] }}",
    ],
)
def test_what_a_task_needs_is_allowed(source: str) -> None:
    assert check_template(source) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ whom }}", "'whom' is undefined"),
        ("{% if campaign == 'x' %}{{ whom }}{% endif %}", "'whom' is undefined"),
        ("{{ fields.emial }}", ".emial cannot be used here"),
        ("{{ who", "unexpected end of template"),
        ("{{ who|shout }}", "no filter 'shout' here; there are capitalize, d, default"),
        ("{{ who.__class__ }}", ".__class__ cannot be used here"),
        ("{{ who.upper() }}", ".upper cannot be used here; a filter is written as who|upper"),
        ("{{ ''|attr('__class__') }}", "no filter 'attr' here"),
        ("{{ fields.update({'a': 1}) }}", ".update cannot be used here"),
        ("\n\n{{ 'a' * 100000000 }}", "line 3: * cannot be used here"),
        ("{{ 10 ** 10 ** 10 }}", "** cannot be used here"),
        ("{{ '%1000000000d' % 1 }}", "% cannot be used here"),
        ("{{ '{:>1000000000}'.format(1) }}", ".format cannot be used here"),
        ("{% for i in range(100000) %}x{% endfor %}", "loops run over answers or remarks"),
        ("{% for a in answers %}{% for b in answers %}x{% endfor %}{% endfor %}", "and not inside each other"),
        ("{% for a in answers recursive %}{{ loop(a) }}{% endfor %}", "loops run over answers or remarks"),
        ("{% for c in question %}{{ c }}{% endfor %}", "loops run over answers or remarks"),
        ("{% set a = question ~ question %}{{ a }}", "set cannot be used here"),
        ("{% macro m() %}{{ m() }}{% endmacro %}", "macro cannot be used here"),
        ("{% include 'x' %}", "include cannot be used here"),
        ("{{ lipsum() }}", "a call with brackets cannot be used here"),
        ("{{ who|center(1000000000) }}", "no filter 'center' here"),
        ("{{ [1] }}", "a list cannot be used here"),
        ("{{ interactions + who }}", "unsupported operand type"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "recursion"),
        ("{{ " + "-" * 3000 + "1 }}", "recursion"),
        (HUGE, "longer than 10000 characters"),
    ],
    ids=lambda text: text[:40],
)
def test_what_may_fail_or_grow_without_bounds_is_refused(source: str, said: str) -> None:
    assert any(said in trouble for trouble in check_template(source))


def test_every_mistake_is_told_not_just_the_first() -> None:
    troubles = check_template("{{ whom }}{{ wher }}{{ 'a' * 3 }}")

    assert troubles == ["line 1: * cannot be used here", "'wher' is undefined", "'whom' is undefined"]


def render_measured(source: str, values: Mapping[str, object]) -> tuple[str, int]:
    """The text, and how many bytes were in use at most."""
    tracemalloc.start()
    try:
        return render(source, values, "plain"), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_refused_template_is_not_run_at_run_time_either() -> None:
    text, peak = render_measured("{{ 'a' * 100000000 }}", SAMPLE)

    assert text == "plain"
    assert peak < 10_000_000


def test_a_misspelt_variable_leaves_a_gap() -> None:
    assert render("Call {{ whom }}!", SAMPLE, "plain") == "Call !"


@pytest.mark.parametrize(
    "source", ["{{ who", "{{ interactions + who }}", "{{ who|nothing }}", "  {{ campaigne }} ", ""]
)
def test_what_fails_or_says_nothing_gives_the_fallback(source: str) -> None:
    assert render(source, SAMPLE, "plain") == "plain"


def test_what_people_typed_is_never_template_source() -> None:
    typed = "{{ 7 * 7 }}{% for %}{# gone #}"

    assert render("{{ question }}", {**SAMPLE, "question": typed}, "plain") == typed


def test_a_text_ends_at_the_longest_and_no_more_than_that_is_made() -> None:
    values = {**SAMPLE, "answers": (("Q", "x" * 30_000),) * 1_000}

    text, peak = render_measured("{% for label, text in answers %}{{ text }}{% endfor %}", values)

    assert text == "x" * LONGEST
    assert peak < 1_000_000


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
parts = st.sampled_from(
    (
        *("{{ who }}", "{{ nobody }}", "{{ nobody.at.all }}", "{{ fields.company }}", "{{ interactions + 1 }}"),
        *("{{ question[:5] }}", "{% for a in answers %}{{ a[1] }}{% endfor %}", "{{ topic|round }}", "{{ 'a' * 9 }}"),
        *("{% if company > topic %}x{% endif %}", "{{ who|truncate(interactions) }}", "{{ remarks|first }}", "{{"),
        *("{% endif %}", " - ", "\n"),
    )
)


@given(
    st.lists(parts, max_size=5).map("".join) | st.text("{}%#ab.|()[] ~+-", max_size=30),
    st.dictionaries(st.sampled_from(sorted(SAMPLE)), anything),
)
def test_a_template_with_any_variables_gives_a_text_of_bounded_length(source: str, values: dict[str, object]) -> None:
    text = render(source, values, "plain")

    assert 0 < len(text) <= LONGEST


@given(st.lists(parts, max_size=5).map("".join) | st.text("{}%#ab.|()[] ~+-", max_size=30))
def test_what_passes_the_check_runs_with_the_sample(source: str) -> None:
    if check_template(source) == []:
        assert render(source, SAMPLE, "").strip() == render(source, SAMPLE, "")
