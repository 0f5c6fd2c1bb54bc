"""A RabbitMQ broker of our own on loopback: Debian's, with its files in a folder that goes away with it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pika

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one in the path insists on a user of its own
EPMD = shutil.which("epmd")
_STARTS_WITHIN = 90.0


def is_there() -> bool:
    return SERVER.exists() and EPMD is not None


class Broker:
    """Started once; every test has a queue of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="syncd-rabbit-"))
        self.port, self._names, self._dist = (_free_port() for _ in range(3))
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def __enter__(self) -> Self:
        assert EPMD
        self._start([EPMD, "-port", str(self._names), "-address", "127.0.0.1"])
        self._start([str(SERVER)])
        self._await()
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connected(self) -> Any:
        return pika.BlockingConnection(pika.URLParameters(self.url))

    def _start(self, command: list[str]) -> None:
        folder = str(self.folder)
        settings = {
            "HOME": folder,
            "ERL_EPMD_PORT": str(self._names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"syncd{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist),
            "RABBITMQ_MNESIA_BASE": folder,
            "RABBITMQ_LOG_BASE": folder,
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/no-env",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }
        with (self.folder / "log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=subprocess.STDOUT)
            )

    def _await(self) -> None:
        until = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < until and self._processes[-1].poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.2)
        raise RuntimeError(f"the broker did not start:\n{(self.folder / 'log').read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
