"""Three classes of trouble: surely not sent, surely answered, and sent without an answer. Never sent twice."""

import socket
import threading
from collections.abc import Iterator

import pytest

from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable
from syncd.http_client import HttpClient, HttpReply, raise_for_status


class Listener:
    """Takes connections, reads a request, answers with fixed bytes (or nothing) and hangs up; counts requests."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.requests = answer, 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}/x"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self.server.accept()
            except OSError:
                return
            with peer:
                self.requests += bool(peer.recv(65536))
                peer.sendall(self.answer)

    def close(self) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(5)


@pytest.fixture
def client() -> Iterator[HttpClient]:
    made = HttpClient(timeout=(2, 2))
    yield made
    made.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf"])
def test_a_write_whose_answer_is_lost_is_in_doubt_and_was_sent_once(client: HttpClient, answer: bytes) -> None:
    listener = Listener(answer)

    with pytest.raises(Ambiguous):
        client.call("POST", listener.url, what="test: write", writes=True, json={})

    listener.close()
    assert listener.requests == 1


def test_a_read_whose_answer_is_lost_may_be_tried_again(client: HttpClient) -> None:
    listener = Listener(b"")

    with pytest.raises(Retryable):
        client.call("GET", listener.url, what="test: read", writes=False)

    listener.close()


def test_a_refused_connection_was_surely_not_sent(client: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(Retryable, match="not sent"):
        client.call("POST", f"http://127.0.0.1:{port}/", what="test: write", writes=True, json={})


def test_a_redirect_is_not_followed(client: HttpClient) -> None:
    listener = Listener(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")

    reply = client.call("GET", listener.url, what="test: read", writes=False)

    listener.close()
    assert (reply.status, listener.requests) == (302, 1)


@pytest.mark.parametrize(
    ("status", "writes", "error"),
    [(401, True, AuthFailed), (403, True, AuthFailed), (429, True, RateLimited), (400, True, Refused),
     (503, True, Ambiguous), (503, False, Retryable), (423, True, Retryable)],
)  # fmt: skip
def test_each_status_has_its_meaning(status: int, writes: bool, error: type[Exception]) -> None:
    with pytest.raises(error):
        raise_for_status(HttpReply(status, {"retry-after": "3"}, b""), "test", writes=writes)
