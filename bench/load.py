"""Posts to a daemon over keep-alive connections and times every answer. Raw sockets: the client must be cheap."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Answers:
    """Seconds from sending to the status line, and how many were not 200."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    took: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.took if self.took else 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def post_body(number: int, run: str) -> bytes:
    """One enquiry as JSON; every number is another person."""
    return (
        b'{"id":"%s-%d","name":"Ada Beispiel","email":"%s-ada%d@firm%d.com","company":"Firm %d GmbH",'
        b'"phone":"+49 30 %07d","country":"Germany","message":"What does your product cost for ten people, and can '
        b'we try it before we decide? Please call us in the afternoon."}'
        % (run.encode(), number, run.encode(), number, number, number, number % 10_000_000)
    )


def as_request(path: str, body: bytes, form: str = "application/json") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {form}\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


class _Connection(asyncio.Protocol):
    """One request at a time; the answers are small and come in one piece or end with the known length."""

    def __init__(self) -> None:
        self.waiting: asyncio.Future[bool] | None = None
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, request: bytes) -> "asyncio.Future[bool]":
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.waiting

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length and self.waiting:
            self.buffer = b""
            self.waiting.set_result(head.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiting and not self.waiting.done():
            self.waiting.set_exception(exc or ConnectionResetError())


async def closed_loop(port: int, path: str, bodies: Callable[[int], bytes], count: int, connections: int) -> Answers:
    """Every connection sends its next post as soon as it has its answer."""
    return await closed_requests(port, lambda number: as_request(path, bodies(number)), count, connections)


async def closed_requests(port: int, requests: Callable[[int], bytes], count: int, connections: int) -> Answers:
    """As `closed_loop`, with whole requests."""
    answers, numbers = Answers(), iter(range(count))

    async def work(connection: _Connection) -> None:
        for number in numbers:
            await _one(connection, requests(number), answers, time.perf_counter())

    opened = await _connect(port, connections)
    started = time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in opened))
    answers.took = time.perf_counter() - started
    _close(opened)
    return answers


async def open_loop(port: int, path: str, bodies: Callable[[int], bytes], count: int, rate: float) -> Answers:
    """Posts come at their own pace, whatever the daemon does; waiting for a free connection counts as latency."""
    answers, opened = Answers(), await _connect(port, 64)
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for connection in opened:
        free.put_nowait(connection)

    async def post(number: int, due: float) -> None:
        connection = await free.get()
        await _one(connection, as_request(path, bodies(number)), answers, due)
        free.put_nowait(connection)

    started, tasks = time.perf_counter(), []
    for number in range(count):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(post(number, due)))
    await asyncio.gather(*tasks)
    answers.took = time.perf_counter() - started
    _close(opened)
    return answers


async def _one(connection: _Connection, request: bytes, answers: Answers, since: float) -> None:
    fine = await connection.send(request)
    answers.seconds.append(time.perf_counter() - since)
    answers.refused += not fine


async def _connect(port: int, count: int) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(_Connection, "127.0.0.1", port))[1] for _ in range(count)]


def _close(connections: list[_Connection]) -> None:
    for connection in connections:
        connection.transport.close()
