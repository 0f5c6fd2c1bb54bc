"""Requests that a proxy could read in one way and syncd in another: nothing gets past the proxy's back (S7)."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from syncd.run.connections import Connections
from tests.run.door_server import Server
from tests.run.proxies import MARK, PROXIES, Proxy, running

pytestmark = pytest.mark.timeout(120, method="thread")

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /probe HTTP/1.1\r\nHost: x\r\n"
BODY = b"0\r\n\r\n" + SMUGGLED
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def both(*coding: bytes, length: bytes = LENGTH, body: bytes = BODY) -> bytes:
    """A length and a coding: by the one the second request is part of the body, by the other it stands behind it."""
    return POST + length + b"".join(line + b"\r\n" for line in coding) + b"\r\n" + body


def short(*coding: bytes) -> bytes:
    """The other way round: by the length the body ends after the first chunk's own length."""
    chunk = b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n"
    return POST + b"Content-Length: 4\r\n" + b"".join(line + b"\r\n" for line in coding) + b"\r\n" + chunk


def chunks(*pieces: bytes) -> bytes:
    return POST + CHUNKED + b"\r\n" + b"".join(pieces)


CODINGS = {
    "chunked": b"Transfer-Encoding: chunked",
    "in capitals": b"TRANSFER-ENCODING: CHUNKED",
    "without a blank": b"Transfer-Encoding:chunked",
    "behind a tab": b"Transfer-Encoding:\tchunked",
    "behind a vertical tab": b"Transfer-Encoding:\x0bchunked",
    "behind a form feed": b"Transfer-Encoding: \x0cchunked",
    "a blank before the colon": b"Transfer-Encoding : chunked",
    "a tab before the colon": b"Transfer-Encoding\t: chunked",
    "a blank before the name": b" Transfer-Encoding: chunked",
    "an underscore": b"Transfer_Encoding: chunked",
    "xchunked": b"Transfer-Encoding: xchunked",
    "in quotes": b'Transfer-Encoding: "chunked"',
    "a parameter": b"Transfer-Encoding: chunked;q=1",
    "identity first": b"Transfer-Encoding: identity, chunked",
    "identity last": b"Transfer-Encoding: chunked, identity",
    "gzip first": b"Transfer-Encoding: gzip, chunked",
    "a comma behind": b"Transfer-Encoding: chunked,",
    "folded": b"Transfer-Encoding:\r\n chunked",
    "behind a line feed": b"X: y\nTransfer-Encoding: chunked",
    "behind a return": b"X: y\rTransfer-Encoding: chunked",
    "NUL behind": b"Transfer-Encoding: chunked\0",
    "named as of this hop": b"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
}

PROBES = {
    **{f"length and coding, {name}": both(line) for name, line in CODINGS.items()},
    **{f"coding and short length, {name}": short(line) for name, line in CODINGS.items()},
    "two codings": both(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
    "two codings, the other first": both(b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked"),
    "two lengths": both(length=b"Content-Length: 0\r\n" + LENGTH),
    "two lengths, the other first": both(length=LENGTH + b"Content-Length: 0\r\n"),
    "a list of lengths": both(length=b"Content-Length: 0, %d\r\n" % len(BODY)),
    "a length with a sign": both(length=b"Content-Length: +%d\r\n" % len(BODY)),
    "a length in hex": both(length=b"Content-Length: 0x0\r\n"),
    "a length and a blank within": both(length=b"Content-Length: 0 %d\r\n" % len(BODY)),
    "a length of this hop": both(length=b"Connection: Content-Length\r\n" + LENGTH),
    "a length behind a line feed": both(length=b"X: y\nContent-Length: 0\r\n"),
    "a length with a blank before the colon": both(length=b"Content-Length : %d\r\n" % len(BODY)),
    "GET with a body": b"GET /probe HTTP/1.1\r\nHost: x\r\n" + LENGTH + b"\r\n" + BODY,
    "chunks by line feeds": chunks(b"1\na\n0\n\n", SMUGGLED),
    "an extension by a line feed": chunks(b"1;x\na\r\n0\r\n\r\n", SMUGGLED),
    "an extension by a return": chunks(b"1;x\ra\r\n0\r\n\r\n", SMUGGLED),
    "a chunk longer than it says": chunks(b"1\r\naa0\r\n\r\n", SMUGGLED),
    "a chunk with 0x": chunks(b"0x1\r\na\r\n0\r\n\r\n", SMUGGLED),
    "a chunk beyond 64 bits": chunks(b"10000000000000000\r\n", SMUGGLED),
    "a chunk of less than nothing": chunks(b"-1\r\n", SMUGGLED),
    "a request among the trailers": chunks(b"0\r\n", SMUGGLED),
    "a length among the trailers": chunks(b"1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n", SMUGGLED),
    "chunks of HTTP/1.0": b"POST /probe HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n" + CHUNKED + b"\r\n" + BODY,
    "a promise to wait": both(b"Expect: 100-continue", b"Transfer-Encoding: chunked"),
    "another protocol": POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" + LENGTH + b"\r\n" + BODY,
    "a whole address": b"GET http://x/probe HTTP/1.1\r\nHost: y\r\n" + LENGTH + b"\r\n" + BODY,
    "two requests in one line": b"GET /probe HTTP/1.1\nHost: x\n\n" + SMUGGLED,
}


class Ledger:
    """Answers with the path, and knows who has forwarded each request."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, list[str]]] = []
        self.lock = threading.Lock()

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        while (message := await receive()).get("more_body"):
            pass
        if message["type"] == "http.disconnect":
            return
        by = [value.decode() for name, value in scope["headers"] if name == MARK.encode()]
        with self.lock:
            self.heard.append((scope["path"], by))
        text = scope["path"].encode()
        head = [(b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": text})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server(Connections(), Ledger())
    yield made
    made.stop()


@pytest.fixture(scope="module", params=PROXIES, ids=lambda proxy: proxy.name)
def proxy(request: pytest.FixtureRequest, server: Server, tmp_path_factory: Any) -> Iterator[tuple[Proxy, int]]:
    wanted: Proxy = request.param
    if not wanted.there:
        pytest.skip(f"NOT CHECKED: {wanted.name} is not installed (apt install {wanted.name})")
    folder: Path = tmp_path_factory.mktemp(wanted.name)
    with running(wanted, int(server.socket.getsockname()[1]), folder) as port:
        yield wanted, port


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES.keys())
def test_nothing_reaches_syncd_that_the_proxy_has_not_seen(
    proxy: tuple[Proxy, int], server: Server, probe: bytes
) -> None:
    kind, port = proxy
    ledger: Ledger = server.app
    with ledger.lock:
        ledger.heard.clear()

    _say(port, probe)
    answers = [_ask(port, f"/innocent-{number}") for number in range(3)]

    assert answers == [f"/innocent-{number}" for number in range(3)]
    assert all(by == [kind.name] for _, by in ledger.heard), ledger.heard


def test_what_comes_past_a_proxy_would_be_seen(server: Server) -> None:
    ledger: Ledger = server.app
    with ledger.lock:
        ledger.heard.clear()

    _say(int(server.socket.getsockname()[1]), SMUGGLED)

    assert ledger.heard == [("/smuggled", [])]


def _say(port: int, said: bytes) -> None:
    """Then the line is shut, so that whoever waits for more need not."""
    with socket.create_connection(("127.0.0.1", port), 10) as caller, suppress(OSError):
        caller.sendall(said)
        caller.shutdown(socket.SHUT_WR)
        while caller.recv(65536):
            pass


def _ask(port: int, path: str) -> str:
    """The body of the answer."""
    with socket.create_connection(("127.0.0.1", port), 10) as caller:
        caller.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := caller.recv(65536):
            answer += piece
    return answer.partition(b"\r\n\r\n")[2].decode()
