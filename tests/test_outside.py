"""What was skipped is told apart: what could not look, and what has nothing to look at."""

from tests.outside import not_checked


def test_each_reason_is_one_line_with_its_tests() -> None:
    reasons = [
        "Skipped: NOT CHECKED: no specification",
        "Skipped: NOT CHECKED: no specification",
        "Skipped: no browser",
    ]

    assert not_checked(reasons) == ["NOT CHECKED: no browser (1 test)", "NOT CHECKED: no specification (2 tests)"]


def test_what_does_not_apply_is_no_gap() -> None:
    assert not_checked(["Skipped: does not apply: no login"]) == []
