"""SIGTERM under load, again and again: it ends with 0 within 20 seconds, gives back what it had, loses nothing."""

import argparse
import random
import time
from collections.abc import Iterator, Sequence

from tests.battery import oracle
from tests.battery.crash import postgres_for, world
from tests.battery.crash_world import World, leased
from tests.battery.crms import ACCOUNTS
from tests.battery.report import Row, write

DRAIN = 20.0
STORES = ("sqlite", "postgres")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stops", type=int, default=200, help="over both stores")
    parser.add_argument("--store", choices=[*STORES, "all"], default="all")
    parser.add_argument("--sink", choices=sorted(ACCOUNTS), default="hubspot")
    parser.add_argument("--rate", type=float, default=40.0, help="posts a second")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    stores: Sequence[str] = STORES if said.store == "all" else (said.store,)
    rows, wrong = [], 0
    with postgres_for(stores) as server:
        for store in stores:
            with world(store, server, said.sink, said.seed, said.rate) as made:
                row, found = terminate(made, store, said.stops // len(stores), random.Random(f"{said.seed} {store}"))
            for violation in found:
                print(f"  {violation}")
            print(f"{store}: {row.runs} stops, {row.accepted} accepted, {row.lost} lost, {row.doubled} doubled")
            print(f"  {row.also}")
            rows.append(row)
            wrong += len(found)
    if said.write and not wrong:
        write(rows)
    return 1 if wrong else 0


def terminate(world: World, store: str, stops: int, dice: random.Random) -> tuple[Row, list[oracle.Violation]]:
    """So many stops, then all is made whole and judged."""
    (daemon,) = world.daemons
    took, found = [], []
    world.provider.start()
    for number in range(stops):
        daemon.start()
        _slow(world, dice)
        time.sleep(dice.uniform(0.0, 1.0))
        began = time.monotonic()
        code = daemon.terminate()
        took.append(time.monotonic() - began)
        found += list(_after_a_stop(world, number, code, took[-1]))
        world.clear()
    daemon.start()
    world.provider.drain()
    world.settle()
    found += world.judge(settled=True)
    daemon.terminate()
    lost, doubled = oracle.lost(found), oracle.doubled(found)
    also = f"{max(took):.1f} s at most, exit 0 each time" if not found else f"{max(took):.1f} s at most"
    row = Row(f"stops/{store}", "SIGTERM under load", f"a signal to a real daemon on {store}", stops,
              world.provider.ledger.accepted, lost, doubled, also)  # fmt: skip
    return row, found


def _slow(world: World, dice: random.Random) -> None:
    """Half of the stops come while a call to the CRM takes its time."""
    if dice.random() < 0.5:
        at = world.account.at(dice.choice(("upsert", "tasks")))
        world.crm.order("fault", kind="latency", **at, count=None, seconds=dice.uniform(0.2, 2.0))


def _after_a_stop(world: World, number: int, code: int, seconds: float) -> Iterator[oracle.Violation]:
    if code:
        yield oracle.Violation("I3", f"SIGTERM ended with {code}", f"stop {number}")
    if seconds > DRAIN:
        yield oracle.Violation("I3", f"SIGTERM took {seconds:.1f} s", f"stop {number}")
    if held := leased(world.url):
        yield oracle.Violation("I3", f"{held} rows were not given back", f"stop {number}")
