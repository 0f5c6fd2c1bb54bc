"""What may be written over what: a form can never destroy what a rep typed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from syncd.core.cleaning.text import match_form
from syncd.core.playbook import FieldPolicy
from syncd.core.routing.readings import read_number


def fields_to_write(
    wanted: Mapping[str, str],
    present: Mapping[str, str],
    policies: Mapping[str, FieldPolicy],
) -> dict[str, str]:
    """The part of `wanted` that its policies allow beside `present`; equal values are left out.

    `present` holds the non-empty fields of the record; for a record that does not exist it is empty. Once
    this has been written, the same question gives nothing more. A consent that was refused is written
    whatever the policy, unless that is `never`, and one that was given never replaces a refusal.
    """
    allowed = {}
    for name, value in wanted.items():
        there = present.get(name, "")
        policy = policies.get(name, FieldPolicy.FILL_EMPTY)
        result = _consent(policy, value, there) if name == "consent" else _result(policy, value, there)
        if result and result != there:
            allowed[name] = result
    return allowed


def _consent(policy: FieldPolicy, value: str, there: str) -> str:
    if policy is FieldPolicy.NEVER:
        return there
    return value if value == "no" or not there else there


def _result(policy: FieldPolicy, value: str, there: str) -> str:
    if policy is FieldPolicy.NEVER or not value:
        return there
    if not there or policy is FieldPolicy.OVERWRITE:
        return value
    if policy is FieldPolicy.APPEND:
        return there if _stands_in(value, there) else f"{there}\n{value}"
    if policy is FieldPolicy.MAX:
        return value if _is_more(value, there) else there
    return there


def _stands_in(value: str, there: str) -> bool:
    """Whether these very lines are there already; a CRM may have changed line ends and the space around."""
    lines, known = _lines(value), _lines(there)
    return any(known[start : start + len(lines)] == lines for start in range(len(known) - len(lines) + 1))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def _is_more(value: str, there: str) -> bool:
    """The greater number or the later date; what cannot be compared stays as it is."""
    for read in (_moment, _number):
        new, old = read(value), read(there)
        if new is not None and old is not None:
            return new > old
    return False


def _number(text: str) -> float | None:
    return read_number(match_form(text))


def _moment(text: str) -> float | None:
    """ISO 8601, UTC where no zone is given; seconds since 1970."""
    if _DATE.match(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment - _EPOCH if moment.tzinfo else moment.replace(tzinfo=UTC) - _EPOCH).total_seconds()


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
