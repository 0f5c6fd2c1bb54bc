"""A server at the wire that answers, breaks off or says nothing, as the test wants, and counts what it heard."""

import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self

Act = Callable[[socket.socket], object]


class Wire:
    """One thread; each connection is handed to `act`, which ends it by returning."""

    def __init__(self, act: Act, tls: ssl.SSLContext | None = None) -> None:
        self.act, self.tls = act, tls
        self.heard: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://localhost:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        socket.create_connection(self._listening.getsockname(), 5).close()
        self._thread.join(10)
        self._listening.close()

    def _serve(self) -> None:
        while True:
            peer, _ = self._listening.accept()
            with peer:
                if self._over:
                    return
                self.connections += 1
                peer.settimeout(5)
                try:
                    self._converse(peer)
                except OSError:
                    continue

    def _converse(self, peer: socket.socket) -> None:
        if self.tls:
            with self.tls.wrap_socket(peer, server_side=True) as private:
                self.act(private)
        else:
            self.act(peer)

    def read_request(self, peer: socket.socket) -> bytes:
        """Head and body of one request; nothing when the peer has gone."""
        said = b""
        while b"\r\n\r\n" not in said:
            piece = peer.recv(65536)
            if not piece:
                return b""
            said += piece
        head, _, body = said.partition(b"\r\n\r\n")
        lines = [line.lower() for line in head.split(b"\r\n")]
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(body) < length:
            body += peer.recv(65536)
        self.heard.append(head + b"\r\n\r\n" + body)
        return self.heard[-1]


def wire(*says: bytes, tls: ssl.SSLContext | None = None) -> Wire:
    """Answers request after request with these bytes, and hangs up after the last of them."""

    def act(peer: socket.socket) -> None:
        for words in says:
            if not made.read_request(peer):
                return
            peer.sendall(words)

    made = Wire(act, tls)
    return made


def reply(status: int = 200, body: bytes = b"{}", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Words", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
