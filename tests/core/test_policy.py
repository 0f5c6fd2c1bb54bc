"""What may be written over what stands in a CRM."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.playbook import FieldPolicy
from syncd.core.policy import fields_to_write


def written(policy: FieldPolicy, value: str, there: str, field: str = "website") -> str | None:
    return fields_to_write({field: value}, {field: there} if there else {}, {field: policy}).get(field)


def test_a_field_without_a_policy_is_filled_only_where_it_is_empty() -> None:
    wanted = {"company": "Acme", "city": "Berlin"}

    assert fields_to_write(wanted, {"company": "ACME Inc"}, {}) == {"city": "Berlin"}


@pytest.mark.parametrize(
    ("policy", "value", "there", "result"),
    [
        (FieldPolicy.FILL_EMPTY, "new", "", "new"),
        (FieldPolicy.FILL_EMPTY, "new", "old", None),
        (FieldPolicy.OVERWRITE, "new", "old", "new"),
        (FieldPolicy.OVERWRITE, "old", "old", None),
        (FieldPolicy.OVERWRITE, "", "old", None),
        (FieldPolicy.NEVER, "new", "", None),
        (FieldPolicy.NEVER, "new", "old", None),
        (FieldPolicy.APPEND, "new", "", "new"),
        (FieldPolicy.APPEND, "new", "old", "old\nnew"),
        (FieldPolicy.APPEND, "old", "old\nnew", None),
        (FieldPolicy.APPEND, "two\nlines", "old\ntwo\nlines\nmore", None),
        (FieldPolicy.APPEND, "two\nlines", "old\r\ntwo \r\nlines", None),
        (FieldPolicy.APPEND, "two\nlines", "lines\ntwo", "lines\ntwo\ntwo\nlines"),
        (FieldPolicy.MAX, "120", "90", "120"),
        (FieldPolicy.MAX, "90", "120", None),
        (FieldPolicy.MAX, "1,200", "900", "1,200"),
        (FieldPolicy.MAX, "201-500", "51-200 employees", "201-500"),
        (FieldPolicy.MAX, "2026-12-01", "2026-11-30", "2026-12-01"),
        (FieldPolicy.MAX, "2026-11-30T10:00:00+01:00", "2026-11-30T09:30:00Z", None),
        (FieldPolicy.MAX, "zebra", "aardvark", None),
        (FieldPolicy.MAX, "120", "a big company", None),
        (FieldPolicy.MAX, "nan", "120", None),
    ],
)
def test_each_policy_writes_what_it_says(policy: FieldPolicy, value: str, there: str, result: str | None) -> None:
    assert written(policy, value, there) == result


@pytest.mark.parametrize("policy", [FieldPolicy.FILL_EMPTY, FieldPolicy.OVERWRITE, FieldPolicy.APPEND, FieldPolicy.MAX])
def test_a_refused_consent_reaches_the_crm_and_is_never_taken_back(policy: FieldPolicy) -> None:
    assert written(policy, "no", "yes", "consent") == "no"
    assert written(policy, "yes", "no", "consent") is None
    assert written(policy, "yes", "", "consent") == "yes"


def test_consent_that_syncd_must_not_write_is_not_written() -> None:
    assert written(FieldPolicy.NEVER, "no", "yes", "consent") is None


values = st.text("ab1 9,.-\n\r\x0b\u2028", max_size=12) | st.sampled_from(
    ["yes", "no", "2026-01-02", "12", "1e9", "inf"]
)
fields = st.dictionaries(st.sampled_from(["company", "phone", "consent", "message"]), values, max_size=4)
policies = st.dictionaries(st.sampled_from(["company", "phone", "message"]), st.sampled_from(FieldPolicy), max_size=3)


@given(fields, fields, policies)
def test_what_has_been_written_needs_no_second_writing(
    wanted: dict[str, str], there: dict[str, str], rules: dict[str, FieldPolicy]
) -> None:
    present = {name: value for name, value in there.items() if value}

    news = fields_to_write(wanted, present, rules)

    assert fields_to_write(wanted, present | news, rules) == {}


@given(fields, fields)
def test_fill_empty_never_writes_over_anything_but_a_consent(wanted: dict[str, str], there: dict[str, str]) -> None:
    present = {name: value for name, value in there.items() if value}

    news = fields_to_write(wanted, present, {})

    assert news.keys() & present.keys() <= {"consent"}
    assert all(wanted[name] == value and value for name, value in news.items())


@given(fields, fields, policies)
def test_nothing_is_ever_emptied(wanted: dict[str, str], there: dict[str, str], rules: dict[str, FieldPolicy]) -> None:
    assert all(fields_to_write(wanted, there, rules).values())
