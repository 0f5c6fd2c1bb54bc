"""The head of a mail that stands in the text of another: "From: / Sent: / To: / Subject:" in several languages."""

import re
from collections.abc import Sequence

from syncd.core.mail.words import COLON, phrases

FROM, DATE, TO, SUBJECT, OTHER = "from", "date", "to", "subject", "other"

_BY_NAME = {name: sort for sort in (FROM, DATE, TO, SUBJECT, OTHER) for name in phrases(f"head_{sort}")}
_HEAD_LINE = re.compile(
    rf"[\s>*_|]{{0,12}}([^\W\d][\w .'\u2019-]{{0,18}}?)[ \t\xa0]*\*?[ \t\xa0]*{COLON}\*?[ \t\xa0]*(.*)", re.DOTALL
)
_LONGEST_HEAD = 14


def head_line(line: str) -> tuple[str, str] | None:
    """(sort, value) where a line is one of such a head."""
    found = _HEAD_LINE.match(line[:2000])
    sort = _BY_NAME.get(found[1].strip().lower().replace("\u2019", "'"), "") if found else ""
    return (sort, found[2].strip(" \t*")) if found and sort else None


def read_head(lines: Sequence[str], place: int) -> tuple[dict[str, str], int]:
    """The head that begins at this line, and how many lines it has; ({}, 0) when there is none.

    A value may go on in the next line; empty lines may stand in front, and one between two of its lines.
    """
    read: dict[str, str] = {}
    last, end = "", place
    for at in range(place, min(place + _LONGEST_HEAD, len(lines))):
        line = lines[at].lstrip("\ufeff \t>").rstrip()
        told = head_line(line) if line else None
        if told:
            last = told[0]
            read.setdefault(last, told[1])
        elif line and last and _goes_on(last, read[last], lines[at - 1]):
            read[last] = f"{read[last]} {line}".strip()
        elif line or (last and at > end):
            break
        else:
            continue
        end = at + 1
    enough = FROM in read and len(read) >= 3
    return (read, end - place) if enough else ({}, 0)


def _goes_on(sort: str, value: str, before: str) -> bool:
    """Lists of recipients are long, and some mail programs put a value below its name."""
    return not value or (bool(before.strip("> \t")) and (sort in (TO, OTHER) or (sort == FROM and "@" not in value)))


def head_length(lines: Sequence[str], place: int) -> int:
    """How many lines the head has that begins with the very line at `place`; 0 when none does."""
    if place >= len(lines) or head_line(lines[place]) is None:
        return 0
    return read_head(lines, place)[1]
