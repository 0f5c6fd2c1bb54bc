"""The table of faults in docs/promises.md: what was done to syncd, how often, and what was lost or doubled.

A battery that has run tells its rows; each replaces the one of the same key, the others stay as they are:

    write([Row("crash/sqlite", "kill -9 at random moments", "signal to a real daemon on SQLite", runs=400,
               accepted=9_210, lost=0, doubled=0)])

The table stands between the two markers below and is sorted by key, so that a run changes its own lines only.
A battery does that when it is asked to (`--write`), and shows the same row on the terminal anyway.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "promises.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
_HEAD = ("key", "fault", "how it is injected", "runs", "accepted", "lost", "doubled", "also measured", "date")
_NUMBERS = frozenset({"runs", "accepted", "lost", "doubled"})


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Row:
    key: str  # battery/fault; stays the same from run to run
    fault: str
    how: str
    runs: int  # how often the fault struck
    accepted: int  # submissions answered 200, or cases judged where nothing is posted
    lost: int
    doubled: int
    also: str = ""  # a figure that belongs to it: "takeover 31 s at most"
    date: str = field(default_factory=_today)

    def __post_init__(self) -> None:
        if not self.key or any("|" in word or "\n" in word for word in (self.key, self.fault, self.how, self.also)):
            raise ValueError("a row needs a key, and its words neither bars nor line ends")

    def cells(self) -> tuple[str, ...]:
        numbers = (f"{number:,}" for number in (self.runs, self.accepted, self.lost, self.doubled))
        return (self.key, self.fault, self.how, *numbers, self.also, self.date)


def read(key: str, page: Path = PAGE) -> Row | None:
    """The row of this key as it stands on the page."""
    cells = _lines(page.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]).get(key)
    if cells is None:
        return None
    key, fault, how, *numbers, also, date = cells
    return Row(key, fault, how, *(int(number.replace(",", "")) for number in numbers), also, date)


def write(rows: Iterable[Row], page: Path = PAGE) -> None:
    """Put the rows into the table of the page. Raises ValueError for a page without the two markers."""
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    old, closed, after = rest.partition(END)
    if not (found and closed):
        raise ValueError(f"{page.name} lacks the markers {BEGIN} and {END}")
    lines = {**_lines(old), **{row.key: row.cells() for row in rows}}
    page.write_text(f"{before}{BEGIN}\n{_table(lines)}{END}{after}", encoding="utf-8")


def _lines(table: str) -> dict[str, tuple[str, ...]]:
    """The rows that stand there, by key."""
    cells = [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in table.splitlines() if line]
    return {line[0]: line for line in cells[2:]}


def _table(lines: dict[str, tuple[str, ...]]) -> str:
    rule = tuple("---:" if name in _NUMBERS else "---" for name in _HEAD)
    return "".join(f"| {' | '.join(line)} |\n" for line in (_HEAD, rule, *(lines[key] for key in sorted(lines))))
