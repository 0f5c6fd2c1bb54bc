"""kill -9 at random moments and at every named point, under steady posts: nothing lost, nothing doubled."""

import argparse
import math
import random
import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.battery import crash_migration, oracle, takeover
from tests.battery.crash_points import POINTS, Point
from tests.battery.crash_world import Postgres, World, open_rows, until
from tests.battery.crms import ACCOUNTS
from tests.battery.daemons import Daemon
from tests.battery.report import Row, write

STORES = ("sqlite", "postgres", "two")
_SHARE = {"sqlite": 0.45, "postgres": 0.3, "two": 0.25}
_HOW = {
    "sqlite": "SIGKILL to a real daemon on SQLite",
    "postgres": "SIGKILL to a real daemon on PostgreSQL",
    "two": "SIGKILL to one or both of two daemons that share one PostgreSQL",
}
LOOK_EVERY = 100
BREATHE_EVERY = 10
MIGRATION = "during a migration"


@dataclass(frozen=True, slots=True)
class Plan:
    kills: int
    takeovers: int = 0
    points: Sequence[Point] = POINTS
    seconds: float = math.inf  # most, before the end is judged


@dataclass(slots=True)
class Result:
    """What became of one store."""

    store: str
    kills: Counter[str] = field(default_factory=Counter)  # by point
    missed: Counter[str] = field(default_factory=Counter)  # killed, but not at the point that was meant
    accepted: int = 0
    parked: int = 0
    starts: list[float] = field(default_factory=list)
    takeovers: list[float] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    found: list[oracle.Violation] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def line(self) -> str:
        said = f"{self.kills.total()} kills, {self.accepted} accepted"
        return f"{said}, {oracle.lost(self.found)} lost, {oracle.doubled(self.found)} doubled"


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=1000, help="over all chosen stores")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="most for one store; then what was done is judged"
    )
    parser.add_argument("--store", choices=[*STORES, "all"], default="all", help="two: two daemons on one PostgreSQL")
    parser.add_argument("--sink", choices=sorted(ACCOUNTS), default="hubspot")
    parser.add_argument("--rate", type=float, help="posts a second; what the CRM keeps up with unless said otherwise")
    parser.add_argument("--point", default="", help="only at points with these words in their name; writes no table")
    parser.add_argument(
        "--takeovers", type=int, default=2, help="measured, after a kill and after a pause (about 35 s each)"
    )
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    results = list(_run_all(said))
    kills, accepted = (sum(r.kills.total() for r in results), sum(r.accepted for r in results))
    found = [violation for result in results for violation in result.found]
    for violation in found[:50]:
        print(f"  {violation}")
    if said.write and not said.point:  # whatever came of it: a table of the runs that went well proves nothing
        write([row for result in results for row in _rows(result, said.sink)])
    print(f"{kills} kills, {accepted} accepted, {oracle.lost(found)} lost, {oracle.doubled(found)} doubled")
    return 1 if found else 0


def _run_all(said: argparse.Namespace) -> Iterator[Result]:
    chosen = STORES if said.store == "all" else (said.store,)
    with postgres_for(chosen) as server:
        yield from _live(said, chosen, server)
        if said.point in MIGRATION:
            yield from _migrate(said, chosen, server)


def _live(said: argparse.Namespace, chosen: Sequence[str], server: Postgres | None) -> Iterator[Result]:
    there = {"", *ACCOUNTS[said.sink].calls}
    points = [point for point in POINTS if said.point in point.name and point.needs in there]
    total = sum(_SHARE[store] for store in chosen)
    for store in chosen if points else ():
        kills, takeovers = max(1, round(said.kills * _SHARE[store] / total)), said.takeovers if store == "two" else 0
        with world(store, server, said.sink, said.seed, said.rate) as made:
            plan = Plan(kills, takeovers, points, said.minutes * 60)
            result = batter(made, store, plan, random.Random(f"{said.seed} {store}"))
            _tell(result)
            yield result


def _migrate(said: argparse.Namespace, chosen: Sequence[str], server: Postgres | None) -> Iterator[Result]:
    dice = random.Random(said.seed)
    for store, moved in crash_migration.batter(server, chosen, max(1, said.kills // 50), dice).items():
        result = Result(store, Counter({MIGRATION: moved.kills}), accepted=moved.accepted)
        result.found, result.seconds = moved.found, moved.seconds
        _tell(result)
        yield result


@contextmanager
def postgres_for(stores: Sequence[str]) -> Iterator[Postgres | None]:
    server = Postgres() if set(stores) & {"postgres", "two"} else None
    try:
        yield server
    finally:
        if server:
            server.close()


@contextmanager
def world(store: str, server: Postgres | None, sink: str, seed: int, rate: float | None) -> Iterator[World]:
    """Its folder stays when the run breaks off, for a look at the logs."""
    folder = Path(tempfile.mkdtemp(prefix="syncd-crash-"))
    url = server.fresh() if server and store != "sqlite" else f"sqlite:///{folder}/syncd.db"
    made = World(folder, url, sink, seed, 2 if store == "two" else 1, rate)
    try:
        yield made
    finally:
        made.close()
    shutil.rmtree(folder, ignore_errors=True)


def batter(world: World, store: str, plan: Plan, dice: random.Random) -> Result:
    """So many kills, then all is made whole and judged."""
    result, began = _begun(world, store), time.monotonic()
    while (number := result.kills.total()) < plan.kills and time.monotonic() - began < plan.seconds:
        _kill_one(world, result, plan.points, dice)
        if number // BREATHE_EVERY != result.kills.total() // BREATHE_EVERY:
            _breathe(world)
        if number // LOOK_EVERY != result.kills.total() // LOOK_EVERY:
            _look(world, result)
    for _ in range(plan.takeovers):
        _revive(world)
        result.takeovers.append(takeover.after_a_kill(world, dice))
        result.kills["with a measured takeover"] += 1
        _revive(world)
        seconds, found = takeover.after_a_pause(world, dice)
        result.pauses.append(seconds)
        result.found += found
    _finish(world, result)
    result.seconds = time.monotonic() - began
    return result


def at_each_point(world: World, store: str, dice: random.Random, points: Sequence[Point]) -> Result:
    """Once at each, then all is made whole and judged."""
    result = _begun(world, store)
    for point in points:
        _strike(world, result, point, dice.choice(world.daemons), dice)
    _finish(world, result)
    return result


def _begun(world: World, store: str) -> Result:
    for daemon in world.daemons:
        daemon.start(cold=True)
    world.provider.start()
    return Result(store)


def _strike(world: World, result: Result, point: Point, victim: Daemon, dice: random.Random) -> None:
    if victim.pid:
        victim.kill()
    came = point.strike(world, victim, dice)
    result.kills[point.name] += 1
    result.missed[point.name] += not came
    result.starts.append(victim.started_in)


def _kill_one(world: World, result: Result, points: Sequence[Point], dice: random.Random) -> None:
    """A daemon that runs is killed where it is; then, every other time, at a point of its next life."""
    victim = dice.choice(world.daemons)
    if victim.pid:
        victim.kill()
        result.kills["at a random moment"] += 1
        if dice.random() < 0.5:
            victim.start()
            return
    others = [daemon for daemon in world.daemons if daemon is not victim and daemon.pid]
    if others and dice.random() < 0.2:  # nobody is left
        for other in others:
            other.kill()
            result.kills["at a random moment"] += 1
    point = dice.choices(points, [point.weight for point in points])[0]
    _strike(world, result, point, victim, dice)
    if len(world.daemons) > 1:
        _revive(world)


def _revive(world: World) -> None:
    for daemon in world.daemons:
        if not daemon.pid:
            daemon.start()


def _breathe(world: World) -> None:
    """Without a while to live nothing gets done, and in the end all of it has to go out alone, one by one."""
    _revive(world)
    until(lambda: time.sleep(0.2) or open_rows(world.url) < 30, 30)


def _look(world: World, result: Result) -> None:
    found = world.judge(settled=False)
    result.found += found
    said = f"{result.kills.total()} kills, {world.provider.ledger.accepted} accepted, {len(found)} violations"
    print(f"  {result.store}: {said}", flush=True)


def _finish(world: World, result: Result) -> None:
    """Everything is answered, everything parked for its crashes is released by hand, nothing is on its way."""
    world.clear()
    _revive(world)
    world.provider.drain()
    result.parked = world.settle()
    if result.parked:
        world.release()
        world.settle()
    result.found += world.judge(settled=True)
    result.accepted = world.provider.ledger.accepted
    for line in sorted(set(world.tracebacks()))[:5]:
        print(f"  {result.store}: a bug that was survived: {line}")
    for daemon in world.daemons:
        if (code := daemon.terminate()) != 0:
            print(f"  {result.store}: SIGTERM ended with {code}")
    result.found = list(dict.fromkeys(result.found))


def _tell(result: Result) -> None:
    print(f"{result.store}: {result.line} ({result.seconds:.0f} s)")
    for name, count in result.kills.most_common():
        missed = f", {result.missed[name]} of them not reached" if result.missed[name] else ""
        print(f"  {count:5d} {name}{missed}")
    if result.starts:
        print(f"  start to ready: median {statistics.median(result.starts):.2f} s, set aside: {result.parked}")
    for name, seconds in (("kill", result.takeovers), ("pause", result.pauses)):
        if seconds:
            print(f"  taken over after a {name}: {', '.join(f'{s:.1f}' for s in seconds)} s", flush=True)


def _rows(result: Result, sink: str) -> Iterator[Row]:
    lost, doubled = oracle.lost(result.found), oracle.doubled(result.found)
    if set(result.kills) == {MIGRATION}:
        how = f"SIGKILL to a daemon that makes its schema on {result.store}"
        also = f"{len(result.found)} VIOLATIONS" if result.found else ""
        yield Row(f"crash/migration-{result.store}", f"kill -9 {MIGRATION}", how, result.kills.total(),
                  result.accepted, lost, doubled, also)  # fmt: skip
        return
    suffix = "" if sink == "hubspot" else f"-{sink}"
    points = len(result.kills)
    measured = [f"{len(result.found)} VIOLATIONS"] if result.found else []
    measured += [f"taken over {max(result.takeovers):.0f} s after a kill"] if result.takeovers else []
    measured += [f"{max(result.pauses):.0f} s after SIGSTOP"] if result.pauses else []
    yield Row(
        f"crash/{result.store}{suffix}", f"kill -9 at random moments and at {points - 1} named points",
        _HOW[result.store], result.kills.total(), result.accepted, lost, doubled, "; ".join(measured),
    )  # fmt: skip
