"""A finding names the field or the choice, what is wrong with it, and what a person can do."""

import pytest

from syncd.connector import Finding, Wanted, choice_findings, field_findings

KEY = Wanted("person field key", "person", "key", "varchar", frozenset({"varchar", "text"}), "a line of text")
SIZE = Wanted("person field size", "person", "size", "double")
OWN = Wanted("lead field phone2", "lead", "phone2", "char", remedy="name a field that there is")


class Account:
    """Fields by name, and those that may not be made."""

    def __init__(self, fields: dict[str, str], refused: str = "") -> None:
        self.fields, self.refused, self.made = fields, refused, list[str]()

    def there(self, wanted: Wanted) -> str:
        return self.fields.get(wanted.name, "")

    def make(self, wanted: Wanted) -> str:
        self.made.append(wanted.name)
        return self.refused


def test_what_is_there_and_works_is_fine() -> None:
    account = Account({"key": "text", "size": "anything"})

    findings = field_findings([KEY, SIZE], account.there, account.make)

    assert findings == [Finding(KEY.what, ok=True), Finding(SIZE.what, ok=True)]
    assert account.made == []


def test_a_missing_field_is_made_when_that_was_asked_for() -> None:
    account = Account({})

    (told,) = field_findings([SIZE], account.there, None)
    (made,) = field_findings([SIZE], account.there, account.make)

    assert (told.ok, told.detail) == (False, "missing")
    assert "by hand (double)" in told.remedy
    assert (made.ok, made.detail, made.changed) == (True, "made", True)
    assert account.made == ["size"]


def test_a_field_that_could_not_be_made_says_why() -> None:
    account = Account({}, refused="status 403")

    (finding,) = field_findings([SIZE], account.there, account.make)

    assert (finding.ok, finding.changed) == (False, False)
    assert (finding.detail, finding.remedy) == ("not made: status 403", "make it by hand")


@pytest.mark.parametrize("apply", [True, False])
def test_a_field_that_is_not_ours_to_make_is_left_to_a_person(apply: bool) -> None:
    account = Account({})

    (finding,) = field_findings([OWN], account.there, account.make if apply else None)

    assert (finding.ok, finding.detail, finding.remedy) == (False, "missing", "name a field that there is")
    assert account.made == []


def test_a_field_of_another_type_is_told_by_both_types_and_stays_as_it_is() -> None:
    account = Account({"key": "double"})

    (finding,) = field_findings([KEY], account.there, account.make)

    assert finding.detail == "is of type double, not a line of text"
    assert "another field" in finding.remedy
    assert account.made == []


def test_a_choice_that_the_account_does_not_have_is_told_with_those_it_has() -> None:
    given = {"type for call": "call", "type for todo": "chore"}

    (plain,) = choice_findings(given, ["call", "task"])
    (called,) = choice_findings({"status": "s9"}, {"s1": "Open", "s2": "Lost"})
    (bare,) = choice_findings({"status": "s9"}, [])

    assert plain == Finding("type for todo", ok=False, detail="chore is not there", remedy="name one of: call, task")
    assert called.remedy == "name one of: s1 (Open), s2 (Lost)"
    assert bare.remedy == "make one first"
