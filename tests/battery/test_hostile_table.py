"""The hand-made table of hostile input against a real daemon: the exact answer, what is kept aside, and nothing lost.

What has no place here is tried where it lives: framing and deadlines in tests/run/test_protocol.py, rates in
tests/run/test_web.py, YAML in tests/config/test_yaml_tree.py, ages of signatures in tests/wire/test_signatures.py.
"""

import gzip
import json
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
import requests

from syncd.wire.signatures import MOST_CANDIDATES
from tests.battery.canaries import Person
from tests.battery.hostile.daemon import Attacked
from tests.battery.hostile.target import FORM, JSON, fields_of, json_of, signed

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

MIB = 2**20


class Door:
    """Posts to the daemon as a provider's library would, and remembers what was answered."""

    def __init__(self, daemon: Attacked) -> None:
        self.daemon, self.session = daemon, requests.Session()

    def post(self, source: str, body: Any, kind: str = JSON, **headers: str) -> tuple[int, str]:
        """Signed where the source asks for that; header names with _ for -."""
        proof = signed(source, body, time.time()) if isinstance(body, bytes) else {}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.session.post(
            f"{self.daemon.url}/in/{source}", body, headers={"content-type": kind, **proof, **given},
            timeout=60, allow_redirects=False,
        )  # fmt: skip
        assert not list(self.daemon.canaries.told("reply", answer.text))
        return answer.status_code, answer.text


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """Whatever the tests of this file have sent, it must live, tell nothing, and account for every 200."""
    with Attacked(tmp_path_factory.mktemp("table")) as running:
        yield running
        running.settle()
        assert list(running.verdict()) == []


@pytest.fixture(scope="module")
def door(daemon: Attacked) -> Door:
    return Door(daemon)


def settled(daemon: Attacked) -> Mapping[str, Any]:
    """What the console shows once everything has been planned."""
    daemon.settle()
    return daemon.shown()


def nested(depth: int) -> bytes:
    return b'{"email":"a@nest-one.com","x":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def members(count: int) -> bytes:
    return json.dumps({f"k{number}": 1 for number in range(count)}).encode()


JSON_TABLE: dict[str, tuple[bytes, int]] = {  # what is sent, and what somebody without a signature is answered
    "nothing": (b"", 400),
    "blanks": (b" \r\n", 400),
    "cut off": (b'{"email":"a@nest-one.com"', 400),
    "a word": (b'{"email":nobody}', 400),
    "NaN": (b'{"email":NaN}', 400),
    "Infinity": (b'{"email":-Infinity}', 400),
    "1e999": (b'{"email":1e999}', 400),
    "5,000 digits": (b'{"email":' + b"9" * 5000 + b"}", 400),
    "UTF-16": ('{"email":"a@nest-one.com"}'.encode("utf-16"), 400),
    "Latin-1": (b'{"email":"\xe4@nest-one.com"}', 400),
    "a surrogate in bytes": (b'{"email":"\xed\xa0\x80"}', 400),
    "two values": (b'{"email":"a@nest-one.com"}{}', 400),
    "no object": (b'"a@nest-one.com"', 400),
    "null": (b"null", 400),
    "depth 64": (nested(64), 200),
    "depth 65": (nested(65), 413),
    "depth 100,000": (b"[" * 100_000, 413),
    "9,999 members": (members(9_999), 200),
    "10,000 members": (members(10_000), 200),
    "10,001 members": (members(10_001), 413),
    "half a pair": (b'{"email":"a@nest-one.com","name":"\\ud800"}', 200),
    "half a pair as a name": (b'{"\\udfff":"a@nest-one.com"}', 200),
    "2^63": (b'{"email":"a@nest-one.com","size":9223372036854775808}', 200),
    "-2^63-1": (b'{"email":"a@nest-one.com","size":-9223372036854775809}', 200),
    "NUL": (b'{"email":"a@nest-one.com","name":"a\\u0000b"}', 200),
    "a key twice": (b'{"email":"b@nest-one.com","email":"a@nest-one.com"}', 200),
    "a byte order mark": (b'\xef\xbb\xbf{"email":"a@nest-one.com"}', 200),
    "half right to left": ('{"email":"a@nest-one.com","name":"\u202egro.nest"}'.encode(), 200),
    "templates": (b'{"email":"a@nest-one.com","message":"{{7*7}} ${7*7} {0.__class__} %s%n"}', 200),
    "a mebibyte less one": (b'{"email":"a@nest-one.com"}'.ljust(MIB - 1), 200),
    "a mebibyte": (b'{"email":"a@nest-one.com"}'.ljust(MIB), 200),
    "a mebibyte and one": (b'{"email":"a@nest-one.com"}'.ljust(MIB + 1), 413),
}


@pytest.mark.parametrize(("body", "status"), JSON_TABLE.values(), ids=JSON_TABLE.keys())
def test_json_of_anybody_is_taken_or_refused(door: Door, body: bytes, status: int) -> None:
    assert door.post("open", body)[0] == status


def test_what_a_provider_signed_and_nobody_can_read_is_kept_aside(daemon: Attacked, door: Door) -> None:
    before, sent = settled(daemon)["parked"], [body for body, status in JSON_TABLE.values() if status == 400]

    answers = {door.post("hook", body)[0] for body in sent}

    assert answers == {200}
    assert settled(daemon)["parked"] == before + len(sent)


def as_form(count: int) -> bytes:
    return b"email=a@nest-one.com" + b"".join(b"&f%d=1" % number for number in range(count - 1))


def as_parts(count: int, value: bytes = b"1") -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    named = [(b"f%d" % number, value) for number in range(count - 1)]
    return b"".join(part % one for one in ((b"email", b"a@nest-one.com"), *named)) + b"--x--\r\n"


MULTIPART = "multipart/form-data; boundary=x"
FORM_TABLE: dict[str, tuple[bytes, str, int]] = {
    "200 fields": (as_form(200), FORM, 200),
    "201 fields": (as_form(201), FORM, 413),
    "5,000 fields": (as_form(5_000), FORM, 413),
    "200 parts": (as_parts(200), MULTIPART, 200),
    "201 parts": (as_parts(201), MULTIPART, 413),
    "100,000 empty parts": (b"--x\r\n" * 100_000, MULTIPART, 400),
    "a value of 64 KiB": (b"email=a@nest-one.com&message=" + b"x" * 2**16, FORM, 200),
    "a value beyond": (b"email=a@nest-one.com&message=" + b"x" * (2**16 + 1), FORM, 413),
    "a part of 64 KiB": (as_parts(2, b"x" * 2**16), MULTIPART, 200),
    "a part beyond": (as_parts(2, b"x" * (2**16 + 1)), MULTIPART, 413),
    "no boundary": (as_parts(2), "multipart/form-data", 400),
    "another boundary": (as_parts(2), "multipart/form-data; boundary=y", 400),
    "no end": (as_parts(2)[:-6], MULTIPART, 400),
    "a part without a name": (b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", MULTIPART, 400),
    "a header of a part without end": (b"--x\r\nA: " + b"b" * 500_000, MULTIPART, 400),
    "a charset that is a program": (as_form(2), f"{FORM}; charset=rot13", 200),
    "NUL": (b"email=a@nest-one.com&name=a%00b", FORM, 200),
    "broken percents": (b"email=a@nest-one.com&name=%&x=%zz", FORM, 200),
    "nothing": (b"", FORM, 400),
}


@pytest.mark.parametrize(("body", "kind", "status"), FORM_TABLE.values(), ids=FORM_TABLE.keys())
def test_forms(door: Door, body: bytes, kind: str, status: int) -> None:
    assert door.post("contact", body, kind)[0] == status


class TestTypes:
    """One parser for each declared type: nothing is ever read as something else than it says it is."""

    BODIES: ClassVar = {
        FORM: b"email=a%40nest-one.com&name=A",
        MULTIPART: as_parts(2),
        JSON: b'{"email":"a@nest-one.com","name":"A"}',
        "text/csv": b"email,name\r\na@nest-one.com,A\r\n",
        "application/xml": b"<a><email>a@nest-one.com</email></a>",
        "application/octet-stream": b"\x00\x01\xff",
    }
    TAKEN: ClassVar = {
        "contact": (FORM, MULTIPART, JSON, "text/plain"),
        "open": (FORM, MULTIPART, JSON),
        "survey": (JSON,),
        "demo": (JSON,),
    }

    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
    @pytest.mark.parametrize("kind", [*BODIES, "text/plain", "application/jsonx", "json", ""])
    @pytest.mark.parametrize("source", TAKEN)
    def test_every_type_with_every_body(self, door: Door, source: str, kind: str, body: bytes) -> None:
        status = door.post(source, body, kind)[0]

        if kind not in self.TAKEN[source]:
            assert status == 415
        elif kind == FORM:  # any bytes are a form, of one field perhaps
            assert status == (200 if b"=" in body or source == "open" else 400)
        elif source in ("survey", "demo"):  # signed: what cannot be read is kept aside
            assert status == 200
        else:
            wanted = JSON if kind == "text/plain" else kind
            assert status == (200 if body == self.BODIES[wanted] else 400)


class TestBombs:
    @pytest.mark.parametrize("source", ["open", "hook", "contact"])
    def test_compressed_bodies_are_not_opened(self, daemon: Attacked, door: Door, source: str) -> None:
        bomb, before = gzip.compress(gzip.compress(b"\0" * 64 * MIB, 1), 1), daemon.memory()

        assert door.post(source, bomb, content_encoding="gzip")[0] == 415
        assert daemon.memory() - before < 32 * MIB

    @pytest.mark.parametrize("chunked", [False, True])
    def test_ten_megabytes_are_413_before_they_are_read(self, daemon: Attacked, door: Door, *, chunked: bool) -> None:
        before, body = daemon.memory(), b"x" * (10 * MIB)

        sent = (body[at : at + MIB] for at in range(0, len(body), MIB)) if chunked else body

        assert door.post("contact", sent, FORM) == (413, f"more than {MIB} bytes\n")
        assert daemon.memory() - before < 32 * MIB

    def test_two_hundred_of_them_at_a_time_leave_room_for_others(self, daemon: Attacked, door: Door) -> None:
        before, body = daemon.memory(), b"x" * (10 * MIB)

        def send(_: int) -> int:
            chunks = (body[at : at + MIB] for at in range(0, len(body), MIB))
            return Door(daemon).post("contact", chunks, FORM)[0]

        with ThreadPoolExecutor(40) as crowd:
            answers = list(crowd.map(send, range(40)))

        assert set(answers) <= {413, 503}
        assert door.post("hook", json_of("hook", Person(1)))[0] == 200
        assert daemon.memory() - before < 100 * MIB


class TestSignatures:
    BODY = json_of("hook", Person(900))

    def answer(self, door: Door, signature: str, stamp: str = "") -> int:
        at = stamp or str(int(time.time()))
        return door.post("hook", self.BODY, x_signature=signature, x_timestamp=at)[0]

    def proof(self, at: float) -> str:
        return signed("hook", self.BODY, at)["x-signature"]

    @pytest.mark.parametrize("place", range(0, 64, 9))
    def test_off_by_a_bit(self, door: Door, place: int) -> None:
        right = self.proof(time.time()).removeprefix("v1=")
        bit = format(int(right[place], 16) ^ 1, "x")

        assert self.answer(door, f"v1={right[:place]}{bit}{right[place + 1 :]}") == 401

    @pytest.mark.parametrize(
        "shape",
        [
            "",
            "v1=",
            "v1={63}",
            "v1={64}0",
            "v2={64}",
            "{64}",
            "v1=zz",
            "v1=\u00e9",
            "v1=" + "0" * 64,
            "v1=" + "f" * 5000,
        ],
    )
    def test_of_another_shape(self, door: Door, shape: str) -> None:
        right = self.proof(time.time()).removeprefix("v1=")

        assert self.answer(door, shape.replace("{64}", right).replace("{63}", right[:-1])) == 401

    @pytest.mark.parametrize(("others", "status"), [(1, 200), (MOST_CANDIDATES // 2, 200), (40, 401)])
    def test_among_many(self, door: Door, others: int, status: int) -> None:
        at = time.time()
        many = " ".join(f"v1={number:064x}" for number in range(others))

        assert self.answer(door, f"{many} {self.proof(at)}", str(int(at))) == status

    @pytest.mark.parametrize(("age", "status"), [(-310, 401), (-280, 200), (280, 200), (310, 401)])
    def test_of_another_time(self, door: Door, age: int, status: int) -> None:
        at = time.time() + age

        assert self.answer(door, self.proof(at), str(int(at))) == status

    @pytest.mark.parametrize("stamp", ["", "0", "-1", "1e9", "9" * 400, "NaN", "\u0661\u0662"])
    def test_of_no_time(self, door: Door, stamp: str) -> None:
        proof = self.proof(time.time())

        assert (
            door.post("hook", self.BODY, x_signature=proof, x_timestamp=stamp.encode("utf-8").decode("latin-1"))[0]
            == 401
        )

    def test_a_replay_by_many_at_a_time_is_one_lead(self, daemon: Attacked, door: Door) -> None:
        body = json_of("standard", person := Person(901))
        proof = signed("standard", body, time.time())

        def send(_: int) -> int:
            return requests.post(
                f"{daemon.url}/in/standard", body, headers={"content-type": JSON, **proof}, timeout=60
            ).status_code

        with ThreadPoolExecutor(20) as crowd:
            answers = set(crowd.map(send, range(200)))

        assert answers == {200}
        found = settled(daemon)["leads"]
        assert [lead["interactions"] for lead in found if lead["email"] == person.email] == [1]


class TestAnswers:
    @pytest.mark.parametrize(
        "page", ["https://shop.example.com/\r\nSet-Cookie: a=b", "//evil.example", "javascript:alert(1)"]
    )
    def test_no_value_begins_a_header_or_leads_elsewhere(self, daemon: Attacked, page: str) -> None:
        answer = requests.post(
            f"{daemon.url}/in/contact", {"email": "a@nest-one.com", "_next": page}, timeout=60, allow_redirects=False
        )

        assert "set-cookie" not in answer.headers
        assert "evil" not in answer.headers.get("location", "")
        assert "javascript" not in answer.headers.get("location", "")

    @pytest.mark.parametrize(
        "path", ["/.env", "/../../etc/passwd", "/static/..%2f..%2fapp.py", "/debug", "/docs", "/%2e%2e/", "/in"]
    )
    def test_nothing_else_is_served(self, daemon: Attacked, path: str) -> None:
        with socket.create_connection(("127.0.0.1", daemon.port), 60) as caller:
            caller.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: caller.recv(65536), b"")).decode()

        assert int(answer.split()[1]) in (303, 404)
        assert not list(daemon.canaries.told(path, answer))

    @pytest.mark.parametrize("method", ["TRACE", "TRACK", "DEBUG", "PROPFIND"])
    def test_no_method_tells_more(self, daemon: Attacked, method: str) -> None:
        answer = requests.request(
            method, f"{daemon.url}/healthz", headers={"x-secret": "mirror"}, timeout=60, allow_redirects=False
        )

        assert answer.status_code in (303, 400)  # to the login, or no method that HTTP knows
        assert "mirror" not in answer.text

    def test_templates_and_formulas_reach_the_lead_as_plain_text(self, daemon: Attacked, door: Door) -> None:
        formula = "=A({{4111*9371}}{0.__class__})"
        fields = dict(fields_of(Person(902))) | {"company": formula, "message": f"{formula} <b>bold</b>"}

        assert door.post("open", json.dumps(fields).encode())[0] == 200

        (lead,) = [lead for lead in settled(daemon)["leads"] if lead["email"] == fields["email"]]
        assert lead["company"] == formula
        assert formula in lead["task"]  # neither reckoned nor rendered


def test_slow_heads_are_closed_after_ten_seconds_and_others_do_not_notice(daemon: Attacked, door: Door) -> None:
    slow = [socket.create_connection(("127.0.0.1", daemon.port), 60) for _ in range(30)]
    started = time.monotonic()
    for caller in slow:
        caller.sendall(b"POST /in/contact HTTP/1.1\r\nHost: x\r\nX-Slow: ")

    assert door.post("hook", json_of("hook", Person(903)))[0] == 200
    for caller in slow:
        caller.settimeout(60)
        assert caller.recv(100) == b""
        caller.close()
    assert 8 < time.monotonic() - started < 30
