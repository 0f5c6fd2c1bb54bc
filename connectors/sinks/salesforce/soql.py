"""Questions in SOQL, with every value as a quoted and escaped literal.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from simple_salesforce.format import quote_soql_value

MOST = 200  # values of one list
ROOM = 8_000  # characters of the lists of one query
_CONTROL = re.compile(r"[\x00-\x07\x0b\x0e-\x1f\x7f]")


def literal(value: str) -> str:
    """Characters that no text field holds are left out: no escape is known for them."""
    return quote_soql_value(_CONTROL.sub("", value))


def moment(at: datetime) -> str:
    """Milliseconds count: a page may end between two of them."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def listed(field: str, values: Iterable[str]) -> str:
    return f"{field} IN ({','.join(map(literal, values))})"


def parts(values: Iterable[str], most: int = MOST, room: int = ROOM) -> Iterator[list[str]]:
    """Lists that fit into one query."""
    part: list[str] = []
    used = 0
    for value in dict.fromkeys(values):
        size = len(literal(value)) + 1
        if part and (len(part) == most or used + size > room):
            yield part
            part, used = [], 0
        part.append(value)
        used += size
    if part:
        yield part


def select(fields: Sequence[str], kind: str, where: Sequence[str], more: str = "") -> str:
    """All of `where` must hold; each stands in brackets."""
    conditions = " AND ".join(f"({each})" for each in where)
    head = " ".join(("SELECT", ", ".join(fields), "FROM", kind))
    return head + (f" WHERE {conditions}" if conditions else "") + more
