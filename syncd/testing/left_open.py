"""What a connector has opened: a contract looks before it is built, and again after it is closed."""

import gc
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_DESCRIPTORS = Path("/dev/fd")  # Linux, macOS, BSD


@dataclass(frozen=True, slots=True)
class Opened:
    """By the number and the identity that the system gives it, so that another one in its place is another one."""

    number: int
    device: int
    inode: int
    words: str = field(compare=False)
    port: int = field(default=0, compare=False)  # at the other end of a connection


def opened_here() -> frozenset[Opened]:
    """Files and connections of this process, without those that a server of ours listens for or has taken.

    Empty where the system does not tell.
    """
    sockets, found = dict[Opened, socket.socket](), set[Opened]()
    try:
        for number in _numbers():
            with suppress(OSError):  # closed meanwhile
                status = os.fstat(number)
                if stat.S_ISREG(status.st_mode):
                    found.add(Opened(number, status.st_dev, status.st_ino, _name(number)))
                elif stat.S_ISSOCK(status.st_mode):
                    twin = socket.socket(fileno=os.dup(number))
                    sockets[Opened(number, status.st_dev, status.st_ino, *_peer(twin))] = twin
        return frozenset(found | _begun_here(sockets))
    finally:
        for twin in sockets.values():
            twin.close()


class ClosedAtTheEnd:
    """Of every contract: what was built for a test is closed after it, and then nothing of it may be open."""

    def opened(self) -> frozenset[Opened]:
        """Override to leave out what the test itself opens, such as its own line to a broker."""
        return opened_here()

    @pytest.fixture(autouse=True)
    def _closed_at_the_end(self, request: pytest.FixtureRequest) -> Iterator[None]:
        before = self.opened()
        built: list[Any] = [request.getfixturevalue(name) for name in _BUILT if name in request.fixturenames]
        yield
        for connector in built:
            connector.close()
        if built:
            insist_on_nothing_left(before, self.opened)


def insist_on_nothing_left(before: frozenset[Opened], look: Callable[[], frozenset[Opened]] = opened_here) -> None:
    """Raises AssertionError with what is open and was not so before."""
    if look() - before:
        gc.collect()  # what an error that nobody has any more still holds
        left = sorted(one.words for one in look() - before)
        assert not left, f"closed, and still open: {', '.join(left)}"  # noqa: S101 - a contract is made of asserts


_BUILT = ("source", "sink", "alert")


def _numbers() -> list[int]:
    try:
        return [int(path.name) for path in _DESCRIPTORS.iterdir()]
    except OSError:
        return []


def _begun_here(sockets: dict[Opened, socket.socket]) -> set[Opened]:
    """Those of the internet at whose own end nobody listens."""
    own = {one: twin.getsockname() for one, twin in sockets.items() if twin.family in (socket.AF_INET, socket.AF_INET6)}
    doors = {own[one][1] for one in own if sockets[one].getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)}
    return {one for one, address in own.items() if address[1] not in doors}


def _peer(twin: socket.socket) -> tuple[str, int]:
    try:
        host, port = twin.getpeername()[:2]
    except (OSError, ValueError):  # ValueError: of another family
        return "a connection whose other end is gone", 0
    return f"a connection to {host}:{port}", port


def _name(number: int) -> str:
    try:
        return f"the file {(_DESCRIPTORS / str(number)).readlink()}"
    except OSError:
        return "a file"
