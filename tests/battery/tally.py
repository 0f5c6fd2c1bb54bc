"""What many seeds of the simulation came to, and how runs over different seeds add up in the table of faults."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.battery.report import Row
from tests.battery.storm.storm import Ending

HOURS_OF_A_YEAR = 8766


@dataclass(slots=True)
class Sum:
    """Seeds that follow each other, from `first` on."""

    first: int = 0
    seeds: int = 0
    steps: int = 0
    letters: int = 0
    orders: int = 0
    deaths: int = 0
    hours: float = 0.0
    broken: list[Ending] = field(default_factory=list)

    def add(self, ending: Ending) -> None:
        letters, orders, deaths = ending.counts
        self.seeds, self.steps, self.hours = self.seeds + 1, self.steps + ending.steps, self.hours + ending.hours
        self.letters, self.orders, self.deaths = self.letters + letters, self.orders + orders, self.deaths + deaths
        if ending.broken:
            self.broken.append(ending)

    def __str__(self) -> str:
        return (
            f"{self.seeds:,} seeds: {self.steps:,} steps, {self.letters:,} letters, {self.orders:,} orders done, "
            f"{self.deaths:,} deaths, {self.hours / HOURS_OF_A_YEAR:,.1f} years: {len(self.broken)} violated"
        )

    def row(self) -> Row:
        kinds = Counter(
            "lost" if "lost" in e.broken else "doubled" if "doubled" in e.broken else "" for e in self.broken
        )
        figures = (len(self.broken), self.steps, self.deaths, self.hours / HOURS_OF_A_YEAR)
        return Row(
            "simulation/core",
            "everything at once: failing disk and CRM, deaths, stopped processes, clock jumps, reloads, people's hands",
            "1-3 daemons in one thread on a virtual clock; a quarter of the fault sites active, each striking "
            "1 in 4 to 30",
            runs=self.seeds,
            accepted=self.letters,
            lost=kinds["lost"],
            doubled=kinds["doubled"],
            also=_also(figures, [(self.first, self.first + self.seeds - 1)]),
        )


def added(row: Row, before: Row | None) -> Row:
    """With the figures of the row that stands there, unless it tells of some of the same seeds, or tells none."""
    told, new = _told(before.also) if before else None, _told(row.also)
    if before is None or told is None or new is None or _meet(told[1], new[1]):
        return row
    return replace(
        row,
        runs=row.runs + before.runs,
        accepted=row.accepted + before.accepted,
        lost=row.lost + before.lost,
        doubled=row.doubled + before.doubled,
        also=_also([one + other for one, other in zip(told[0], new[0], strict=True)], _joined(told[1] + new[1])),
    )


_Ranges = list[tuple[int, int]]
_TOLD = re.compile(
    r"([\d,]+) seeds violated anything; ([\d,]+) steps, ([\d,]+) deaths, ([\d,.]+) virtual years; seeds (.+)"
)
_RANGE = re.compile(r"(\d+) to (\d+)")


def _also(figures: Sequence[float], ranges: _Ranges) -> str:
    broken, steps, deaths, years = figures
    seeds = ", ".join(f"{first} to {last}" for first, last in ranges)
    return (
        f"{broken:,.0f} seeds violated anything; {steps:,.0f} steps, {deaths:,.0f} deaths, {years:,.1f} virtual years; "
        f"seeds {seeds}"
    )


def _told(also: str) -> tuple[list[float], _Ranges] | None:
    found = _TOLD.fullmatch(also)
    if found is None or not (ranges := _RANGE.findall(found[5])):
        return None
    return [float(word.replace(",", "")) for word in found.groups()[:4]], [(int(a), int(b)) for a, b in ranges]


def _meet(some: _Ranges, others: _Ranges) -> bool:
    return any(a <= d and c <= b for a, b in some for c, d in others)


def _joined(ranges: _Ranges) -> _Ranges:
    """Those that follow each other become one."""
    joined: _Ranges = []
    for first, last in sorted(ranges):
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
