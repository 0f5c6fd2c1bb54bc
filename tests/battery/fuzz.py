"""Damaged bodies to every door and parser: no crash, no 5xx but the meant 503, no hang, nothing told. `make fuzz`

Three parts: cases over HTTP to a real daemon whose config and whose people are canaries; cases straight into the
parsers, which is faster; and schemathesis on the daemon's own OpenAPI.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from syncd import log
from tests.battery.hostile.client import hangs, send_all
from tests.battery.hostile.daemon import Attacked
from tests.battery.hostile.judge import Judge
from tests.battery.hostile.openapi import Api
from tests.battery.hostile.parsers import Parsers
from tests.battery.hostile.target import Cases
from tests.battery.report import Row, write

OVER_HTTP = 0.05
"""Share of the cases that go over HTTP; the others go straight into the parsers."""
_SHOWN = 20


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=1_000_000, help="over HTTP and into the parsers together")
    parser.add_argument("--api-cases", type=int, default=5_000, help="by schemathesis on the daemon's own OpenAPI")
    parser.add_argument("--only", choices=("http", "parsers", "openapi"), default="", help="one of the three parts")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    log.set_up("warning")  # as the daemon has it: libraries that say too much are silent
    over_http = round(said.cases * OVER_HTTP)
    parts: Mapping[str, Callable[[], tuple[Row, list[str]]]] = {
        "http": lambda: http(said.seed, over_http),
        "parsers": lambda: parsers(said.seed, said.cases - over_http),
        "openapi": lambda: api(said.seed, said.api_cases),
    }
    rows = [part() for name, part in parts.items() if said.only in ("", name)]
    if said.write:
        write(row for row, _ in rows)
    wrong = [each for _, found in rows for each in found]
    for each in wrong[:_SHOWN]:
        print(f"WRONG {each[:1000]}")
    print(f"{len(wrong)} wrong")
    return 1 if wrong else 0


def http(seed: int, count: int) -> tuple[Row, list[str]]:
    """All doors of a real daemon. It must live, have told nothing, and account for every 200."""
    with tempfile.TemporaryDirectory() as folder, Attacked(Path(folder)) as daemon:
        started = time.monotonic()
        judge = attack(daemon, seed, count)
        took, memory = time.monotonic() - started, daemon.memory() / 2**20
        daemon.settle()
        wrong = [*judge.wrong, *daemon.verdict()]
    shown = ", ".join(f"{number} x {status}" for status, number in sorted(judge.statuses.items()))
    print(f"http: {count} cases in {took:.0f} s: {shown}; {memory:.0f} MiB; {len(wrong)} wrong", flush=True)
    also = f"{len(wrong)} wrong: no 5xx but the meant 503, no canary in logs, errors, metrics; {memory:.0f} MiB"
    return _row("fuzz/http", "damaged requests to every address", "own mutator over HTTP", count, also, wrong), wrong


def attack(daemon: Attacked, seed: int, count: int) -> Judge:
    """The cases, and those again that took long."""
    judge, cases = Judge(daemon.canaries), Cases(seed)
    asyncio.run(send_all(daemon.port, count, cases.next, judge))
    print(f"  http: {len(judge.slow)} took more than a second and are tried again alone", flush=True)
    judge.wrong += asyncio.run(hangs(daemon.port, judge))
    return judge


def parsers(seed: int, count: int) -> tuple[Row, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        found = Parsers(seed, Path(folder)).run(count)
        took = time.monotonic() - started
    for name, number in sorted(found.kinds.items()):
        print(f"  {name}: {number}")
    slowest = f"slowest {found.slowest * 1000:.0f} ms"
    print(f"parsers: {count} cases in {took:.0f} s, {slowest}; {len(found.wrong)} wrong", flush=True)
    also = f"{len(found.wrong)} wrong; {slowest}"
    fault = "damaged JSON, forms, multipart, CSV, YAML, headers"
    return _row("fuzz/parsers", fault, "own mutator, in process", count, also, found.wrong), found.wrong


def api(seed: int, count: int) -> tuple[Row, list[str]]:
    with tempfile.TemporaryDirectory() as folder, Attacked(Path(folder)) as daemon:
        checked = Api(daemon)
        wrong = [*checked.run(seed, count), *daemon.verdict()]
    print(f"openapi: {checked.cases} cases on {checked.operations} operations; {len(wrong)} wrong", flush=True)
    also = f"{checked.operations} operations, {len(wrong)} wrong"
    return _row(
        "fuzz/openapi", "what the OpenAPI allows, and what not", "schemathesis", checked.cases, also, wrong
    ), wrong


def _row(key: str, fault: str, how: str, count: int, also: str, wrong: Iterable[str]) -> Row:
    lost = sum("prove ended" in each for each in wrong)
    return Row(key, fault, how, runs=1, accepted=count, lost=lost, doubled=0, also=also)
