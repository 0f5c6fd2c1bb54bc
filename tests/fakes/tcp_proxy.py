"""A TCP proxy that spoils what passes through it, as toxiproxy does; for either direction, at will.

with TcpProxy(("127.0.0.1", 8080)) as proxy:
    proxy.spoil(Toxic(latency=0.2, slice=100))
    requests.get(proxy.url)
"""

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_PIECE = 2**16


@dataclass(frozen=True, slots=True)
class Toxic:
    """What befalls connections that begin from now on; a byte count is that of one direction of one connection."""

    down: bool = False  # connections are refused by an immediate reset
    latency: float = 0.0  # seconds before each piece
    slice: int = 0  # bytes of one piece; 0: as they come
    bandwidth: float = 0.0  # bytes a second; 0: as fast as they come
    reset_after: int | None = None  # so many bytes of the answer, then a reset
    reset_request_after: int | None = None  # so many bytes of the request, then a reset
    half_close_after: int | None = None  # so many bytes of the answer, then its end, while the request stays open
    silent_after: int | None = None  # so many bytes of the answer, then nothing more: a dead peer


SOUND = Toxic()


class TcpProxy:
    """Listens on loopback in a thread of its own."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target, self.toxic, self.connections = target, SOUND, 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._connected, sock=self._socket))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def spoil(self, toxic: Toxic) -> None:
        """From now on; what is open already is ended, so that nobody goes on on an older connection."""
        self.toxic = toxic
        self._run(self._cut())

    def _run(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _end(self) -> None:
        self._server.close()
        await self._cut()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await task

    async def _cut(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        toxic, self.connections = self.toxic, self.connections + 1
        if toxic.down:
            _reset(writer)
            return
        there_reader, there = await asyncio.open_connection(*self.target)
        self._open |= {writer, there}
        try:
            with suppress(OSError):
                await asyncio.gather(
                    _carry(reader, there, toxic, reset_after=toxic.reset_request_after, others=(writer,)),
                    _carry(
                        there_reader, writer, toxic, reset_after=toxic.reset_after, others=(there,),
                        half_close_after=toxic.half_close_after, silent_after=toxic.silent_after,
                    ),
                )  # fmt: skip
        finally:
            self._open -= {writer, there}
            writer.close()
            there.close()


async def _carry(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    toxic: Toxic,
    *,
    others: tuple[asyncio.StreamWriter, ...],
    reset_after: int | None = None,
    half_close_after: int | None = None,
    silent_after: int | None = None,
) -> None:
    """One direction, until its end or its trouble."""
    passed = 0
    while piece := await reader.read(toxic.slice or _PIECE):
        if toxic.latency:
            await asyncio.sleep(toxic.latency)
        if toxic.bandwidth:
            await asyncio.sleep(len(piece) / toxic.bandwidth)
        ends = [each for each in (reset_after, half_close_after, silent_after) if each is not None]
        room = min(ends, default=passed + len(piece)) - passed
        writer.write(piece[:room])
        await writer.drain()
        passed += len(piece)
        if room < len(piece) or (ends and passed >= min(ends)):
            if reset_after is not None:
                for each in (writer, *others):
                    _reset(each)
                return
            if half_close_after is not None:
                break
            while await reader.read(_PIECE):  # a dead peer: it is taken in and never given out
                pass
            return
    with suppress(OSError):
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End it with RST instead of FIN."""
    with suppress(OSError):
        raw = writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
