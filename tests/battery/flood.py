"""Floods and slow senders from hundreds of addresses: a signed source is heard all the same (F26, H18). `make flood`

Posts as fast as they are answered, wrong proofs, thousands of connections that dribble, large bodies; and beside them
one provider that signs, whose posts are timed before, during and after.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.battery.canaries import Person
from tests.battery.hostile.client import Caller
from tests.battery.hostile.daemon import Attacked
from tests.battery.hostile.target import JSON, Case, json_of, signed
from tests.battery.report import Row, write
from tests.e2e.processes import Process

ACCEPTED, P99, MEMORY, RECOVERY = 0.999, 0.5, 300 * 2**20, 5.0
QUIET = 0.1  # p99 in seconds without any flood, up to which a machine is quiet enough to judge the one with it
BEFORE, AFTER = 5.0, 10.0
ELSEWHERE = "trusted_proxies: [192.0.2.1]"  # then addresses of this machine are senders like all others


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=60, help="how long the flood lasts")
    parser.add_argument(
        "--slow", type=int, default=5_000, help="connections that dribble their heads; a tenth of it, bodies"
    )
    parser.add_argument("--rate", type=float, default=50, help="posts a second of the provider that signs")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder, Attacked(Path(folder), ELSEWHERE, log="info") as daemon:
        seen = asyncio.run(Watch(daemon, said).all())
        print(seen.figures(), flush=True)
        daemon.settle(1800)
        wrong = [*seen.wrong(), *daemon.verdict()]
        lines = len(daemon.process.lines)
    print(f"{lines} lines of log")
    for each in wrong[:20]:
        print(f"WRONG {each[:500]}")
    if said.write:
        write([seen.row(said.seconds, sum("prove ended" in each for each in wrong))])
    if seen.too_busy:
        print(f"NOT JUDGED: the p99; this machine takes {p99(seen.before):.2f} s without any flood")
    return 1 if wrong else 3 if seen.too_busy else 0


@dataclass(slots=True)
class Seen:
    """Seconds of each signed post by phase; None where it was not answered 200."""

    before: list[float | None] = field(default_factory=list)
    during: list[float | None] = field(default_factory=list)
    after: list[float | None] = field(default_factory=list)
    memory: int = 0
    recovery: float = float("inf")
    flood: dict[str, int] = field(default_factory=dict)

    @property
    def too_busy(self) -> bool:
        """Others use the machine: how long a post takes says nothing about the daemon."""
        return p99(self.before) > QUIET

    def share(self) -> float:
        return sum(each is not None for each in self.during) / max(1, len(self.during))

    def figures(self) -> str:
        posts = sum(count for kind, count in self.flood.items() if kind.startswith(("post ", "forged ")))
        phases = ", ".join(f"{name} {p99(each) * 1000:.0f} ms" for name, each in self._phases())
        return (
            f"flood: {posts} posts answered, {self.flood.get('connected', 0)} connections; {self.flood}\n"
            f"signed: {len(self.during)} posts, {self.share():.3%} accepted; p99 {phases}; "
            f"{self.memory / 2**20:.0f} MiB at most; recovered in {self.recovery:.1f} s"
        )

    def _phases(self) -> Iterator[tuple[str, list[float | None]]]:
        yield from (("before", self.before), ("during", self.during), ("after", self.after))

    def wrong(self) -> Iterator[str]:
        if self.share() < ACCEPTED:
            yield f"only {self.share():.3%} of the signed posts were accepted"
        if p99(self.during) > P99 and not self.too_busy:
            yield f"p99 of the signed posts was {p99(self.during):.3f} s"
        if self.memory > MEMORY:
            yield f"{self.memory / 2**20:.0f} MiB"
        if self.recovery > RECOVERY:
            yield f"recovery took {self.recovery:.1f} s"
        for kind in self.flood:
            if kind[-3:].isdigit() and kind[-3:] not in ("200", "303", "401", "408", "413", "415", "429", "503"):
                yield f"the flood was answered {kind}"

    def row(self, seconds: float, lost: int) -> Row:
        posts = sum(count for kind, count in self.flood.items() if kind.startswith(("post ", "forged ")))
        busy = ", so not judged: a busy machine" if self.too_busy else ""
        also = (
            f"{posts} posts in {seconds:.0f} s from 240 addresses; signed: {self.share():.2%} accepted, "
            f"p99 {p99(self.during) * 1000:.0f} ms (without {p99(self.before) * 1000:.0f} ms{busy}); "
            f"{self.memory / 2**20:.0f} MiB; recovered in {self.recovery:.1f} s"
        )
        how = "own flooder on loopback: posts, wrong proofs, slow heads and bodies, large bodies"
        return Row("flood/loopback", "flood and slow senders", how, 1, len(self.during), lost, 0, also)


def p99(seconds: list[float | None]) -> float:
    found = sorted(each for each in seconds if each is not None)
    return found[min(len(found) - 1, int(len(found) * 0.99))] if found else float("inf")


class Watch:
    def __init__(self, daemon: Attacked, said: argparse.Namespace) -> None:
        self.daemon, self.said, self.seen, self.number = daemon, said, Seen(), 0
        self.idle: list[Caller] = []

    async def all(self) -> Seen:
        await self._signed(self.seen.before, BEFORE)
        words = (str(self.daemon.port), str(self.said.seconds), str(self.said.slow))
        flooder = Process("tests.battery.hostile.flooder", *words, cwd=self.daemon.folder)
        watching = asyncio.create_task(self._watch_memory())
        await self._signed(self.seen.during, self.said.seconds)
        await asyncio.to_thread(flooder.process.wait, 120)
        await self._recover()
        await self._signed(self.seen.after, AFTER)
        watching.cancel()
        flooder._reader.join(10)
        self.seen.flood = json.loads(flooder.lines[-1])
        for caller in self.idle:
            await caller.close()
        return self.seen

    async def _signed(self, into: list[float | None], seconds: float) -> None:
        """At an even pace, whether the earlier ones have been answered or not."""
        loop, tasks, start = asyncio.get_running_loop(), [], time.monotonic()
        for place in range(round(seconds * self.said.rate)):
            await asyncio.sleep(max(0.0, start + place / self.said.rate - time.monotonic()))
            tasks.append(loop.create_task(self._post(into)))
        await asyncio.gather(*tasks)

    async def _post(self, into: list[float | None]) -> None:
        self.number += 1
        body = json_of("hook", Person(1_000_000 + self.number))
        headers = {"content-type": JSON, **signed("hook", body, time.time())}
        caller = self.idle.pop() if self.idle else Caller(self.daemon.port, "127.0.9.9")
        started = time.perf_counter()
        try:
            reply = await caller.send(Case("hook", "POST", "/in/hook", headers, body))
        except OSError:
            into.append(None)
            return
        into.append(time.perf_counter() - started if reply.status == 200 else None)
        self.idle.append(caller)

    async def _recover(self) -> None:
        """Until posts are answered as before, but for what may happen on any machine."""
        started, usual = time.monotonic(), max(0.1, 2 * p99(self.seen.before))
        while time.monotonic() - started < 60:
            one: list[float | None] = []
            await self._post(one)
            if one[0] is not None and one[0] < usual:
                self.seen.recovery = time.monotonic() - started
                return

    async def _watch_memory(self) -> None:
        while True:
            self.seen.memory = max(self.seen.memory, self.daemon.memory())
            await asyncio.sleep(0.5)
