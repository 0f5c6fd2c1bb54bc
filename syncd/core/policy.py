"""What may be written over what: a form can never destroy what a rep typed."""

from collections.abc import Mapping
from datetime import date

from syncd.core.playbook import FieldPolicy


def fields_to_write(
    wanted: Mapping[str, str],
    present: Mapping[str, str],
    policies: Mapping[str, FieldPolicy],
) -> dict[str, str]:
    """The part of `wanted` that its policies allow beside `present`; equal values are left out.

    `present` holds the non-empty fields of the record; for a record that does not exist it is empty.
    """
    allowed = {}
    for name, value in wanted.items():
        there = present.get(name, "")
        result = _result(policies.get(name, FieldPolicy.FILL_EMPTY), value, there)
        if result and result != there:
            allowed[name] = result
    return allowed


def _result(policy: FieldPolicy, value: str, there: str) -> str:
    if policy is FieldPolicy.NEVER or not value:
        return there
    if not there or policy is FieldPolicy.OVERWRITE:
        return value
    if policy is FieldPolicy.APPEND:
        return there if value in there.splitlines() or value == there else f"{there}\n{value}"
    if policy is FieldPolicy.MAX:
        return max(there, value, key=_rank)
    return there


def _rank(value: str) -> tuple[int, float, str]:
    """Numbers before dates before words, each by its own order."""
    try:
        return (2, float(value.replace(",", "")), "")
    except ValueError:
        pass
    try:
        return (1, float(date.fromisoformat(value[:10]).toordinal()), value)
    except ValueError:
        return (0, 0.0, value)
