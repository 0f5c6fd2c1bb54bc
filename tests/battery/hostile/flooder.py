"""Floods a daemon from many addresses of the loopback, as a process of its own.

Posts, wrong proofs, heads and bodies that dribble, large bodies.

`python -m tests.battery.hostile.flooder PORT SECONDS SLOW` prints one JSON object when it is over.
"""

import asyncio
import contextlib
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from tests.battery.canaries import Person
from tests.battery.hostile.target import FORM, JSON, Case, fields_of, json_of

ADDRESSES = 200
PER_ADDRESS = 40
"""Slow connections of one address: fewer than the cap, so that the cap alone does not save the daemon."""
_BYTE_EVERY = 1.0  # seconds


class Flood:
    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.ends, self.answers, self.connected = port, time.monotonic() + seconds, Counter[str](), 0

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.ends

    async def run(self, slow: int) -> None:
        jobs = [self.post(address, number) for address, number in _each(0, ADDRESSES)]
        jobs += [self.forge(address) for address, _ in _each(0, 20)]
        jobs += [
            self.dribble(address, b"POST /in/contact HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n") for address in _crowd(slow)
        ]
        jobs += [self.dribble(address, _BODY, b"x") for address in _crowd(slow // 10)]
        jobs += [self.heap(address) for address, _ in _each(220, 20)]
        await asyncio.gather(*map(self._until_over, jobs))

    async def _until_over(self, job: Coroutine[Any, Any, None]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.1, self.ends - time.monotonic())):
                await job

    async def post(self, address: str, number: int) -> None:
        """Forms, one after the other, as fast as they are answered."""
        body = "&".join(f"{name}={value}" for name, value in fields_of(Person(number))).encode()
        count = 0
        while self.goes_on:
            count += 1
            case = Case("contact", "POST", "/in/contact", {"content-type": FORM}, body + b"&n=%d.%d" % (number, count))
            await self._ask(address, lambda case=case: case.wire(), "post")

    async def forge(self, address: str) -> None:
        headers = {"content-type": JSON, "x-timestamp": str(int(time.time())), "x-signature": "v1=" + "0" * 64}
        wire = Case("hook", "POST", "/in/hook", headers, json_of("hook", Person(1))).wire()
        while self.goes_on:
            await self._ask(address, lambda: wire, "forged")

    async def _ask(self, address: str, wire: Callable[[], bytes], kind: str) -> None:
        """On one connection for as long as it lasts."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await self._connect(address)
            try:
                while self.goes_on:
                    writer.write(wire())
                    head = await reader.readuntil(b"\r\n\r\n")
                    self.answers[f"{kind} {head[9:12].decode()}"] += 1
                    if b"connection: close" in head:
                        return
                    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
            finally:
                writer.close()

    async def dribble(self, address: str, begin: bytes, more: bytes) -> None:
        """Begin a request, and then say as little as possible."""
        while self.goes_on:
            with contextlib.suppress(OSError):
                reader, writer = await self._connect(address)
                writer.write(begin)
                while self.goes_on and not reader.at_eof() and not writer.is_closing():
                    await asyncio.sleep(_BYTE_EVERY)
                    writer.write(more)
                writer.close()
                self.answers["slow ended"] += 1
            await asyncio.sleep(_BYTE_EVERY / 10)

    async def heap(self, address: str) -> None:
        """Bodies of unknown length, just as large as they may be."""
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        while self.goes_on:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await self._connect(address)
                writer.write(_CHUNKED)
                for _ in range(15):
                    writer.write(piece)
                    await writer.drain()
                writer.write(b"0\r\n\r\n")
                status = (await reader.readuntil(b"\r\n"))[9:12].decode()
                self.answers[f"heap {status}"] += 1
                writer.close()
            await asyncio.sleep(0.2)

    async def _connect(self, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.connected += 1
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0))


_BODY = b"POST /in/contact HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 60000\r\n\r\n" % FORM.encode()
_CHUNKED = b"POST /in/contact HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"


def _each(begin: int, count: int) -> list[tuple[str, int]]:
    return [(f"127.0.1.{begin + number + 1}", number) for number in range(count)]


def _crowd(count: int) -> list[str]:
    return [f"127.0.{2 + number // PER_ADDRESS // 250}.{number // PER_ADDRESS % 250 + 1}" for number in range(count)]


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    flood = Flood(int(sys.argv[1]), float(sys.argv[2]))
    asyncio.run(flood.run(int(sys.argv[3])))
    sys.stdout.write(json.dumps({"connected": flood.connected, **flood.answers}) + "\n")
