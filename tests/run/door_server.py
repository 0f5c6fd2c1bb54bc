"""The web door's own protocol in front of any application, on a free port."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

import uvicorn

from syncd.run.connections import Connections
from syncd.run.protocol import PatientProtocol


class Server:
    """A server on a free port, watched by `connections`."""

    def __init__(self, connections: Connections, app: Any) -> None:
        self.app, self.connections = app, connections
        config = uvicorn.Config(
            self.app, interface="asgi3", lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1,
            http=partial(PatientProtocol, watched_by=connections), server_header=False, access_log=False,
        )  # type: ignore[arg-type] # fmt: skip
        self.server = uvicorn.Server(config)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.callers: list[socket.socket] = []
        self.runs = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread.start()
        assert self.runs.wait(10)

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.runs.set()
        await self.server.serve([self.socket])

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.socket.close()
        for caller in self.callers:
            caller.close()

    def connect(self, said: bytes = b"", address: str = "127.0.0.1") -> socket.socket:
        caller = socket.create_connection(self.socket.getsockname(), 10, source_address=(address, 0))
        self.callers.append(caller)
        with suppress(ConnectionResetError, BrokenPipeError):
            caller.sendall(said)
        return caller

    def say(self, said: bytes, *, then: bytes = b"") -> bytes:
        """All that comes back until the server hangs up, or until it has answered as often as `then` asks."""
        with self.connect(said + then) as caller:
            return heard(caller)

    def sweep(self, seconds: float) -> int:
        """As if so many seconds had passed, in the server's own loop."""
        return self.inside(lambda: self.connections.sweep(time.monotonic() + seconds))

    def inside(self, act: Callable[[], int]) -> int:
        done: Future[int] = Future()
        assert self.loop
        self.loop.call_soon_threadsafe(lambda: done.set_result(act()))
        return done.result(10)

    def wait_until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end
            self.inside(lambda: 0)
            threading.Event().wait(0.002)


def heard(caller: socket.socket) -> bytes:
    """Until the server hangs up."""
    answer = b""
    with suppress(ConnectionResetError):
        while piece := caller.recv(65536):
            answer += piece
    return answer
