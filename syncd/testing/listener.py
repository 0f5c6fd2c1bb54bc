"""The HTTP side of a fake server: real sockets, keep-alive, and the faults that happen on the wire."""

import os
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Protocol
from urllib.parse import parse_qs

import orjson

from syncd.testing.calls import Answer, Call
from syncd.testing.faults import Fault

STEERING = "/_fake/"
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Service(Protocol):
    """Who is behind the wire."""

    def arrived(self, call: Call) -> tuple[Call, Fault | None]: ...
    def carry_out(self, call: Call, fault: Fault | None) -> Answer: ...
    def ended(self, call: Call, status: int, seconds: float) -> None: ...
    def steered(self, name: str, call: Call) -> Answer: ...


class Listener(ThreadingHTTPServer):
    """Listens on loopback; `stop` ends every connection and waits for its thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, service: Service, content_type: str) -> None:
        self.service, self.content_type = service, content_type
        self.stopping = Event()
        self._open: dict[socket.socket, Thread] = {}
        self._guard = Lock()
        super().__init__(("127.0.0.1", port), _Connection)
        self._loop = Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._loop.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self._loop.join()
        self.server_close()
        with self._guard:
            left = list(self._open.items())
        for connection, _ in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in left:
            thread.join(5)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = Thread(target=self._serve_connection, args=(request, client_address), daemon=True)
        with self._guard:
            self._open[request] = thread
        thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is ordinary here; anything else is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def _serve_connection(self, request: Any, client_address: Any) -> None:
        self.process_request_thread(request, client_address)
        with self._guard:
            self._open.pop(request, None)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener
    _unlogged: Callable[[int], None] | None = None

    def do_any(self) -> None:
        call = self._call()
        if call.path.startswith(STEERING):
            self._send(self.server.service.steered(call.path.removeprefix(STEERING), call))
            return
        began = monotonic()
        known, fault = self.server.service.arrived(call)
        self._unlogged = partial(self._end, known, began)
        self._serve(known, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_any  # noqa: N815 - names of the base

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the base
        """No access log; the fake keeps its own."""

    def _serve(self, call: Call, fault: Fault | None) -> None:
        if fault is None:
            self._send(self.server.service.carry_out(call, None))
            return
        if fault.kind == "latency" and not fault.committed:
            self.server.stopping.wait(fault.seconds or 0)
        answer = None
        if fault.kind != "drop_before_commit" and (fault.committed or not fault.fails):
            answer = self.server.service.carry_out(call, fault)
        if fault.kind == "latency" and fault.committed:
            self.server.stopping.wait(fault.seconds or 0)
        if fault.fails:
            self._fail(fault)
        elif answer is None or fault.kind == "commit_then_drop":
            self._drop()
        elif fault.kind == "reset":
            self._reset()
        else:
            self._send(answer, half=fault.kind == "half_body")

    def _log(self, status: int) -> None:
        """Before the caller can know, so that a test that was answered finds the entry."""
        if self._unlogged:
            self._unlogged(status)
            self._unlogged = None

    def _end(self, call: Call, began: float, status: int) -> None:
        self.server.service.ended(call, status, monotonic() - began)

    def _call(self) -> Call:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.raw_items()}
        return Call(self.command, path, parse_qs(query) if query else {}, body, headers)

    def _fail(self, fault: Fault) -> None:
        if fault.kind == "hang":
            self.server.stopping.wait(fault.seconds)
            self._drop()
        elif fault.kind == "server_error":
            self._write(fault.status, "text/html", page(fault.status), fault.sent_headers)
        else:
            self._write(fault.status, self.server.content_type, fault.body, fault.sent_headers)

    def _drop(self) -> None:
        self._log(0)
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _reset(self) -> None:
        """The caller gets RST instead of an end: https://www.man7.org/linux/man-pages/man7/socket.7.html, SO_LINGER."""
        self._log(0)
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())  # the handler's own files would keep it open

    def _send(self, answer: Answer, *, half: bool = False) -> None:
        body = answer.body
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        self._write(answer.status, self.server.content_type, content, answer.headers, half=half)

    def _write(self, status: int, form: str, body: bytes, headers: Mapping[str, str], *, half: bool = False) -> None:
        """One segment: status line, headers and body together."""
        sent = {"content-type": form, **{name.lower(): value for name, value in headers.items()}}
        if status == HTTPStatus.NO_CONTENT:
            del sent["content-type"]
        else:
            sent["content-length"] = str(len(body))
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in sent.items()]
        content = b"" if self.command == "HEAD" else body[: len(body) // 2] if half else body
        self._log(status)
        with suppress(OSError):
            self.wfile.write("\r\n".join([*lines, "", ""]).encode() + content)
        if half:
            self._drop()


def page(status: int) -> bytes:
    """What a proxy in front of the service answers: HTML where JSON was expected."""
    return (
        f"<html><head><title>{status} Error</title></head><body><center><h1>{status} Error</h1>"
        "</center><hr><center>cloudflare</center></body></html>"
    ).encode()
