"""The named points at which a daemon is killed. The product has no hooks for it: a lock on the database, a fault
of the fake CRM, a FIFO in the place of the config, or the clock holds it there.
"""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase

import psycopg

from tests.battery.crash_world import World, sending, until
from tests.battery.daemons import Daemon

REACH = 4.0  # seconds until a daemon under load surely comes by
LEASE = 34.0  # and to what only one daemon does at a time, while the lease of its dead predecessor runs


@dataclass(frozen=True, slots=True)
class Point:
    """`strike` starts the daemon, lets it come to the point and kills it; False when it never came there."""

    name: str
    strike: Callable[[World, Daemon, random.Random], bool]
    weight: float = 1.0
    always: bool = True  # a daemon under steady posts surely comes by
    needs: str = ""  # a call that some CRMs have not


def _at_random(world: World, daemon: Daemon, dice: random.Random) -> bool:
    """In the first moments, when everything that was in hand is taken up again, or under way."""
    daemon.start()
    time.sleep(dice.uniform(0, 0.08) if dice.random() < 0.5 else min(dice.expovariate(2.5), 2.0))
    daemon.kill()
    return True


def _starting(world: World, daemon: Daemon, dice: random.Random) -> bool:
    daemon.begin()
    time.sleep(dice.uniform(0, 0.4))
    daemon.kill()
    return True


def _before_the_accept_commits(world: World, daemon: Daemon, _: random.Random) -> bool:
    daemon.start()
    with locked(world, "inbox"):
        accepted = world.provider.ledger.accepted
        time.sleep(0.1)
        held = world.provider.ledger.accepted
        time.sleep(0.1)
        daemon.kill()
    return world.provider.ledger.accepted == held >= accepted


def _after_the_accept(world: World, daemon: Daemon, _: random.Random) -> bool:
    """The planner is held at its look-up meanwhile."""
    with _trouble(world, "hang", "find"):
        daemon.start()
        came = world.provider.wait_for(1, REACH)
        daemon.kill()
    return came


def _held_at(
    call: str, *, committed: bool = False, reach: float = REACH
) -> Callable[[World, Daemon, random.Random], bool]:
    def strike(world: World, daemon: Daemon, _: random.Random) -> bool:
        with _trouble(world, "hang", call, committed=committed):
            before = called(world, call)
            daemon.start()
            came = until(lambda: called(world, call) > before, reach)
            if committed:
                time.sleep(0.03)  # the fake counts a call before it carries it out
            daemon.kill()
        return came

    return strike


def _locked_behind(call: str, table: str) -> Callable[[World, Daemon, random.Random], bool]:
    """The CRM takes its time with a call, and when it has answered the store is locked."""

    def strike(world: World, daemon: Daemon, dice: random.Random) -> bool:
        with _trouble(world, "latency", call, seconds=0.15):
            before = called(world, call)
            daemon.start()
            came = until(lambda: called(world, call) > before, REACH)
            with locked(world, table):
                time.sleep(0.15 + dice.uniform(0.05, 0.15))
                daemon.kill()
        return came

    return strike


def _intent_saved(world: World, daemon: Daemon, _: random.Random) -> bool:
    """A fresh daemon asks for the owners between committing what it will send and sending it."""
    with _trouble(world, "hang", "owners"):
        daemon.start()
        came = until(lambda: sending(world.url), REACH)
        daemon.kill()
    return came


def _reloading(world: World, daemon: Daemon, dice: random.Random) -> bool:
    daemon.start()
    time.sleep(dice.uniform(0, 0.2))
    daemon.signal(signal.SIGHUP)
    time.sleep(dice.uniform(0, 0.15))
    daemon.kill()
    return True


def _reading_the_config(world: World, daemon: Daemon, dice: random.Random) -> bool:
    """A FIFO that nobody writes to stands where the config was: the reload waits for it."""
    daemon.start()
    text, path = daemon.config.read_bytes(), daemon.config
    fifo = path.with_suffix(".fifo")
    os.mkfifo(fifo, 0o600)
    fifo.replace(path)
    daemon.signal(signal.SIGHUP)
    daemon.wait_for("RELOADING=1", 10)
    time.sleep(dice.uniform(0.02, 0.2))
    daemon.kill()
    path.unlink()
    path.write_bytes(text)
    path.chmod(0o600)
    return True


def _stopping(world: World, daemon: Daemon, dice: random.Random) -> bool:
    daemon.start()
    time.sleep(dice.uniform(0.05, 0.4))
    daemon.signal(signal.SIGTERM)
    time.sleep(dice.uniform(0, 0.25))
    daemon.kill()
    return True


POINTS = (
    Point("at a random moment", _at_random, 18.0),
    Point("while it starts", _starting, 2.0),
    Point("before the accept commits", _before_the_accept_commits),
    Point("after the accept", _after_the_accept),
    Point("mid-plan, asking the CRM", _held_at("find")),
    Point("mid-plan, writing", _locked_behind("find", "leads")),
    Point("intent saved, not sent", _intent_saved, needs="owners"),
    Point("record made, not noted", _held_at("upsert", committed=True)),
    Point("record answered, not saved", _locked_behind("upsert", "orders")),
    Point("company made, not noted", _held_at("companies", committed=True), always=False, needs="companies"),
    Point("between record and task", _held_at("tasks")),
    Point("task made, not noted", _held_at("tasks", committed=True)),
    Point("task answered, not saved", _locked_behind("tasks", "orders")),
    Point("note made, not noted", _held_at("notes", committed=True)),
    Point("reading changes back", _held_at("changes", reach=LEASE), 0.4, always=False, needs="changes"),
    Point("during a reload", _reloading),
    Point("reading the config again", _reading_the_config),
    Point("while it stops", _stopping),
)


def called(world: World, call: str) -> int:
    """How many such calls have been begun."""
    counts, at = world.crm.calls()["calls"], world.account.at(call)
    pattern = f"{at['method']} {at['path']}"
    return sum(count for name, count in counts.items() if fnmatchcase(name, pattern))


@contextmanager
def _trouble(world: World, kind: str, call: str, **more: object) -> Iterator[None]:
    """With two daemons the one that lives has to come out of it by itself."""
    details = {"seconds": 20.0 if len(world.daemons) == 1 else 4.0, "count": None, **more}
    world.crm.order("fault", kind=kind, **world.account.at(call), **details)
    try:
        yield
    finally:
        world.clear()


@contextmanager
def locked(world: World, table: str) -> Iterator[None]:
    """Nobody can write to the table, on SQLite to any, for as long as this lasts."""
    if world.url.startswith("sqlite"):
        held = sqlite3.connect(world.url.partition(":///")[2], isolation_level=None, timeout=15)
        held.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            held.close()
        return
    with psycopg.connect(world.url) as connection:
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield
