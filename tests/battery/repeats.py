"""Each event one to five times, shuffled, to two daemons on one PostgreSQL: exactly the distinct leads (F17)."""

import argparse
import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from syncd import log
from syncd.model import Submission
from syncd.store.schema import inbox, interactions, leads, orders
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.battery.crash_world import Postgres
from tests.battery.evidence import Ledger
from tests.battery.oracle import Evidence, Violation, check
from tests.battery.report import Row, write
from tests.battery.views import stored_in
from tests.world import World, submission

DAEMONS = 2
MOST = 5  # deliveries of one event
PART = 40  # deliveries that one daemon takes in at once


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=20_000, help="distinct events")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    log.set_up("critical", "json")
    postgres = Postgres()
    try:
        sent, wrong, found = delivered(postgres.fresh(), said.events, said.seed)
    finally:
        postgres.close()
    for line in [*wrong, *map(str, found)][:20]:
        print(f"VIOLATED {line}")
    bad = len(wrong) + len(found)
    print(f"{sent:,} deliveries of {said.events:,} events to {DAEMONS} daemons: {bad} violations")
    if said.write and not bad:
        what = "each event delivered one to five times, shuffled, to two daemons"
        write([Row("repeats/two-daemons", what, "threads on one PostgreSQL", sent, said.events, 0, 0)])
    return 1 if bad else 0


def delivered(url: str, events: int, seed: int) -> tuple[int, list[str], list[Violation]]:
    """How many deliveries there were, and what went wrong."""
    dice, ledger = random.Random(seed), Ledger()
    wanted = [_event(number, dice) for number in range(events)]
    deliveries = [one for one in wanted for _ in range(dice.randint(1, MOST))]
    dice.shuffle(deliveries)
    stores = [Store(url, FakeClock(), lambda: ["crm"]) for _ in range(DAEMONS)]
    stores[0].open()
    over = threading.Event()
    with ThreadPoolExecutor(2 * DAEMONS) as threads:
        worlds = [World(store, store.database.clock) for store in stores]  # type: ignore[arg-type]
        planning = [threads.submit(_plan, world, over) for world in worlds]
        taking = [threads.submit(_take_in, world, deliveries[at::DAEMONS], ledger) for at, world in enumerate(worlds)]
        for each in taking:
            each.result()
        over.set()
        for each in planning:
            each.result()
    people = len({answer.value for one in wanted for answer in one.answers if answer.label == "email"})
    wrong = _counted(stores[0], events, people)
    found = check(Evidence(ledger, stored_in(stores[0].database), {}, settled=False))
    for store in stores:
        store.close()
    return len(deliveries), wrong, found


def _event(number: int, dice: random.Random) -> Submission:
    """Most are somebody's only one; some people send several events."""
    person = number if dice.random() < 0.8 else dice.randrange(max(number, 1))
    words = f"Question {number}: what does it cost for {number % 90 + 10} people?"
    return submission(f"k{number}", name="Ada Beispiel", email=f"ada@firm{person}.example", message=words)


def _take_in(world: World, deliveries: Sequence[Submission], ledger: Ledger) -> None:
    for start in range(0, len(deliveries), PART):
        part = deliveries[start : start + PART]
        for one in part:
            ledger.sent(one.source, one.key)
        world.receive(*part)
        for one in part:
            ledger.answered(one.source, one.key, 200)


def _plan(world: World, over: threading.Event) -> None:
    """Until everything is planned that was taken in."""
    while True:
        last = over.is_set()
        more = world.planner.turn()
        if not more and last and not world.store.inbox.waiting()[0]:
            return
        if not more:
            over.wait(0.01)


def _counted(store: Store, events: int, people: int) -> list[str]:
    with store.database.read() as tx:

        def count(column: object, *where: object) -> int:
            return int(tx.execute(select(func.count(column)).where(*where)).scalar_one())  # type: ignore[arg-type]

        found = {
            "rows": (count(inbox.c.id), events),
            "interactions": (count(interactions.c.submission_id), events),
            "leads": (count(leads.c.id), people),
            "records": (count(orders.c.id, orders.c.kind == "record"), people),
            "tasks": (count(orders.c.id, orders.c.kind == "task"), people),
            "notes": (count(orders.c.id, orders.c.kind == "note"), events),
        }
    return [f"{there} {name}, not {wanted}" for name, (there, wanted) in found.items() if there != wanted]
