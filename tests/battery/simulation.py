"""The whole core on a virtual clock: seeds of steps, faults and deaths, and every promise checked (F28)."""

import argparse
import asyncio
import gc
import multiprocessing
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from syncd import log
from tests.battery.report import read, write
from tests.battery.storm.chance import VirtualClock
from tests.battery.storm.daemon import Cast
from tests.battery.storm.disk import Platter
from tests.battery.storm.storm import Ending, Storm
from tests.battery.tally import Sum, added

SHOWN = 30  # last lines of the story of a seed that failed
PORTION = 50


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, default=1000, help="how many, from --seed on")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=None, help="start no more seeds after that")
    parser.add_argument("--trace", action="store_true", help="the whole story of every seed, in one process")
    parser.add_argument("--write", action="store_true", help="add the figures to those in docs/promises.md")


def run(said: argparse.Namespace) -> int:
    began, found = time.monotonic(), Sum(said.seed)
    with until_ended():
        _weather(said, found, began)
    print(f"{found} ({1000 * (time.monotonic() - began) / max(found.seeds, 1):.0f} ms a seed)")
    for promise, count in Counter(ending.broken.partition(":")[0] for ending in found.broken).items():
        print(f"  {promise}: {count}")
    if said.write and found.seeds:
        row = found.row()
        write([added(row, read(row.key))])
    return 1 if found.broken else 0


def _weather(said: argparse.Namespace, found: Sum, began: float) -> None:
    seeds = range(said.seed, said.seed + said.seeds)
    with log_of_nobody():
        for ending in weathered(seeds) if said.trace else _together(seeds, said.jobs):
            found.add(ending)
            if ending.broken or said.trace:
                _show(ending, whole=said.trace)
            if found.seeds % 1000 == 0:
                print(f"... {found}", flush=True)
            if said.minutes and time.monotonic() - began > 60 * said.minutes:
                break


def weathered(seeds: Iterable[int], cast: Cast | None = None, only: tuple[str, ...] = ()) -> Iterator[Ending]:
    """One after the other in this process; a seed always tells the same story."""
    with _stage() as (platter, loop):
        for seed in seeds:
            yield Storm(seed, platter, loop, cast, only).run()
            if seed % PORTION == 0:
                gc.collect()


@contextmanager
def until_ended() -> Iterator[None]:
    """Ctrl-C or SIGTERM end what is done here, and nothing else: what was done until then counts."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print("ended early")
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def log_of_nobody() -> Iterator[None]:
    """The product's log lines are not shown: of every other turn, a fault is on purpose."""
    log.set_up("critical", "json")
    try:
        yield
    finally:
        log.set_up("warning", "json")


@contextmanager
def _stage() -> Iterator[tuple[Platter, asyncio.AbstractEventLoop]]:
    platter, loop = Platter(VirtualClock()), asyncio.new_event_loop()
    try:
        yield platter, loop
    finally:
        loop.close()
        platter.close()


def _together(seeds: Sequence[int], jobs: int) -> Iterator[Ending]:
    portions = [seeds[at : at + PORTION] for at in range(0, len(seeds), PORTION)]
    with multiprocessing.get_context("spawn").Pool(jobs, initializer=_quiet) as pool:
        for endings in pool.imap(_portion, portions):  # in order: what is done whenever it ends has no gaps
            yield from endings


def _quiet() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever waits for us has heard it, and ends us
    log.set_up("critical", "json")
    gc.freeze()  # what is imported stays


def _portion(seeds: Sequence[int]) -> list[Ending]:
    """Only a seed that failed brings its story along."""
    return [ending if ending.broken else replace(ending, trace=()) for ending in weathered(seeds)]


def _show(ending: Ending, *, whole: bool) -> None:
    print(f"--- seed {ending.seed}: {ending.broken or 'held'}")
    for line in ending.trace if whole else ending.trace[-SHOWN:]:
        print(f"  {line}")
    if ending.broken:
        print(f"  again: python -m tests.battery simulation --seed {ending.seed} --seeds 1 --trace", flush=True)
