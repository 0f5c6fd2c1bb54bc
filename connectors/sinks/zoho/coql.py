"""Queries in COQL, of which no part can be taken for another.

https://www.zoho.com/crm/developer/docs/api/v8/COQL-Overview.html

Only values of letters that mean nothing to COQL are put into a query; how it wants the others escaped is not
documented well enough to trust a stranger's text to it.
"""

import re
from collections.abc import Iterator, Sequence

MOST_VALUES = 50  # of one "in"
MOST_COLUMNS = 50
_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&*+/=?^_`{|}~@:-]{1,320}")


def is_plain(value: str) -> bool:
    return bool(_PLAIN.fullmatch(value))


def quoted(value: str) -> str:
    """Raises ValueError for what is not plain: the caller has asked before."""
    if not is_plain(value):
        raise ValueError("a value that COQL might misread")
    return f"'{value}'"


def one_of(column: str, values: Sequence[str]) -> str:
    """A condition, of as many parts as the length of a list asks for."""
    lists = (values[start : start + MOST_VALUES] for start in range(0, len(values), MOST_VALUES))
    return any_of([f"{column} in ({', '.join(map(quoted, part))})" for part in lists])


def any_of(conditions: Sequence[str]) -> str:
    return _nested(conditions, "or")


def all_of(conditions: Sequence[str]) -> str:
    return _nested(conditions, "and")


def select(columns: Sequence[str], module: str, where: str, *, order: str = "", limit: int = 200, skip: int = 0) -> str:
    sorting = f" order by {order}" if order else ""
    offset = f" offset {skip}" if skip else ""
    return f"select {', '.join(columns)} from {module} where {where}{sorting} limit {limit}{offset}"  # noqa: S608 - plain


def in_parts(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    yield from (values[start : start + size] for start in range(0, len(values), size))


def _nested(conditions: Sequence[str], word: str) -> str:
    """Pairwise, for COQL takes no more than two in one pair of brackets."""
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = f"({whole} {word} {condition})"
    return whole
