"""Prism itself: installed by npm at the version that is pinned, started, asked whether it is there.

https://github.com/stoplightio/prism/blob/master/docs/getting-started/03-cli.md
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

HERE = Path(__file__).parent / "node"
TOOLS = Path(sys.prefix) / "judge"
INSTALL_SECONDS, START_SECONDS = 300, 60
_FILES = ("package.json", "package-lock.json")


class Absent(Exception):
    """The judge is not here; says why."""


def prism() -> list[str]:
    """The command, installed where it was missing. Raises Absent where that cannot be done."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        raise Absent("node is not installed")
    program = TOOLS / "node_modules/@stoplight/prism-cli/dist/index.js"
    if not (program.exists() and _is_of_our_lock()):
        if npm is None:
            raise Absent("npm is not installed")
        _install(npm)
    return [node, str(program)]


def is_installed() -> bool:
    return shutil.which("node") is not None and _is_of_our_lock()


def _is_of_our_lock() -> bool:
    mark = TOOLS / "installed"
    return mark.exists() and mark.read_bytes() == (HERE / "package-lock.json").read_bytes()


def _install(npm: str) -> None:
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        shutil.copyfile(HERE / name, TOOLS / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Absent(f"npm has not installed Prism within {INSTALL_SECONDS} s") from error
    if done.returncode != 0:
        raise Absent(f"npm could not install Prism: {_reason(done.stderr)}")
    shutil.copyfile(HERE / "package-lock.json", TOOLS / "installed")


def _reason(said: str) -> str:
    """The first word of npm's complaint: its code. The rest names addresses."""
    codes = [line.split()[-1] for line in said.splitlines() if " code " in f" {line} "]
    return codes[0] if codes else "it did not say why"


@contextmanager
def started(*words: str | Path) -> Iterator[str]:
    """`mock FILE` or `proxy FILE UPSTREAM --errors` as on the command line; the address."""
    port = free_port()
    command = [*prism(), *map(str, words), "-h", "127.0.0.1", "-p", str(port)]
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(url, process)
            yield url
        finally:
            process.terminate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(f"{url}/", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise Absent("Prism did not start")
