"""Mixed load and mixed trouble for as long as you like: nothing is lost, and nothing that it needs grows."""

import argparse
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.battery import oracle
from tests.battery.crash import postgres_for, world
from tests.battery.crash_world import World, until
from tests.battery.crms import ACCOUNTS
from tests.battery.report import Row, write
from tests.battery.restarts import cut
from tests.battery.vitals import Sample, Slope, Watch

MOST_PER_HOUR = 1.0  # MiB of memory, once a run is long enough to show so little
MOST_GROWTH = 24.0  # MiB over the second half of a shorter one
MOST_MEMORY = 300.0  # MiB
MOST_WAL = 64.0  # MiB
MORE_FILES = 16  # between two quarters of a run: connections come and go
LONG = 120.0  # minutes


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--sink", choices=sorted(ACCOUNTS), default="hubspot")
    parser.add_argument("--rate", type=float, default=20.0, help="posts a second")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two troubles on average")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    with postgres_for([said.store]) as server, world(said.store, server, said.sink, said.seed, said.rate) as made:
        soaked = soak(made, said.minutes, said.every, random.Random(said.seed))
        accepted = made.provider.ledger.accepted
    report = Report.of(soaked.samples, said.minutes)
    print(f"{soaked.troubles} troubles, {accepted} accepted")
    print(report.told())
    wrong = [*report.wrong(), *map(str, soaked.found)]
    for words in wrong:
        print(f"  {words}")
    lost, doubled = oracle.lost(soaked.found), oracle.doubled(soaked.found)
    print(f"{said.minutes:g} minutes, {soaked.troubles} troubles, {accepted} accepted, {lost} lost, {doubled} doubled")
    if said.write and not wrong:
        also = f"{said.minutes:g} minutes; {report.short()}"
        how = "slow, lost, refused and cut calls; reloads; cut connections to PostgreSQL"
        write([Row(f"soak/{said.store}", "mixed load and mixed trouble", how, soaked.troubles, accepted, lost, doubled,
                   also)])  # fmt: skip
    return 1 if wrong else 0


@dataclass(frozen=True, slots=True)
class Soaked:
    samples: Sequence[Sample]
    troubles: int
    found: Sequence[oracle.Violation]


def soak(world: World, minutes: float, every: float, dice: random.Random) -> Soaked:
    """One daemon lives through all of it."""
    (daemon,) = world.daemons
    daemon.start(cold=True)
    pid, troubles, end = daemon.pid, 0, time.monotonic() + minutes * 60
    path = Path(world.url.partition(":///")[2]) if world.url.startswith("sqlite") else None
    world.provider.start()
    with Watch(pid, path) as watch:
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, dice.expovariate(1 / every)))
            dice.choice(_TROUBLES)(world, dice)
            troubles += 1
    world.clear()
    world.provider.drain()
    world.settle()
    found = world.judge(settled=True)
    if daemon.pid != pid or not daemon.alive():
        found.append(oracle.Violation("I3", "the daemon did not live through it", daemon.name))
    elif not until(world.ready, 30):
        found.append(oracle.Violation("I10", "readiness stays red", daemon.name))
    return Soaked(watch.samples, troubles, found)


def _of_the_crm(kind: str, **more: object) -> Callable[[World, random.Random], None]:
    def strike(world: World, dice: random.Random) -> None:
        at = world.account.at(dice.choice([*world.account.calls]))
        world.crm.order("fault", kind=kind, **at, count=dice.randrange(1, 4), **more)

    return strike


def _reload(world: World, _: random.Random) -> None:
    world.daemons[0].signal(signal.SIGHUP)


def _cut_the_database(world: World, _: random.Random) -> None:
    if world.url.startswith("postgresql"):
        cut(world)


def _crowd(world: World, _: random.Random) -> None:
    """The console and the metrics are asked while leads come in."""
    for _ in range(20):
        world.ready()


_TROUBLES = (
    _of_the_crm("latency", seconds=1.5), _of_the_crm("hang", seconds=3.0),
    _of_the_crm("hang", seconds=3.0, committed=True), _of_the_crm("too_many", retry_after=2),
    _of_the_crm("server_error", status=502),
    _of_the_crm("server_error", status=503, committed=True), _of_the_crm("commit_then_drop"),
    _of_the_crm("drop_before_commit"), _of_the_crm("half_body"), _of_the_crm("unauthorized"),
    _reload, _cut_the_database, _crowd,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """The samples of a run, its first half being the time in which caches fill."""

    minutes: float
    slope: Slope
    growth: float  # MiB by that slope over the second half
    rss: float
    wal: float
    files: tuple[int, int]  # most in the second quarter, most in the last
    threads: tuple[int, int]

    @classmethod
    def of(cls, samples: Sequence[Sample], minutes: float) -> "Report":
        quarter = len(samples) // 4
        half, second, last = samples[2 * quarter :], samples[quarter : 2 * quarter], samples[-quarter:]
        slope = Slope.of([(sample.at, sample.rss) for sample in half])
        return cls(
            minutes=minutes,
            slope=slope,
            growth=slope.per_hour * (half[-1].at - half[0].at) / 3600,
            rss=max(sample.rss for sample in samples),
            wal=max(sample.wal for sample in samples),
            files=(max(s.files for s in second), max(s.files for s in last)),
            threads=(max(s.threads for s in second), max(s.threads for s in last)),
        )

    def short(self) -> str:
        slope = f"{self.slope.per_hour:+.1f} ± {self.slope.doubt:.1f} MiB/h"
        return f"{self.rss:.0f} MiB at most, {slope}, {self.files[1]} files, WAL {self.wal:.0f} MiB at most"

    def told(self) -> str:
        slope = f"{self.slope.per_hour:+.2f} MiB/h (give or take {self.slope.doubt:.2f})"
        lines = [
            f"memory: {self.rss:.1f} MiB at most, in the second half {slope}, that is {self.growth:+.2f} MiB",
            f"open files: {self.files[0]} at most in the second quarter, {self.files[1]} in the last",
            f"threads: {self.threads[0]} at most in the second quarter, {self.threads[1]} in the last",
            f"write-ahead log: {self.wal:.1f} MiB at most",
        ]
        if self.minutes < LONG:
            shown = f"nothing grows by more than {MOST_GROWTH:.0f} MiB in {self.minutes / 2:g} minutes"
            lines.append(f"what this shows: {shown}")
            lines.append(
                f"what it cannot show: a slope of {MOST_PER_HOUR} MiB/h; that takes {LONG:.0f} minutes and more"
            )
        return "\n".join(lines)

    def wrong(self) -> Iterator[str]:
        if self.minutes >= LONG and self.slope.per_hour - self.slope.doubt > MOST_PER_HOUR:
            yield f"memory grows by {self.slope.per_hour:.2f} MiB/h"
        if self.growth > MOST_GROWTH:
            yield f"memory grew by {self.growth:.1f} MiB in the second half"
        if self.rss > MOST_MEMORY:
            yield f"memory reached {self.rss:.0f} MiB"
        if self.wal > MOST_WAL:
            yield f"the write-ahead log reached {self.wal:.0f} MiB"
        for what, (before, after) in (("files", self.files), ("threads", self.threads)):
            if after > before + MORE_FILES:
                yield f"open {what} grew from {before} to {after}"
