"""The daemon around the loops: a port, signals, systemd, and a crew that ends in time."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from syncd.run.bell import Bell
from syncd.run.connections import Connections
from syncd.run.crew import Crew
from syncd.run.daemon import serve
from syncd.run.lookup import Lookup
from syncd.run.loop import Loop
from tests.world import playbook


class FakeService:
    """Serves one answer; notes what the daemon does with it."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.connections = Connections()
        self.wrong: list[str | Exception] = []
        self.inside, self.go = threading.Event(), threading.Event()
        self.reloaded = threading.Event()
        self.go.set()

    async def web(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        self.inside.set()
        await asyncio.to_thread(self.go.wait, 10)
        self.did.append("answered")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    def start(self) -> None:
        self.did.append("started")

    def reload(self) -> str:
        self.did.append("reloaded")
        self.reloaded.set()
        result = self.wrong.pop(0) if self.wrong else ""
        if isinstance(result, Exception):
            raise result
        return result

    def alive(self) -> bool:
        return True

    def stop(self) -> None:
        self.did.append("stopped")


@pytest.fixture(autouse=True)
def _interpreter() -> Iterator[None]:
    usual = sys.getswitchinterval()
    yield
    sys.setswitchinterval(usual)


def run(service: FakeService, act: Callable[[str], object]) -> None:
    """A daemon on a free port; `act` gets its address in another thread, then the daemon is told to end."""
    failed: list[BaseException] = []

    def play(address: str) -> None:
        try:
            act(address)
        except BaseException as error:  # noqa: BLE001 - told by the thread of the test
            failed.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def ready(address: str) -> None:
        threading.Thread(target=play, args=(address,), daemon=True).start()

    serve(service, "127.0.0.1", 0, ready)
    if failed:
        raise failed[0]


@pytest.mark.timeout(60, method="thread")
class TestServing:
    def test_it_starts_serves_and_stops_when_it_is_told_to(self) -> None:
        service, answers = FakeService(), list[str]()

        run(service, lambda address: answers.append(requests.post(address, timeout=10).text))

        assert (service.did, answers) == (["started", "answered", "stopped"], ["ok"])

    def test_a_request_in_hand_is_answered_before_the_end(self) -> None:
        service, answers = FakeService(), list[str]()
        service.go.clear()

        def act(address: str) -> None:
            threading.Thread(target=lambda: answers.append(requests.post(address, timeout=10).text)).start()
            assert service.inside.wait(10)
            threading.Timer(0.2, service.go.set).start()  # after the signal that ends the daemon

        run(service, act)

        assert service.did == ["started", "answered", "stopped"]

    def test_a_hang_up_reloads_and_whatever_comes_of_it_the_daemon_goes_on(self) -> None:
        service = FakeService()
        service.wrong = ["config.yaml:3: unknown option", KeyError("a bug")]

        def act(address: str) -> None:
            for _ in range(3):
                service.reloaded.clear()
                os.kill(os.getpid(), signal.SIGHUP)
                assert service.reloaded.wait(10)
            assert requests.post(address, timeout=10).text == "ok"

        run(service, act)

        assert service.did == ["started", "reloaded", "reloaded", "reloaded", "answered", "stopped"]

    def test_a_sweep_that_fails_is_not_the_last(self) -> None:
        service, swept = FakeService(), threading.Event()

        class Frail(Connections):
            sweeps = 0

            def sweep(self, now: float | None = None) -> int:
                self.sweeps += 1
                if self.sweeps == 1:
                    raise MemoryError
                swept.set()
                return super().sweep(now)

        service.connections = Frail()

        run(service, lambda _: swept.wait(10))

        assert swept.is_set()

    def test_systemd_hears_of_each_step(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        service, heard = FakeService(), list[str]()
        monkeypatch.setenv("WATCHDOG_USEC", "20000")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(str(tmp_path / "notify"))
            systemd.settimeout(5)
            monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

            def listen() -> None:
                while "STOPPING=1" not in heard:
                    heard.append(systemd.recv(200).decode())

            def act(_: str) -> None:
                os.kill(os.getpid(), signal.SIGHUP)
                assert service.reloaded.wait(10)

            listening = threading.Thread(target=listen, daemon=True)
            listening.start()
            run(service, act)
            listening.join(10)

        assert {"READY=1", "WATCHDOG=1", "STOPPING=1"} <= set(heard)
        assert [line for line in heard if line.startswith("RELOADING=1\nMONOTONIC_USEC=")]

    def test_a_service_that_cannot_start_is_an_error(self) -> None:
        service = FakeService()

        def fail() -> None:
            raise KeyError("store")

        service.start = fail  # type: ignore[method-assign]

        with pytest.raises(KeyError):
            serve(service, "127.0.0.1", 0, lambda _: None)


class Connector:
    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.closed = error, False

    def close(self) -> None:
        self.closed = True
        if self.error:
            raise self.error


def crew(*loops: Loop, **sources: Connector) -> Crew:
    return Crew(playbook(), sources, {}, {}, {}, Lookup(None), list(loops))  # type: ignore[arg-type]


class TestCrews:
    def test_every_loop_ends_its_turn_and_then_the_connectors_are_closed(self) -> None:
        told: list[str] = []
        inside, source = threading.Event(), Connector()

        def turn() -> bool:
            inside.set()
            threading.Event().wait(0.05)
            told.append("turn over" if not source.closed else "too late")
            return True

        team = crew(*(Loop(f"loop {n}", turn, Bell(), timedelta(seconds=30)) for n in range(3)), mail=source)
        team.start()
        assert inside.wait(10)

        assert team.stop() is True
        assert source.closed
        assert "too late" not in told

    def test_one_connector_that_cannot_be_closed_does_not_keep_the_others_open(self) -> None:
        broken, fine = Connector(KeyError("a bug")), Connector()

        crew(mail=broken, form=fine).close()

        assert (broken.closed, fine.closed) == (True, True)

    def test_a_crew_that_never_started_can_be_stopped(self) -> None:
        assert crew(Loop("loop", lambda: False, Bell())).stop() is True
