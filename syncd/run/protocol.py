"""uvicorn's HTTP protocol with the two things it lacks: a limit on the size of a request's head, and on the
time it may take. A sender that opens connections and says little must not use them all up.
"""

import time
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
LONGEST_HEAD = 32 * 2**10


class PatientProtocol(HttpToolsProtocol):
    """Counts what comes before the body; `close_slow` ends connections whose head does not come."""

    head_since: float | None = None  # monotonic; empty while no head is awaited
    head_size = 0

    def connection_made(self, transport: Any) -> None:
        self.head_since = time.monotonic()
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        self.head_since, self.head_size = time.monotonic(), 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)  # with what stands between and after them
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.head_since = None
        super().on_headers_complete()

    def _count(self, size: int) -> None:
        """What is raised here, the parser turns into 400 and the end of the connection."""
        self.head_size += size
        if self.head_size > LONGEST_HEAD:
            raise ValueError("the head of the request is too long")


def close_slow(connections: Iterable[Any], seconds: float = HEAD_SECONDS) -> int:
    """Close the connections that have owed us a request's head for too long; how many there were."""
    latest, closed = time.monotonic() - seconds, 0
    for connection in list(connections):
        if isinstance(connection, PatientProtocol) and connection.head_since and connection.head_since < latest:
            connection.transport.close()
            closed += 1
    return closed
