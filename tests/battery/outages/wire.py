"""Names that are not found and certificates that are not right (H20, H21): nothing is sent, and the state says so."""

import os
import socket
import ssl
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from syncd.connector import HttpClient
from tests.battery.outages.findings import CannotLook, Findings
from tests.battery.outages.stage import Stage, stage, told
from tests.wires import Wire, reply

HOUR = timedelta(hours=1)
NOWHERE = "http://crm.syncd-test.invalid"  # RFC 6761: never resolves


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server shows; `trusted`: whether its authority is ours."""

    names: tuple[str, ...] = ("localhost",)
    ends: datetime | None = None
    trusted: bool = True
    newest: ssl.TLSVersion | None = None
    cut: bool = False  # the server hangs up in the middle of the handshake
    word: str = "SSL"  # must stand in what people are told


KINDS: Mapping[str, Certificate] = {
    "expired": Certificate(ends=datetime(2025, 1, 1, tzinfo=UTC), word="has expired"),
    "for another host": Certificate(("crm.example.com",), word="Hostname mismatch"),
    "of an authority nobody knows": Certificate(trusted=False, word="unable to get local issuer"),
    "TLS 1.0 only": Certificate(newest=ssl.TLSVersion.TLSv1),
    "cut in the handshake": Certificate(cut=True, word=""),
}


def run(folder: Path, leads: int, seed: int) -> Findings:
    found = Findings(runs=len(KINDS) + 1)
    with told() as events, stage(_sub(folder, "dns"), base_url=lambda _: NOWHERE) as here:
        _an_hour(here, found, "DNS", events, list)
    for name, certificate in KINDS.items():
        with (
            told() as events,
            _server(folder, certificate) as server,
            stage(_sub(folder, name), base_url=lambda _, server=server: server.url) as here,
        ):
            _an_hour(here, found, f"TLS {name}", events, lambda server=server: server.heard)
            reason = here.store.sinks.state("crm").reason
            found.exactly(f"TLS {name}: the cause is named", certificate.word in reason or reason, True)
    _sound(folder, found)
    _slow_name(folder, found)
    return found


def _an_hour(
    here: Stage,
    found: Findings,
    name: str,
    events: list[dict],
    heard: Callable[[], list[bytes]],  # type: ignore[type-arg]
) -> None:
    """Nothing gets out, nobody's attempts are used up, and it is told once."""
    for number in range(5):
        here.post(number)
    for _ in range(HOUR // timedelta(seconds=30)):
        here.work()
        here.clock.advance(seconds=30)
    found.accepted += here.ledger.accepted
    found.exactly(f"{name}: requests that got out", len(heard()) + here.calls(), 0)
    found.exactly(f"{name}: what the sink's state says", here.store.sinks.state("crm").kind, "outage")
    states = {(kind, state): n for _, kind, state, n, _ in here.store.reports.queue()}
    found.exactly(f"{name}: records waiting", states.get(("record", "waiting"), 0), 5)
    found.exactly(f"{name}: parked", here.store.reports.count_parked(), 0)
    found.exactly(f"{name}: lines that say so", sum(event["event"] == "sink paused" for event in events), 1)


def _sound(folder: Path, found: Findings) -> None:
    """So that the silence above is not that of a server nobody could have spoken to."""
    with _server(folder, Certificate()) as server:
        status = HttpClient().call("POST", server.url, what="a call", writes=True, json={"a": 1}).status
        found.exactly("TLS that is right: answered", (status, len(server.heard)), (200, 1))


_ASK = """
import time
from syncd.connector import HttpClient, Retryable
began = time.monotonic()
try:
    HttpClient().call("POST", "http://crm.example.com/", what="a call", writes=True, json={"a": 1})
except Retryable as error:
    print("surely not sent", round(time.monotonic() - began))
"""


def _slow_name(folder: Path, found: Findings) -> None:
    """A name server that never answers, in a world of mounts of its own."""
    resolver = folder / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.77\noptions timeout:3 attempts:2\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        try:
            deaf.bind(("127.0.0.77", 53))
        except OSError:
            found.told("DNS without an answer", "not looked at: only root may be a name server")
            return
        mounted = f'mount --bind {resolver} /etc/resolv.conf && exec {sys.executable} -c "$ASK"'
        said = subprocess.run(
            ["unshare", "-m", "sh", "-c", mounted],
            env={**os.environ, "ASK": _ASK},
            capture_output=True,
            text=True,
            check=False,
        )
    words, _, seconds = said.stdout.strip().rpartition(" ")
    found.exactly("DNS without an answer", words or said.stderr[-200:], "surely not sent")
    found.most("DNS without an answer: seconds until that was known", float(seconds or 0), 15)


@contextmanager
def _server(folder: Path, kind: Certificate) -> Iterator[Wire]:
    """A server behind such a certificate, and ours as the one authority that is trusted meanwhile."""
    try:
        import trustme  # noqa: PLC0415 - only here
    except ImportError as error:
        raise CannotLook("trustme is not installed: it makes the certificates") from error
    ours = trustme.CA()
    signs = ours if kind.trusted else trustme.CA()
    made = signs.issue_cert(*kind.names, **({"not_after": kind.ends} if kind.ends else {}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.configure_cert(context)
    if kind.newest:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():  # that it is old is the point
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = kind.newest
    bundle = folder / "authority.pem"
    ours.cert_pem.write_to_path(bundle)
    before = os.environ.get("REQUESTS_CA_BUNDLE")
    os.environ["REQUESTS_CA_BUNDLE"] = str(bundle)
    try:
        with _cut() if kind.cut else _answering(context) as server:
            yield server
    finally:
        os.environ.pop("REQUESTS_CA_BUNDLE")
        if before is not None:
            os.environ["REQUESTS_CA_BUNDLE"] = before


def _answering(context: ssl.SSLContext) -> Wire:
    def act(peer) -> None:
        while server.read_request(peer):
            peer.sendall(reply(200, b"{}"))

    server = Wire(act, context)
    return server


@contextmanager
def _cut() -> Iterator[Wire]:
    """Reads the client's first words, and goes."""
    with Wire(lambda peer: peer.recv(100)) as server:
        yield _Private(server)  # type: ignore[misc] # has what is asked of it


class _Private:
    def __init__(self, server: Wire) -> None:
        self.url, self.heard = server.url.replace("http:", "https:"), server.heard


def _sub(folder: Path, name: str) -> Path:
    made = folder / name.replace(" ", "-")
    made.mkdir()
    return made
