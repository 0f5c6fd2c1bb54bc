"""HTTP as hostile senders speak it, over real sockets: one meaning or none, and nobody keeps us waiting."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from syncd.run.connections import Connections
from syncd.run.protocol import (
    LONGEST_FRAMING,
    LONGEST_HEAD,
    LONGEST_URL,
    MOST_HEADERS,
    MOST_PIPELINED,
)
from syncd.run.senders import Senders
from tests.run.door_server import Server, heard

pytestmark = pytest.mark.timeout(60, method="thread")

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
HELLO = HEAD + b"Content-Length: 2\r\n\r\nab"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ELSEWHERE = Senders(["192.0.2.1"])  # with a proxy listed, addresses of this machine are like all others


class Echo:
    """Answers with the body and the names of the headers; can be told to wait, and to say much."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.heard: list[tuple[str, str, bytes]] = []
        self.saying = 1

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        body = b""
        while scope["path"] != "/unread":
            message = await receive()
            body += message.get("body", b"")
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        self.heard.append((scope["method"], scope["path"], body))
        await asyncio.to_thread(self.go.wait, 10)
        names = b",".join(name for name, _ in scope["headers"])
        text = (body + b" " + names) * self.saying
        head = [(b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": text})


def first(caller: socket.socket) -> bytes:
    """One answer of a connection that stays open; what was there of it when it did not."""
    answer, length = b"", 1
    while len(answer.partition(b"\r\n\r\n")[2]) < length:
        piece = caller.recv(65536)
        if not piece:
            return answer
        answer += piece
        if found := re.search(rb"content-length: (\d+)", answer):
            length = int(found[1])
    return answer


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    made = Server(Connections(), Echo())
    yield made
    made.app.go.set()
    made.stop()


@pytest.fixture
def server(running: Server) -> Server:
    """As good as new: to start and stop one for each test would take longer than the tests."""
    running.app.go.set()
    running.wait_until(lambda: not len(running.connections))
    running.connections.ended.clear()
    running.app.heard.clear()
    running.app.saying = 1
    return running


REFUSED = {
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
    "two lengths that differ": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nab",
    "a list of lengths": HEAD + b"Content-Length: 2, 2\r\n\r\nab",
    "a length with a sign": HEAD + b"Content-Length: +2\r\n\r\nab",
    "a negative length": HEAD + b"Content-Length: -2\r\n\r\nab",
    "a length in hex": HEAD + b"Content-Length: 0x2\r\n\r\nab",
    "a length beyond 64 bits": HEAD + b"Content-Length: 99999999999999999999\r\n\r\nab",
    "no length at all": HEAD + b"Content-Length: \r\n\r\nab",
    "length and chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "another coding": HEAD + b"Transfer-Encoding: identity\r\n\r\nab",
    "a coding that looks like chunked": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "gzip in chunks": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "chunked not last": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "chunked twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "chunked behind a tab": HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "a blank before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    "line feeds alone": b"POST / HTTP/1.1\nHost: x\nContent-Length: 2\n\nab",
    "one line feed alone": b"POST / HTTP/1.1\r\nHost: x\nContent-Length: 2\r\n\r\nab",
    "a return alone": b"POST / HTTP/1.1\r\nHost: x\rX: y\r\nContent-Length: 2\r\n\r\nab",
    "a folded header": HEAD + b"X-A: b\r\n c\r\nContent-Length: 2\r\n\r\nab",
    "a folded length": HEAD + b"Content-Length:\r\n 2\r\n\r\nab",
    "NUL in a header": HEAD + b"X-A: a\0b\r\nContent-Length: 2\r\n\r\nab",
    "a blank in a name": HEAD + b"X A: b\r\nContent-Length: 2\r\n\r\nab",
    "no name": HEAD + b": b\r\nContent-Length: 2\r\n\r\nab",
    "a blank before the first name": b"POST / HTTP/1.1\r\n Host: x\r\nContent-Length: 2\r\n\r\nab",
    "no host": b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab",
    "two hosts": HEAD + b"Host: y\r\nContent-Length: 2\r\n\r\nab",
    "letters beyond ASCII in the path": b"POST /\xc3\xa4 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    "CONNECT": b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown method": b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\nHost: x\r\n\r\n",
    "HTTP/2.0 as text": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a chunk beyond 64 bits": CHUNKED + b"fffffffffffffffff\r\nab\r\n0\r\n\r\n",
    "a chunk with 0x": CHUNKED + b"0x2\r\nab\r\n0\r\n\r\n",
    "a chunk of less than nothing": CHUNKED + b"-2\r\nab\r\n0\r\n\r\n",
    "a chunk longer than it says": CHUNKED + b"2\r\nabX0\r\n\r\n",
    "chunks by line feeds": CHUNKED + b"2\nab\n0\n\n",
    "an extension by a line feed": CHUNKED + b"2;\nab\r\n0\r\n\r\n",
    "an address without end": b"GET /" + b"x" * (LONGEST_URL + 1) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "too many headers": HEAD + b"A: b\r\n" * MOST_HEADERS + b"\r\n",
    "too long a header": HEAD + b"A: " + b"x" * LONGEST_HEAD + b"\r\n\r\n",
    "too many bytes of headers": HEAD + (b"A: " + b"x" * 1000 + b"\r\n") * 17 + b"\r\n",
}


class NoMemory(dict[Any, None]):
    """Fails once."""

    failed = False

    def pop(self, *named: Any) -> None:
        if not self.failed:
            self.failed = True
            raise MemoryError
        super().pop(*named)


def test_a_lack_of_memory_says_nothing_against_the_request(server: Server) -> None:
    server.connections.silent, silent = NoMemory(), server.connections.silent
    try:
        answer = server.say(HELLO)
    finally:
        server.connections.silent = silent

    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 30\r\n" in answer
    assert server.connections.ended == {"memory": 1}
    assert server.app.heard == []


@pytest.mark.parametrize("said", REFUSED.values(), ids=REFUSED.keys())
def test_what_could_mean_two_things_is_400_and_the_end(server: Server, said: bytes) -> None:
    answer = server.say(said, then=b"" if b"HTTP/2.0\r\n\r\nSM" in said else HELLO)

    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1  # what came behind it was not taken for another request
    assert all(body != b"ab" or path == "/" for _, path, body in server.app.heard)
    assert len(server.app.heard) <= 1
    assert server.connections.ended["malformed"] == 1


class TestLimits:
    @pytest.mark.parametrize(("over", "status"), [(-1, b"200"), (0, b"200"), (1, b"400")])
    def test_the_address(self, server: Server, over: int, status: bytes) -> None:
        path = b"/" + b"x" * (LONGEST_URL - 1 + over)

        answer = server.say(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

        assert answer.split()[1] == status

    @pytest.mark.parametrize(("over", "status"), [(-1, b"200"), (0, b"200"), (1, b"400")])
    def test_the_number_of_headers(self, server: Server, over: int, status: bytes) -> None:
        more = b"A: b\r\n" * (MOST_HEADERS - 2 + over)

        assert server.say(HEAD + b"Connection: close\r\n" + more + b"\r\n").split()[1] == status

    @pytest.mark.parametrize(("over", "status"), [(-1, b"200"), (0, b"200"), (1, b"400")])
    def test_the_size_of_the_head(self, server: Server, over: int, status: bytes) -> None:
        head = b"Host: x\r\nConnection: close\r\nA: "
        filled = head + b"x" * (LONGEST_HEAD - len(head) - 2 + over) + b"\r\n"

        assert server.say(b"POST / HTTP/1.1\r\n" + filled + b"\r\n").split()[1] == status

    def test_a_header_that_does_not_end_is_ended(self, server: Server) -> None:
        with server.connect(HEAD + b"X-Slow: ") as caller:
            with suppress(ConnectionResetError, BrokenPipeError):
                for _ in range(100):
                    caller.sendall(b"x" * 65536)
            answer = heard(caller)

        assert answer.startswith(b"HTTP/1.1 400") or answer == b""  # lost when the last of it crossed the goodbye
        assert server.connections.ended["malformed"] == 1

    @pytest.mark.parametrize("endless", [b"2;" + b"e" * 65536, b"0" * 65536, b"0\r\nA: " + b"x" * 65536])
    def test_framing_that_does_not_end_is_ended(self, server: Server, endless: bytes) -> None:
        with server.connect(CHUNKED) as caller:
            server.wait_until(lambda: len(server.connections.silent) == 0 and len(server.connections))
            with suppress(ConnectionResetError, BrokenPipeError):
                caller.sendall(endless)
                for _ in range(100):
                    caller.sendall(endless[-2:] * (LONGEST_FRAMING // 2))
            heard(caller)

        assert server.connections.ended["malformed"] >= 1

    def test_small_chunks_are_no_framing_without_end(self, server: Server) -> None:
        body = b"1\r\na\r\n" * 40_000

        answer = server.say(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n")

        assert answer.startswith(b"HTTP/1.1 200")
        assert server.app.heard == [("POST", "/", b"a" * 40_000)]

    def test_requests_that_do_not_wait_for_answers_are_few(self, server: Server) -> None:
        server.app.go.clear()

        with server.connect(HELLO * (MOST_PIPELINED + 2)) as caller:
            server.wait_until(lambda: server.connections.ended["malformed"])
            server.app.go.set()
            answers = heard(caller)

        assert answers.count(b"HTTP/1.1 200") == MOST_PIPELINED + 1
        assert b"HTTP/1.1 400" not in answers  # it could pass for the answer to one of the others


class TestMeaning:
    def test_a_chunk_extension_says_nothing(self, server: Server) -> None:
        with server.connect(CHUNKED + b"2;a=b\r\nab\r\n0\r\n\r\n") as caller:
            assert first(caller).startswith(b"HTTP/1.1 200")

        assert server.app.heard == [("POST", "/", b"ab")]

    def test_a_trailer_is_no_header(self, server: Server) -> None:
        server.app.go.clear()

        with server.connect(CHUNKED + b"2\r\nab\r\n0\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n") as caller:
            server.app.go.set()
            answer = first(caller)

        assert b"x-forwarded-for" not in answer
        assert server.app.heard == [("POST", "/", b"ab")]

    @pytest.mark.parametrize("wish", [b"h2c", b"websocket"])
    @pytest.mark.parametrize(
        "body", [b"Content-Length: 2\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"]
    )
    def test_a_post_that_would_rather_speak_another_protocol_keeps_its_body(
        self, server: Server, wish: bytes, body: bytes
    ) -> None:
        answer = server.say(HEAD + b"Connection: Upgrade\r\nUpgrade: " + wish + b"\r\n" + body)

        assert answer.startswith(b"HTTP/1.1 200")
        assert server.app.heard == [("POST", "/", b"ab")]

    def test_its_body_may_come_later(self, server: Server) -> None:
        with server.connect(HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\n") as caller:
            for piece in (b"a", b"b", b"cd"):
                server.inside(lambda: 0)
                caller.sendall(piece)
            assert heard(caller).startswith(b"HTTP/1.1 200")

        assert server.app.heard == [("POST", "/", b"abcd")]

    def test_a_wish_without_a_body_is_passed_over(self, server: Server) -> None:
        wish = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

        with server.connect(wish) as caller:
            first(caller)
            caller.sendall(HELLO)
            assert first(caller).startswith(b"HTTP/1.1 200")

        assert [method for method, _, _ in server.app.heard] == ["GET", "POST"]

    def test_rubbish_behind_a_request_does_not_take_its_answer_away(self, server: Server) -> None:
        server.app.go.clear()

        with server.connect(HELLO + b"\x00\xff") as caller:
            server.wait_until(lambda: server.connections.ended["malformed"])
            server.app.go.set()
            answer = heard(caller)

        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.count(b"HTTP/1.1 ") == 1


class TestWaiting:
    @pytest.mark.parametrize("said", [b"", b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"\r\n\r\n"])
    def test_for_a_head_ten_seconds(self, server: Server, said: bytes) -> None:
        with server.connect(said) as caller:
            server.wait_until(lambda: len(server.connections))
            closed = [server.sweep(seconds) for seconds in (9, 11)]
            assert heard(caller) == b""

        assert (closed, server.connections.ended) == ([0, 1], {"head": 1})

    @pytest.mark.parametrize("path", [b"/", b"/unread"])
    def test_for_a_body_thirty_seconds(self, server: Server, path: bytes) -> None:
        head = b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"

        with server.connect(head + b"x" * 50_000) as caller:
            if path == b"/unread":  # an answer before the end of the body does not make the rest of it welcome
                first(caller)
            server.wait_until(lambda: any(each.body_size == 50_000 for each in server.connections))
            closed = [server.sweep(seconds) for seconds in (29, 31)]
            answer = heard(caller)

        assert closed == [0, 1]
        assert answer.startswith(b"HTTP/1.1 408") == (path == b"/")

    def test_for_a_body_at_a_thousand_bytes_a_second(self, server: Server) -> None:
        with server.connect(HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 4000) as caller:
            server.wait_until(lambda: any(each.body_size == 4000 for each in server.connections))
            closed = [server.sweep(seconds) for seconds in (8, 10)]
            answer = heard(caller)

        assert closed == [0, 1]
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert answer.endswith(b"the body came too slowly\n")

    @pytest.mark.parametrize("noise", [b"", b"\r\n"])
    def test_for_the_next_request_fifteen_seconds(self, server: Server, noise: bytes) -> None:
        with server.connect(HELLO) as caller:
            first(caller)
            caller.sendall(noise)  # it stops the server's own timer
            closed = [server.sweep(seconds) for seconds in (14, 17)]
            assert heard(caller) == b""

        assert (closed, server.connections.ended) == ([0, 1], {"rest": 1})

    def test_never_while_it_is_our_turn(self, server: Server) -> None:
        server.app.go.clear()

        with server.connect(HELLO) as caller:
            server.wait_until(lambda: server.app.heard)
            closed = server.sweep(3600)
            server.app.go.set()
            assert first(caller).startswith(b"HTTP/1.1 200")

        assert closed == 0

    @pytest.mark.parametrize("wish", [b"", b"Connection: close\r\n"])
    def test_for_somebody_who_does_not_read_thirty_seconds(self, server: Server, wish: bytes) -> None:
        server.app.saying = 1_000_000

        with server.connect(HEAD + wish + b"Content-Length: 2\r\n\r\nab"):
            server.wait_until(lambda: any(each.transport.get_write_buffer_size() for each in server.connections))
            closed = [server.sweep(seconds) for seconds in (0, 29, 31)]

        assert (closed, server.connections.ended) == ([0, 0, 1], {"answer": 1})

    def test_somebody_who_reads_slowly_is_not_cut_off(self, server: Server) -> None:
        server.app.saying = 1_000_000

        def unsent() -> int:
            return sum(each.transport.get_write_buffer_size() for each in server.connections)

        with server.connect(HELLO) as caller:
            server.wait_until(unsent)
            for minute in range(5):
                assert server.sweep(60 * minute) == 0
                before = server.inside(unsent)
                server.wait_until(lambda at=before: caller.recv(100_000) and server.inside(unsent) < at)

            assert server.connections.ended == {}


class TestCaps:
    def crowd(self, most: int, per_sender: int, senders: Senders) -> Iterator[Server]:
        server = Server(Connections(most, per_sender, senders), Echo())
        yield server
        server.stop()

    @pytest.fixture
    def small(self) -> Iterator[Server]:
        yield from self.crowd(4, 2, ELSEWHERE)

    def answered(self, caller: socket.socket) -> bool:
        """Whether this connection still works."""
        with caller, suppress(OSError):
            caller.sendall(HELLO)
            return first(caller).startswith(b"HTTP/1.1 200")
        return False

    def test_the_silent_ones_of_an_address_give_way_to_its_next(self, small: Server) -> None:
        callers = []
        for number in range(4):
            callers.append(small.connect(b"", "127.0.0.5"))
            small.wait_until(lambda at=number: small.connections.ended["address"] + len(small.connections) == at + 1)

        assert [self.answered(caller) for caller in callers] == [False, False, True, True]
        assert small.connections.ended["address"] == 2

    def test_a_request_in_hand_gives_way_to_nobody(self, small: Server) -> None:
        small.app.go.clear()
        busy = [small.connect(HELLO, "127.0.0.5") for _ in range(2)]
        small.wait_until(lambda: len(small.app.heard) == 2)

        assert not self.answered(small.connect(HELLO, "127.0.0.5"))
        assert len(small.connections) == 2
        small.app.go.set()
        assert [first(caller)[9:12] for caller in busy] == [b"200", b"200"]

    def test_one_address_does_not_use_up_what_others_have(self, small: Server) -> None:
        flood = [small.connect(b"", "127.0.0.5") for _ in range(8)]
        small.wait_until(lambda: small.connections.ended["address"] == 6)

        assert self.answered(small.connect(b"", "127.0.0.6"))
        assert len(flood) == 8

    def test_when_all_are_taken_the_longest_silent_goes(self, small: Server) -> None:
        callers = []
        for number in range(5):
            callers.append(small.connect(b"", f"127.0.0.{10 + number}"))
            small.wait_until(lambda at=number: small.connections.ended["total"] + len(small.connections) == at + 1)

        assert [self.answered(caller) for caller in callers] == [False, True, True, True, True]

    @pytest.mark.parametrize("proxies", [[], ["127.0.0.0/8"]])
    def test_behind_a_proxy_there_are_many(self, proxies: list[str]) -> None:
        for server in self.crowd(9, 2, Senders(proxies)):
            callers = [server.connect() for _ in range(6)]
            server.wait_until(lambda at=server: len(at.connections) == 6)

            assert [self.answered(caller) for caller in callers] == [True] * 6

    def test_what_has_gone_is_not_counted(self, small: Server) -> None:
        for _ in range(5):
            small.connect(HELLO, "127.0.0.5").close()

        small.wait_until(lambda: not len(small.connections))
        assert (small.connections.silent, small.connections._of) == ({}, {})
