"""What changes of a sink's fields is told as far as it can cost a lead something."""

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.drift import drifted
from syncd.model import FieldState

STATES = st.builds(
    FieldState,
    type=st.sampled_from(["text", "picklist"]),
    ours=st.booleans(),
    required=st.booleans(),
    writable=st.booleans(),
    choices=st.lists(st.sampled_from("abc"), unique=True).map(tuple),
)
FIELDS = st.dictionaries(st.sampled_from(["one", "two", "three"]), STATES)
PLAIN = FieldState("text", ours=True)


def told(before: FieldState | None, now: FieldState | None) -> list[str]:
    sides = [{"field X": state} if state else {} for state in (before, now)]
    return [finding.detail for finding in drifted(*sides)]


def test_each_change_of_a_field_that_is_written_is_told() -> None:
    choices = FieldState("picklist", ours=True, choices=("Cold", "Warm"))

    assert told(PLAIN, None) == ["has gone"]
    assert told(PLAIN, FieldState("number", ours=True)) == ["was of type text, is number now"]
    assert told(PLAIN, FieldState("text", ours=True, writable=False)) == ["can no longer be written"]
    assert told(choices, FieldState("picklist", ours=True, choices=("Warm", "Hot"))) == ["no longer a choice: Cold"]


def test_field_that_must_be_filled_is_told_whoever_writes_it() -> None:
    required = FieldState("text", required=True)

    assert told(None, required) == told(FieldState("text"), required) == ["must be filled now"]
    assert told(required, required) == []


def test_what_others_do_with_their_own_fields_is_not_told() -> None:
    theirs = FieldState("picklist", choices=("a",))

    assert told(theirs, None) == told(None, theirs) == told(theirs, FieldState("text", writable=False)) == []


def test_list_that_lost_much_is_told_in_short() -> None:
    before = FieldState("picklist", ours=True, choices=tuple("abcdefgh"))

    assert told(before, FieldState("picklist", ours=True, choices=("h",))) == [
        "no longer a choice: a, b, c, d, e and 2 more"
    ]


@given(FIELDS)
def test_what_stays_as_it_was_is_no_news(fields: dict[str, FieldState]) -> None:
    assert list(drifted(fields, fields)) == []


@given(FIELDS, FIELDS)
def test_every_change_comes_with_a_remedy(before: dict[str, FieldState], now: dict[str, FieldState]) -> None:
    findings = list(drifted(before, now))

    assert all(not finding.ok and finding.remedy for finding in findings)
    assert len(findings) == len(set(findings))
