"""uvicorn's HTTP protocol with what it lacks: limits on the head, deadlines, and one meaning for every request.

https://www.rfc-editor.org/rfc/rfc9112 says what has to be refused so that a proxy before us and we can never
disagree about where a request ends; most of that llhttp refuses by itself.
"""

import time
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from syncd.run.connections import NEVER, Connections, Patience
from syncd.run.replies import RETRY_AFTER

LONGEST_HEAD = 16 * 2**10
LONGEST_URL = 8 * 2**10
MOST_HEADERS = 100
MOST_PIPELINED = 16
LONGEST_FRAMING = 64 * 2**10
"""Bytes that come with a body and are none of it: sizes of chunks, their extensions, trailers."""


class PatientProtocol(HttpToolsProtocol):
    """A connection that `Connections` watches. What is raised where the parser calls back becomes 400, but for a lack
    of memory: that says nothing against the request, which is to be sent again.
    """

    cycle: Any  # of the latest request; none before the first one
    sender = ""
    due = NEVER  # monotonic: by when the peer must have gone on; never while it is our turn
    in_head = False
    head_size = unfinished = 0
    body_since = NEVER
    body_size = framing = 0
    unsent, stuck_since = 0, NEVER  # bytes of our answers, and since when they have not become fewer

    def __init__(self, *given: Any, watched_by: Connections, **more: Any) -> None:
        super().__init__(*given, **more)
        self.watch = watched_by

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.sender = self.watch.senders.one_of(self.client[0]) if self.client else ""
        self.due = time.monotonic() + self.watch.patience.head
        if not self.watch.join(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.watch.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        in_head, body_since, body_size = self.in_head, self.body_since, self.body_size
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, MemoryError):
                self._refuse(_NO_MEMORY, "memory")
            else:
                self.send_400_response("Invalid HTTP request received.")
            return
        if self.in_head and in_head:
            self.unfinished += len(data)
        if self.body_since == body_since != NEVER:
            self.framing += len(data) - (self.body_size - body_size)
        if self.unfinished > LONGEST_HEAD or self.framing > LONGEST_FRAMING + 8 * self.body_size:
            self.send_400_response("The request does not end.")

    def _feed(self, data: bytes) -> None:
        """There is no other protocol to go over to, so an upgrade that is asked for is passed over."""
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
                if framing := self._framing():
                    self._read_body_alone(framing)
            else:
                return

    def _read_body_alone(self, framing: bytes) -> None:
        """The parser leaves the body to the other protocol; some clients ask for HTTP/2 with their first post."""
        self.cycle.keep_alive = False
        self.parser = httptools.HttpRequestParser(_BodyOnly(self))
        self.parser.feed_data(b"POST / HTTP/1.1\r\n%s\r\n\r\n" % framing)

    def _framing(self) -> bytes:
        """The header that says where the body ends; nothing where there is no body."""
        for name, value in self.headers:
            if name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0")):
                return name + b":" + value
        return b""

    def on_message_begin(self) -> None:
        self.due = time.monotonic() + self.watch.patience.head
        self.in_head, self.head_size, self.unfinished = True, 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > LONGEST_URL:
            raise ValueError("the address is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_head:  # a trailer must not pass for a header, as X-Forwarded-For
            return
        self.head_size += len(name) + len(value) + 4  # with what stands between and after them
        super().on_header(name, value)
        if self.head_size > LONGEST_HEAD or len(self.headers) > MOST_HEADERS:
            raise ValueError("the head of the request is too long")

    def on_headers_complete(self) -> None:
        self._check_head()
        self.in_head, self.unfinished = False, 0
        self.body_since = time.monotonic()
        self.body_size = self.framing = 0
        self.due = self.body_since + self.watch.patience.body
        self.watch.silent.pop(self, None)
        super().on_headers_complete()

    def _check_head(self) -> None:
        version, hosts = self.parser.get_http_version(), 0
        if version not in ("1.1", "1.0") or len(self.pipeline) >= MOST_PIPELINED:
            raise ValueError("another version of HTTP, or too many requests at once")
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding" and (value.lower() != b"chunked" or version != "1.1"):
                raise ValueError("a transfer coding that nobody needs")
        if hosts != 1 and version == "1.1":
            raise ValueError("no host, or several")

    def on_body(self, body: bytes) -> None:
        self.body_size += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade() and self._framing():
            return  # the body is still to come
        self.due = self.body_since = NEVER
        self.framing = 0
        super().on_message_complete()
        if self.cycle.response_complete:  # answered before its end
            self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.due == NEVER and not self.pipeline:
            self._rest()

    def _rest(self) -> None:
        """The server has a timer for this as well, which any byte stops that begins no request."""
        if not self.transport.is_closing():
            self.due = time.monotonic() + self.watch.patience.rest
            self.watch.silent[self] = None

    def send_400_response(self, msg: str) -> None:
        self._refuse(_plain("400 Bad Request", msg), "malformed")

    def _refuse(self, answer: bytes, why: str) -> None:
        """An answer that is being worked on still goes out, and is never mistaken for this one."""
        self.watch.ended[why] += 1
        cycle = self.cycle
        mine = cycle is not None and cycle.more_body and not cycle.response_started and not self.pipeline
        if cycle is None or cycle.response_complete or mine:
            self.transport.write(answer)
            self.transport.close()
        else:
            cycle.keep_alive = False
            self.flow.pause_reading()

    def overdue(self, now: float, patience: Patience) -> str:
        before, self.unsent = self.unsent, self.transport.get_write_buffer_size()
        if self.unsent:
            if self.stuck_since == NEVER or self.unsent < before:
                self.stuck_since = now
            return "answer" if now - self.stuck_since > patience.answer else ""
        self.stuck_since = NEVER
        if now > self.due:
            return "body" if self.body_since != NEVER else "head" if self.in_head or self.cycle is None else "rest"
        slow = now - self.body_since - patience.grace
        return "body" if slow > 0 and self.body_size < slow * patience.slowest else ""

    def end(self, why: str) -> None:
        """Nobody waits for who does not read."""
        if why == "body" and self.cycle is not None and not self.cycle.response_started:
            self.transport.write(_TOO_SLOW)
        if why == "answer" or self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()


class _BodyOnly:
    """What a parser calls back that reads the rest of a request whose head is known."""

    def __init__(self, protocol: PatientProtocol) -> None:
        self.on_body, self.on_message_complete = protocol.on_body, protocol.on_message_complete


def _plain(status: str, text: str, more: str = "") -> bytes:
    """An answer that ends the connection."""
    head = f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(text)}\r\nconnection: close\r\n{more}"
    return f"HTTP/1.1 {status}\r\n{head}\r\n{text}".encode("ascii")


_TOO_SLOW = _plain("408 Request Timeout", "the body came too slowly\n")
_NO_MEMORY = _plain("503 Service Unavailable", "memory is short\n", f"retry-after: {RETRY_AFTER}\r\n")
