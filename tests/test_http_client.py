"""Three classes of trouble: surely not sent, surely answered, and sent without an answer. Never sent twice."""

import gzip
import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from requests.adapters import HTTPAdapter

from syncd import http_client
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable, SyncdError
from syncd.http_client import HttpClient, HttpReply, raise_for_status, read_retry_after
from syncd.testing import Answer, Call, FakeServer
from syncd.testing.left_open import opened_here
from tests.wires import Wire, reply, wire

SECRET = "pat-secret-00000000"
WHAT = "crm: batch of contacts"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[HttpClient]:
    made = HttpClient(timeout=(1.0, 0.3), total=1.0)
    yield made
    made.close()


def send(client: HttpClient, url: str, *, writes: bool = True) -> HttpReply:
    return client.call("POST", f"{url}/path?key={SECRET}", what=WHAT, writes=writes, json={"a": 1})


def trouble(client: HttpClient, url: str, *, writes: bool = True) -> SyncdError:
    with pytest.raises(SyncdError) as caught:
        send(client, url, writes=writes)
    assert SECRET not in str(caught.value)
    assert str(caught.value).startswith(WHAT)
    return caught.value


class TestAnswers:
    @pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 404, 409, 429, 500, 502, 503])
    def test_whatever_was_answered_is_returned(self, client: HttpClient, status: int) -> None:
        body = b"" if status == 204 else b'{"b": 2}'
        with wire(reply(status, body, X_Limit="7")) as server:
            answer = send(client, server.url)

        assert (answer.status, answer.body, answer.headers["x-limit"]) == (status, body, "7")
        assert len(server.heard) == 1

    def test_the_request_goes_out_as_it_was_meant(self, client: HttpClient) -> None:
        login = {"Authorization": "Bearer x"}
        with wire(reply(), reply(), reply()) as server:
            client.call("POST", server.url, what=WHAT, writes=True, json={"ä": 1}, headers=login)
            client.call("POST", server.url, what=WHAT, writes=True, form={"grant": "code"})
            client.call("GET", server.url, what=WHAT, writes=False, params={"after": "5"})

        first, second, third = server.heard
        assert first.endswith('{"ä":1}'.encode())
        assert b"Bearer x" in first
        assert b"content-type: application/json" in first.lower()
        assert second.endswith(b"grant=code")
        assert third.startswith(b"GET /?after=5 ")

    def test_one_connection_serves_many_calls(self, client: HttpClient) -> None:
        with wire(*[reply()] * 5) as server:
            for _ in range(5):
                send(client, server.url)

        assert server.connections == 1

    def test_pieces_and_compression_are_put_together(self, client: HttpClient) -> None:
        packed = gzip.compress(b'{"c": 3}' * 1000)
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[:10], packed[10:])) + b"0\r\n\r\n"
        head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-encoding: gzip\r\n\r\n"
        with wire(head + chunks) as server:
            assert send(client, server.url).body == b'{"c": 3}' * 1000

    def test_a_redirect_is_not_followed_for_it_would_take_the_credentials_along(self, client: HttpClient) -> None:
        with wire(reply()) as elsewhere, wire(reply(307, Location=elsewhere.url)) as server:
            answer = send(client, server.url)

        assert (answer.status, elsewhere.heard) == (307, [])

    def test_a_netrc_does_not_replace_the_credentials(
        self, client: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "netrc").write_text("machine localhost login eva password stolen\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        with wire(reply(), reply()) as server:
            client.call("GET", server.url, what=WHAT, writes=False, headers={"authorization": "Bearer ours"})
            client.call("GET", server.url, what=WHAT, writes=False)

        assert b"Bearer ours" in server.heard[0]
        assert not [said for said in server.heard if b"Basic" in said]

    def test_the_gate_is_asked_before_each_call(self, client: HttpClient) -> None:
        def closed(_: object) -> None:
            raise RateLimited("the day is spent", timedelta(minutes=5))

        client.gate = closed
        with wire(reply()) as server, pytest.raises(RateLimited):
            send(client, server.url)

        assert server.heard == []


class Dropping(FakeServer):
    """Lets its first caller wait in vain."""

    def __init__(self) -> None:
        super().__init__()
        self.order_fault("drop_before_commit")

    def answer(self, call: Call) -> Answer:
        return Answer(200, {"path": call.path})


class TestClosing:
    def test_nothing_stays_open_though_an_error_is_kept_that_saw_the_connection(self, client: HttpClient) -> None:
        before = opened_here()
        with Dropping() as server:
            error = trouble(client, server.url)
            send(client, server.url)
            assert opened_here() - before

            client.close()

            assert opened_here() - before == set()
            assert error.__context__ is not None  # which leads to the pool

    def test_nor_does_a_connection_to_a_proxy(self, client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
        before = opened_here()
        monkeypatch.setenv("no_proxy", "")
        with Dropping() as server:
            monkeypatch.setenv("http_proxy", server.url)
            error = trouble(client, "http://crm.invalid")
            send(client, "http://crm.invalid")

            client.close()

            assert opened_here() - before == set()
            assert error.__context__ is not None

    def test_a_client_that_is_closed_begins_anew(self, client: HttpClient) -> None:
        with wire(reply(), reply()) as server:
            send(client, server.url)
            client.close()

            assert send(client, server.url).status == 200

        assert server.connections == 2

    def test_a_call_that_finds_its_connections_being_closed_is_surely_not_sent(self, client: HttpClient) -> None:
        with wire(reply(), reply()) as server:
            send(client, server.url)
            adapter = client.session.get_adapter(server.url)
            assert isinstance(adapter, HTTPAdapter)
            (pool,) = (adapter.poolmanager.pools.get(key) for key in adapter.poolmanager.pools.keys())  # noqa: SIM118
            assert pool
            pool.close()

            error = trouble(client, server.url)

        assert isinstance(error, Retryable)
        assert len(server.heard) == 1


def refused_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


class TestSurelyNotSent:
    @pytest.mark.parametrize("writes", [True, False])
    @pytest.mark.parametrize("where", ["refused", "http://nobody.invalid"])
    def test_nobody_there_is_retryable_even_for_writes(self, client: HttpClient, where: str, writes: bool) -> None:
        error = trouble(client, refused_port() if where == "refused" else where, writes=writes)

        assert isinstance(error, Retryable)
        assert "not sent" in str(error)

    def test_a_proxy_that_is_not_there_has_sent_nothing(
        self, client: HttpClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", refused_port())
        monkeypatch.setenv("no_proxy", "")

        assert isinstance(trouble(client, "http://crm.example"), Retryable)

    @pytest.mark.parametrize("url", ["no address", "ftp://crm.example", "http://", "http://[::1"])
    def test_what_is_no_address_is_refused(self, client: HttpClient, url: str) -> None:
        assert isinstance(trouble(client, url), Refused)

    def test_a_header_that_would_begin_another_is_refused(self, client: HttpClient) -> None:
        with wire(reply()) as server, pytest.raises(Refused):
            client.call("GET", server.url, what=WHAT, writes=False, headers={"x": "a\r\nb: c"})

        assert server.heard == []

    @pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificate with openssl")
    def test_a_certificate_nobody_vouches_for_ends_it_before_a_byte_of_the_request(
        self, client: HttpClient, tmp_path: Path
    ) -> None:
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "1", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        with wire(reply(), tls=tls) as server:
            error = trouble(client, server.url)

        assert isinstance(error, Retryable)
        assert server.heard == []


def hang_up_unheard(peer: socket.socket) -> None:
    """Closes without having read."""


def reset(peer: socket.socket) -> None:
    peer.recv(10)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class TestDoubt:
    """Sent, or perhaps sent, and no whole answer: doubt for what writes, another try for what only reads."""

    @pytest.mark.parametrize(
        "words",
        [
            b"",
            b"HTTP/1.1 200 OK\r\ncontent-le",
            b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nhalf",
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnone",
            b"220 mail.example ESMTP\r\n",
        ],
        ids=["hangs up", "half a head", "half a body", "half a chunk", "damaged", "not http"],
    )
    @pytest.mark.parametrize("writes", [True, False])
    def test_an_answer_that_does_not_come_whole(self, client: HttpClient, words: bytes, writes: bool) -> None:
        with wire(words) as server:
            error = trouble(client, server.url, writes=writes)

        assert type(error) is (Ambiguous if writes else Retryable)
        assert len(server.heard) == 1  # and never a second time

    @pytest.mark.parametrize("act", [hang_up_unheard, reset])
    def test_a_connection_that_breaks_under_the_request(
        self, client: HttpClient, act: Callable[[socket.socket], object]
    ) -> None:
        with Wire(act) as server:
            assert isinstance(trouble(client, server.url), Ambiguous)

        assert server.connections == 1

    @pytest.mark.parametrize("trickles", [False, True])
    def test_an_answer_that_does_not_end_in_time(self, client: HttpClient, trickles: bool) -> None:
        """Silence, and a trickle whose pieces are each in time."""

        def dawdle(peer: socket.socket) -> None:
            server.read_request(peer)
            peer.settimeout(0.05)
            if trickles:
                peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
            for _ in range(200):
                if trickles:
                    peer.sendall(b"x")
                try:
                    if not peer.recv(1):
                        return
                except TimeoutError:
                    continue

        with Wire(dawdle) as server:
            error = trouble(client, server.url)

        assert isinstance(error, Ambiguous)
        assert len(server.heard) == 1

    def test_an_answer_too_large_to_be_one(self) -> None:
        body = gzip.compress(b"\0" * (http_client.LARGEST_ANSWER + 1))
        patient = HttpClient()
        with wire(reply(200, body, Content_Encoding="gzip")) as server:
            error = trouble(patient, server.url)
            patient.close()

        assert isinstance(error, Ambiguous)

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "PATCH"])
    def test_nothing_is_ever_sent_twice(self, client: HttpClient, method: str) -> None:
        with wire(b"") as server, pytest.raises(SyncdError):
            client.call(method, server.url, what=WHAT, writes=False)

        assert len(server.heard) == 1

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "PATCH"])
    def test_nor_when_a_connection_that_has_served_before_breaks_off(self, client: HttpClient, method: str) -> None:
        with wire(reply(), b"") as server:
            client.call("GET", server.url, what=WHAT, writes=False)
            with pytest.raises(SyncdError):
                client.call(method, server.url, what=WHAT, writes=False)

        assert [head[: head.index(b" ")].decode() for head in server.heard] == ["GET", method]

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_nor_when_the_answer_asks_for_it(self, client: HttpClient, status: int) -> None:
        with wire(reply(status, Retry_After="0"), reply()) as server:
            client.call("POST", server.url, what=WHAT, writes=True, json={})

        assert len(server.heard) == 1


class TestJson:
    def test_a_body_that_is_json(self) -> None:
        assert HttpReply(200, {}, b'{"a": [1]}').json() == {"a": [1]}

    @pytest.mark.parametrize("body", [b"<html>", b"", b'{"a": 1', b"NaN", b"\xff"])
    @pytest.mark.parametrize(
        ("status", "writes", "kind"),
        [(200, True, Ambiguous), (200, False, Retryable), (502, True, Retryable), (403, False, Retryable)],
    )
    def test_a_body_that_is_not(self, body: bytes, status: int, writes: bool, kind: type[SyncdError]) -> None:
        with pytest.raises(kind, match=f"answer {status} is not JSON"):
            HttpReply(status, {}, body, writes).json()


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "writes", "kind"),
        [
            (302, True, Retryable), (400, True, Refused), (401, True, AuthFailed), (403, False, AuthFailed),
            (404, False, Refused), (408, True, Retryable), (409, True, Refused), (423, True, Retryable),
            (429, True, RateLimited), (500, True, Ambiguous), (500, False, Retryable), (502, True, Ambiguous),
            (503, False, Retryable), (504, True, Ambiguous),
        ],
    )  # fmt: skip
    def test_the_usual_meaning_of_a_status(self, status: int, writes: bool, kind: type[SyncdError]) -> None:
        with pytest.raises(kind) as caught:
            raise_for_status(HttpReply(status, {}, b""), WHAT, writes=writes, words="no such field" * 100)

        assert type(caught.value) is kind
        assert str(caught.value).startswith(f"{WHAT} answered {status}: no such field")
        assert len(str(caught.value)) < 400

    @pytest.mark.parametrize("status", [200, 201, 204])
    def test_success_raises_nothing(self, status: int) -> None:
        raise_for_status(HttpReply(status, {}, b""), WHAT, writes=True)

    def test_a_pause_that_is_asked_for_is_heeded(self) -> None:
        with pytest.raises(RateLimited) as told:
            raise_for_status(HttpReply(429, {"retry-after": "17"}, b""), WHAT, writes=True)
        with pytest.raises(RateLimited) as untold:
            raise_for_status(HttpReply(429, {}, b""), WHAT, writes=True)

        assert (told.value.after, untold.value.after) == (timedelta(seconds=17), timedelta(seconds=10))


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("17", timedelta(seconds=17)),
        ("0.5", timedelta(seconds=0.5)),
        ("-5", timedelta(0)),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), timedelta(minutes=3)),
        (format_datetime(NOW - timedelta(minutes=3), usegmt=True), timedelta(0)),
        ("99999999", timedelta(days=1)),
        ("1e300", None),
        ("inf", None),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Mon, 99 Foo 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_with_care(value: str, after: timedelta | None) -> None:
    assert read_retry_after(value, NOW) == after
