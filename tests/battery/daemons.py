"""Daemons that are started quickly and ended by their pid: killed, paused, hung up, terminated."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}


class Died(AssertionError):
    """A daemon ended although nobody ended it."""


class Nursery:
    """Starts daemons: forked from a process that has read the program, or from the beginning (`cold`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._zygote = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.battery.zygote"],
            cwd=folder, env=ENVIRON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Its daemons must have ended."""
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.close()
        self._zygote.wait(10)
        self._zygote.stdout.close()

    def fork(self, *words: str, log: Path, env: Mapping[str, str]) -> int:
        order = {"start": words, "log": str(log), "cwd": str(self.folder), "env": dict(env)}
        return int(self._ask(order)["pid"])

    def wait(self, pid: int) -> int:
        return int(self._ask({"wait": pid})["code"])

    def _ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            assert self._zygote.stdin
            self._zygote.stdin.write(json.dumps(order) + "\n")
            self._zygote.stdin.flush()
            return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._zygote.stdout
        answer: dict[str, Any] = json.loads(self._zygote.stdout.readline())
        return answer


class Daemon:
    """One `syncd run` on a config. It tells what it does as it would tell systemd (sd_notify)."""

    def __init__(self, nursery: Nursery, config: Path, name: str) -> None:
        self.nursery, self.config, self.name = nursery, config, name
        self.log = config.parent / f"{name}.log"
        self.pid = 0
        self.started_in = 0.0
        self._cold: subprocess.Popen[bytes] | None = None
        self._address = config.parent / f"{name}.notify"
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with suppress(FileNotFoundError):
            self._address.unlink()
        self._channel.bind(str(self._address))

    def begin(self, *, cold: bool = False) -> None:
        """Start it; it is not ready yet."""
        self._drop_messages()
        words, env = ("run", "-c", str(self.config)), {"NOTIFY_SOCKET": str(self._address)}
        if cold:
            with self.log.open("ab") as log:
                self._cold = subprocess.Popen(
                    [sys.executable, "-W", "ignore", "-m", "syncd", *words],
                    cwd=self.config.parent, env={**ENVIRON, **env}, stdout=log, stderr=log,
                )  # fmt: skip
            self.pid = self._cold.pid
        else:
            self._cold = None
            self.pid = self.nursery.fork(*words, log=self.log, env=env)

    def start(self, *, cold: bool = False, patience: float = 90.0) -> None:
        """Start it and wait until it is ready. Raises Died when it ends instead."""
        began = time.monotonic()
        self.begin(cold=cold)
        self.wait_for("READY=1", patience)
        self.started_in = time.monotonic() - began

    def wait_for(self, word: str, patience: float) -> None:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self._channel.settimeout(0.5)
            with suppress(TimeoutError):
                if word in self._channel.recv(4096).decode():
                    return
            if not self.alive():
                raise Died(f"{self.name} ended:\n{self.last_words()}")
        raise Died(f"{self.name} did not say {word} in {patience} s:\n{self.last_words()}")

    def alive(self) -> bool:
        """Neither gone nor a zombie that waits to be read."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill -9, and gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.gone()

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        os.kill(self.pid, signal.SIGTERM)
        return self.gone()

    def gone(self, patience: float = 60.0) -> int:
        """Wait for its end; the exit code, negative for a signal. One that will not end is killed."""
        end = time.monotonic() + patience
        while self.alive() and time.monotonic() < end:
            time.sleep(0.002)
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
        code = self._cold.wait() if self._cold else self.nursery.wait(self.pid)
        self.pid = 0
        return code

    def close(self) -> None:
        if self.pid:
            self.kill()
        self._channel.close()

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log.exists() else ""

    def _drop_messages(self) -> None:
        self._channel.settimeout(0)
        with suppress(BlockingIOError):
            while self._channel.recv(4096):
                pass
