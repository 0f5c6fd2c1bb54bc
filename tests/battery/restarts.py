"""PostgreSQL is restarted and connections are cut at random while leads flow: the daemon stays, nothing is lost."""

import argparse
import random
import time
from collections import Counter
from contextlib import suppress

import psycopg

from tests.battery import oracle
from tests.battery.crash import postgres_for, world
from tests.battery.crash_world import Postgres, World, until
from tests.battery.crms import ACCOUNTS
from tests.battery.report import Row, write


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--restarts", type=int, default=100)
    parser.add_argument("--sink", choices=sorted(ACCOUNTS), default="hubspot")
    parser.add_argument("--rate", type=float, default=40.0, help="posts a second")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two restarts on average")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    dice = random.Random(said.seed)
    with postgres_for(["postgres"]) as server:
        assert server
        with world("postgres", server, said.sink, said.seed, said.rate) as made:
            struck, found = restart(made, server, said.restarts, dice, said.pause)
            accepted = made.provider.ledger.accepted
    for violation in found:
        print(f"  {violation}")
    lost, doubled = oracle.lost(found), oracle.doubled(found)
    print(", ".join(f"{count} {name}" for name, count in struck.items()))
    print(f"{struck.total()} restarts, {accepted} accepted, {lost} lost, {doubled} doubled")
    if said.write and not found:
        how = "pg_terminate_backend, pg_ctl restart -m immediate"
        write(
            [Row("restarts/postgres", "PostgreSQL restarted at random", how, struck.total(), accepted, lost, doubled)]
        )
    return 1 if found else 0


def restart(
    world: World, server: Postgres, times: int, dice: random.Random, pause: float
) -> tuple[Counter[str], list[oracle.Violation]]:
    """The same daemon lives through all of it."""
    (daemon,) = world.daemons
    daemon.start()
    pid, struck = daemon.pid, Counter[str]()
    world.provider.start()
    for _ in range(times):
        time.sleep(dice.expovariate(1 / pause))
        if dice.random() < 0.5:
            server.restart()
            struck["immediate restarts"] += 1
        else:
            cut(world)
            struck["times all connections cut"] += 1
    world.provider.drain()
    world.settle()
    found = world.judge(settled=True)
    if daemon.pid != pid or not daemon.alive():
        found.append(oracle.Violation("I3", "the daemon did not live through it", daemon.name))
    elif not until(world.ready, 30):
        found.append(oracle.Violation("I10", "readiness stays red although the database is back", daemon.name))
    return struck, found


def cut(world: World) -> None:
    with suppress(psycopg.Error), psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
