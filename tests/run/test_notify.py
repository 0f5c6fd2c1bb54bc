"""What systemd hears of us."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.run.notify import notify, watchdog_pause


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listener


def test_systemd_is_told(systemd: socket.socket) -> None:
    notify("READY=1")

    assert systemd.recv(100) == b"READY=1"


def test_an_abstract_socket_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0syncd-test-notify")
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@syncd-test-notify")

        notify("WATCHDOG=1")

        assert listener.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_that_nobody_listens_is_no_trouble(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)

    notify("READY=1")


@pytest.mark.parametrize(
    ("limit", "pause"), [("", None), ("0", None), ("soon", None), ("10000000", timedelta(seconds=5))]
)
def test_the_watchdog_is_petted_twice_as_often_as_it_asks(
    monkeypatch: pytest.MonkeyPatch, limit: str, pause: timedelta | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", limit)

    assert watchdog_pause() == pause


def test_a_listener_that_does_not_listen_does_not_hold_us_up(systemd: socket.socket) -> None:
    for _ in range(2000):  # more than its queue takes
        notify("WATCHDOG=1")

    assert systemd.recv(100) == b"WATCHDOG=1"
