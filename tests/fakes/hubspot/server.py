"""The HTTP side: real sockets, keep-alive, and the faults that happen on the wire."""

import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import orjson

from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.faults import Fault, page
from tests.fakes.hubspot.routes import Match
from tests.fakes.hubspot.service import Service

CONTROL = "/_fake/"
_REASONS = {status.value: status.phrase for status in HTTPStatus}

Control = Callable[[Call], Answer]


class Server(ThreadingHTTPServer):
    """Listens on loopback; `stop` ends every connection and waits for its thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, service: Service, control: Control) -> None:
        self.service = service
        self.control = control
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
    server: Server
    _unlogged: Callable[[int], None] | None = None

    def do_any(self) -> None:
        call = self._call()
        if call.path.startswith(CONTROL):
            self._send(self.server.control(call))
            return
        match, fault = self.server.service.arrived(call)
        self._unlogged = partial(self.server.service.log_call, call, match, monotonic())
        self._serve(call, match, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_any  # noqa: N815 - names of the base

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the base
        """No access log; the service keeps its own."""

    def _serve(self, call: Call, match: Match | None, fault: Fault | None) -> None:
        if fault is None:
            self._send(self._answer(call, match, fault))
            return
        if fault.kind == "latency":
            self.server.stopping.wait(fault.seconds or 0)
        fails = fault.kind in {"hang", "server_error"}
        answer = None
        if fault.kind != "drop_before_commit" and (fault.committed or not fails):
            answer = self._answer(call, match, fault)
        if fails:
            self._fail(fault)
        elif answer is None or fault.kind == "commit_then_drop":
            self._drop()
        else:
            self._send(answer, half=fault.kind == "half_body")

    def _log(self, status: int) -> None:
        """Before the caller can know, so that a test that was answered finds the entry."""
        if self._unlogged:
            self._unlogged(status)
            self._unlogged = None

    def _answer(self, call: Call, match: Match | None, fault: Fault | None) -> Answer:
        headers: Mapping[str, str] = {name: self.headers.get(name, "") for name in ("Authorization", "Content-Type")}
        return self.server.service.answer(call, match, headers, fault)

    def _call(self) -> Call:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        return Call(self.command, path, parse_qs(query) if query else {}, body)

    def _fail(self, fault: Fault) -> None:
        if fault.kind == "hang":
            self.server.stopping.wait(fault.seconds)
            self._drop()
        else:
            self._write(fault.status, "text/html", page(fault.status), fault.headers)

    def _drop(self) -> None:
        self._log(0)
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, answer: Answer, *, half: bool = False) -> None:
        body = b"" if answer.body is None else orjson.dumps(answer.body)
        form = "application/json;charset=utf-8"
        self._write(answer.status, form, body, answer.headers, half=half)

    def _write(self, status: int, form: str, body: bytes, headers: Mapping[str, str], *, half: bool = False) -> None:
        """One segment: status line, headers and body together."""
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}"]
        if status != HTTPStatus.NO_CONTENT:
            lines += [f"Content-Type: {form}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode()
        self._log(status)
        with suppress(OSError):
            self.wfile.write(head + (body[: len(body) // 2] if half else body))
        if half:
            self._drop()
