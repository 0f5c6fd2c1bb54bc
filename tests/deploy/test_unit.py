"""The systemd units: hardened, true to the program, and the daemon does its work under their restrictions."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.deploy import unit
from tests.e2e.processes import PROGRAM, Program, until

DEPLOY = PROGRAM / "deploy"
UNIT = DEPLOY / "syncd.service"
UNITS = sorted(DEPLOY.glob("*.service"))
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
LACKS = unit.missing()


@needs_systemd
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_exposes_little_by_systemds_own_count(path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-200:] + done.stderr
    assert float(re.findall(r"exposure level for \S+ ([\d.]+)", done.stdout)[0]) <= 2.0


@needs_systemd
def test_the_units_hold_nothing_that_systemd_does_not_know(tmp_path: Path) -> None:
    program = tmp_path / "syncd"
    program.touch(0o755)
    for path in [*UNITS, *DEPLOY.glob("*.timer")]:
        text = path.read_text("utf-8").replace("/opt/syncd/.venv/bin/syncd", str(program))
        (tmp_path / path.name).write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.glob("*.service"), *tmp_path.glob("*.timer")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert [line for line in done.stderr.splitlines() if "syncd" in line] == []


@pytest.mark.skipif(LACKS != "", reason=f"this machine lacks {LACKS}")
@pytest.mark.process
class TestConfined:
    """File system, user, system calls, socket families and memory as the unit has them."""

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        """What the unit's machine has: config, secrets, state."""
        for name in ("state", "secrets", "run"):
            (tmp_path / name).mkdir(mode=0o700)
        (tmp_path / "secrets/console-token").write_text("0123456789abcdef0123")
        (tmp_path / "secrets/console-token").chmod(0o400)
        text = (DEPLOY / "config.yaml").read_text("utf-8").replace("/var/lib/syncd", str(tmp_path / "state"))
        (tmp_path / "config.yaml").write_text(text.replace("port: 8080", "port: 0"))
        (tmp_path / "rules.json").write_text(json.dumps(unit.rules(UNIT)))
        return tmp_path

    @pytest.fixture
    def systemd(self, home: Path) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(home / "run/notify"))
            listener.settimeout(60)
            yield listener

    @pytest.fixture
    def daemon(self, home: Path, systemd: socket.socket) -> Iterator[Program]:
        made = confined(home, sys.executable, "-W", "ignore", "-m", "syncd", "run", "-c", str(home / "config.yaml"))
        yield made
        made.stop()

    def test_the_daemon_starts_lands_a_lead_reloads_and_stops(
        self, daemon: Program, systemd: socket.socket, home: Path
    ) -> None:
        url = daemon.wait_for(r"syncd is ready: open (http://\S+?)/?$").group(1)
        heard = hear(systemd, "READY=1", "WATCHDOG=1")
        pid = int((home / "state/pid").read_text())

        fields = {"name": "Ada Beispiel", "email": "ada@ada-works.com", "message": "What does it cost?"}
        assert requests.post(f"{url}/in/contact", fields, timeout=30).status_code == 200
        until(lambda: 'kind="task",outcome="done"' in metrics(url) or None, "a task in the book")
        os.kill(pid, signal.SIGHUP)
        heard += hear(systemd, "RELOADING=1", "READY=1")
        os.kill(pid, signal.SIGTERM)
        heard += hear(systemd, "STOPPING=1")

        assert daemon.process.wait(30) == 0
        assert not [line for line in daemon.lines if '"level": "error"' in line or '"level": "warning"' in line]
        assert {path.stat().st_mode & 0o077 for path in (home / "state").glob("*.db*")} == {0}

    def test_what_the_unit_forbids_is_forbidden(self, home: Path) -> None:
        done = confined(home, sys.executable, "-c", FORBIDDEN)

        until(lambda: done.process.poll() is not None or None, "the end of it")
        assert [line for line in done.lines if line] == [
            "write to the program: Read-only file system",
            "executable memory: Operation not permitted",
            "packet socket: Operation not permitted",
            "mount: Operation not permitted",
            "root: False",
        ]


FORBIDDEN = f"""
import ctypes, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def say(what, act):
    try:
        print(what + ":", act(), flush=True)
    except OSError as error:
        print(what + ":", error.strerror, flush=True)
def mounted():
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
say("write to the program", lambda: open({str(PROGRAM / "deploy/trace")!r}, "w"))
say("executable memory", lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC))
say("packet socket", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
say("mount", mounted)
say("root", lambda: os.geteuid() == 0)
"""


def confined(home: Path, *program: str) -> Program:
    """A program in the unit's sandbox; its pid comes to stand in the state folder."""
    state, temporary = str(home / "state"), ("/tmp", "/var/tmp")  # noqa: S108 - made new and empty for it alone
    view = [
        "bwrap", "--die-with-parent", "--unshare-user", "--uid", "61234", "--gid", "61234", "--unshare-ipc",
        "--unshare-uts", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", temporary[0],
        "--tmpfs", temporary[1], "--ro-bind", str(home), str(home), "--bind", state, state,
        "--ro-bind", str(PROGRAM), str(PROGRAM), "--chdir", state, "--clearenv",
        "--setenv", "CREDENTIALS_DIRECTORY", str(home / "secrets"),
        "--setenv", "NOTIFY_SOCKET", str(home / "run/notify"),
        "--setenv", "WATCHDOG_USEC", "2000000", "--setenv", "PYTHONPATH", str(PROGRAM),
        "--setenv", "PYTHONDONTWRITEBYTECODE", "1",
    ]  # fmt: skip
    become = ["sh", "-c", 'echo $$ >pid; exec "$@"', "-", sys.executable, str(PROGRAM / "tests/deploy/confine.py")]
    return Program(*view, *become, str(home / "rules.json"), *program, cwd=home)


def hear(systemd: socket.socket, *words: str) -> list[str]:
    """What is told to systemd, until each of these has been told, in this order."""
    heard: list[str] = []
    for word in words:
        heard.append("")
        while word not in heard[-1]:
            heard.append(systemd.recv(1000).decode())
    return heard


def metrics(url: str) -> str:
    return requests.get(f"{url}/metrics", timeout=10).text
