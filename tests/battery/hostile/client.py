"""Sends cases over a few connections, raw, and times every reply."""

import asyncio
import re
import time
from collections.abc import Callable

from tests.battery.hostile.judge import SLOWEST, Judge, Reply
from tests.battery.hostile.target import Case

LONGEST_WAIT = 10.0
RAW_WAIT = 0.05  # half a request gets no reply until its time is over, which other tests wait for
_TELL = 2_000
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


async def send_all(port: int, count: int, make: Callable[[], Case], judge: Judge, workers: int = 16) -> None:
    """`count` cases in all; each worker sends one at a time. Raises OSError when the daemon has gone."""
    left = iter(range(count))

    async def work() -> None:
        caller = Caller(port)
        for number in left:
            case = make()
            judge.hear(case, await caller.send(case))
            if number % _TELL == _TELL - 1:
                print(f"  http: {number + 1} of {count} cases, {len(judge.wrong)} wrong", flush=True)
        await caller.close()

    await asyncio.gather(*(work() for _ in range(min(workers, count))))


async def hangs(port: int, judge: Judge) -> list[str]:
    """The cases that take too long three times running, with nothing else going on."""
    caller, hung = Caller(port), []
    for case in judge.slow:
        for _ in range(3):
            if (await caller.send(case)).seconds <= SLOWEST:
                break
        else:
            hung.append(case)
    await caller.close()
    return [f"more than {SLOWEST} s every time: {case.wire()[:300]!r}" for case in hung]


class Caller:
    """One connection, made anew whenever the other side has closed it."""

    def __init__(self, port: int, address: str = "") -> None:
        self.port, self.address = port, address
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, case: Case) -> Reply:
        raw = case.door == "raw"
        reply = await self._try(case, RAW_WAIT if raw else LONGEST_WAIT)
        if reply.status == 0 and not raw:  # closed between two requests, which is nobody's fault
            reply = await self._try(case, LONGEST_WAIT)
        if raw:
            await self.close()
        return reply

    async def _try(self, case: Case, patience: float) -> Reply:
        if self.writer is None or self.writer.is_closing():
            local = (self.address, 0) if self.address else None
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=local)
        started, head, body = time.perf_counter(), b"", b""
        try:
            async with asyncio.timeout(patience):
                self.writer.write(case.wire())
                head, body = await self._read(head_only=case.method == "HEAD")
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            await self.close()
        else:
            if b"connection: close" in head.lower():
                await self.close()
        status = int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else 0
        return Reply(status, head, body, time.perf_counter() - started)

    async def _read(self, *, head_only: bool) -> tuple[bytes, bytes]:
        assert self.reader
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if head_only or head.startswith((b"HTTP/1.1 204", b"HTTP/1.1 304")):
            return head, b""
        return head, await self.reader.readexactly(int(length[1])) if length else b""

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.reader = self.writer = None
