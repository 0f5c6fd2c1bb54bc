"""Ids as people type them: s12 is a submission, o7 an order."""

import re
from collections.abc import Sequence

from syncd.cli.exits import Exit
from syncd.cli.shown import fail

_DIGITS = "[0-9]{1,18}"  # what a database can count


def number_of(text: str, letter: str) -> int | None:
    """12 for "s12" and the letter s; None for anything else."""
    found = re.fullmatch(f"{letter}({_DIGITS})", text)
    return int(found[1]) if found else None


def submission_numbers(texts: Sequence[str]) -> list[int]:
    """Of "s12" or plain "12"; ends the command for anything else."""
    numbers = [number_of(text, "s?") for text in texts]
    wrong = [text for text, number in zip(texts, numbers, strict=True) if number is None]
    if wrong:
        fail(f"{wrong[0]!r} is no submission: write its number, as s12", Exit.CONFIG)
    return [number for number in numbers if number is not None]
