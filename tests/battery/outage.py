"""Outages of everything outside: the CRM, the network, the disk, the clock; each with figures and their limits."""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.battery.outages import (
    clocks,
    crm_down,
    damage,
    disk,
    hanging,
    limits,
    login,
    reloads,
    slow_crm,
    slow_index,
    starved,
    tcp,
    wire,
)
from tests.battery.outages.findings import CannotLook, Findings
from tests.battery.report import Row, write

Run = Callable[[Path, int, int], Findings]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`share`: of the leads that were asked for, so many are enough for it."""

    fault: str
    how: str
    run: Run
    share: float = 1.0


SCENARIOS = {
    "crm-down": Scenario("CRM down for 48 h", "502, 503, 500 and dropped calls, virtual clock", crm_down.run),
    "slow-down": Scenario("429 for an hour", "fake CRM, Retry-After 60", limits.slow_down, 0.05),
    "quota": Scenario("the day's calls are spent", "fake CRM with 1,000 calls a day", limits.quota, 0.02),
    "login": Scenario("grant revoked for an hour", "fake CRM, eight workers", login.run, 0.05),
    "wire": Scenario("DNS and TLS", "unknown name, deaf name server, five bad certificates", wire.run),
    "tcp": Scenario("TCP faults", "own proxy: eight kinds of toxic", tcp.run),
    "slow-crm": Scenario("answers of 30 s", "fake CRM as a process, real daemon, a second sink", slow_crm.run, 0.01),
    "slow-index": Scenario("search lag of 30 s, answers lost", "fake CRM without unique marks", slow_index.run, 0.01),
    "disk-full": Scenario("disk full at random", "tmpfs filled around every step", disk.run),
    "disk-daemon": Scenario("disk full under a daemon", "tmpfs of 8 MiB, real daemon", disk.daemon),
    "io-errors": Scenario("writes fail", "RLIMIT_FSIZE in process", disk.io_errors),
    "bit-flips": Scenario("one bit of the database file", "random place, daemon down", damage.flips),
    "cut-log": Scenario("write-ahead log cut off", "every frame and random places", damage.cut_log),
    "clocks": Scenario("clock jumps", "libfaketime around a real daemon", clocks.run, 0.002),
    "hanging": Scenario("a connector hangs", "in each of its callbacks, whole app in process", hanging.run, 0.002),
    "reloads": Scenario("config swapped", "good and broken ones in turn while leads come in", reloads.run, 0.25),
    "owner-left": Scenario("an owner deactivated in the CRM", "while leads are on their way", reloads.owner_left, 0.02),
    "starved": Scenario("no more files, no more memory", "prlimit on a real daemon", starved.run, 0.01),
}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", action="append", choices=sorted(SCENARIOS), help="one of them; may be given again")
    parser.add_argument("--leads", type=int, default=2000, help="how large: CRM-down gets so many, the others a share")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    codes = [_play(name, SCENARIOS[name], said) for name in said.only or SCENARIOS]
    broken, unseen = codes.count(1), codes.count(3)
    print(f"outage: {len(codes)} scenarios, {broken} broken, {unseen} not looked at")
    return 1 if broken else 3 if unseen else 0


def _play(name: str, scenario: Scenario, said: argparse.Namespace) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="outage-", ignore_cleanup_errors=True) as folder:
        try:
            found = scenario.run(Path(folder), max(int(said.leads * scenario.share), 10), said.seed)
        except CannotLook as reason:
            print(f"\n{name}: NOT LOOKED AT: {reason}", flush=True)
            return 3
    took = time.monotonic() - began
    print(f"\n{name}: {'BROKEN' if found.broken else 'held'}, {took:.0f} s", *found.figures, sep="\n  ", flush=True)
    if said.write:
        write([_row(name, scenario, found)])
    return bool(found.broken)


def _row(name: str, scenario: Scenario, found: Findings) -> Row:
    also = found.also or f"{found.judged} limits, {len(found.broken)} broken"
    return Row(
        f"outage/{name}", scenario.fault, scenario.how, found.runs, found.accepted, found.lost, found.doubled, also
    )
