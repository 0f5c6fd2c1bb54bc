"""What tests look at and this repository does not ship: captured answers, specifications, samples, signature vectors.

They lie in a folder `shared` beside the checkout, or where SYNCD_SHARED says. A test that cannot see them is skipped,
and nobody may take that for passed: a run of pytest ends with what was not checked, and so does `.ci/run`.
"""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

NOT_CHECKED = "NOT CHECKED"
DOES_NOT_APPLY = "does not apply"
SHARED = Path(os.environ.get("SYNCD_SHARED") or Path(__file__).parents[2] / "shared")


def needs(seen: object, what: str) -> Any:
    """A mark for tests that look at `what`, which is here only if `seen` is true."""
    return pytest.mark.skipif(not seen, reason=f"{NOT_CHECKED}: {what}")


def not_checked(reasons: Iterable[str]) -> list[str]:
    """One line for each reason for which tests were skipped, but where the reason says that a test does not apply."""
    counted = Counter(reason.removeprefix("Skipped: ").removeprefix(f"{NOT_CHECKED}: ") for reason in reasons)
    return [
        f"{NOT_CHECKED}: {reason} ({count} test{'s' if count > 1 else ''})"
        for reason, count in sorted(counted.items())
        if not reason.startswith(DOES_NOT_APPLY)
    ]
