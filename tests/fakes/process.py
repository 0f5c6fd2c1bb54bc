"""A fake as a process of its own: `python -m tests.fakes.<name> --port 0 --users a@x.example,b@x.example`.

It prints `listening <url>` and ends at SIGTERM. Under /_fake/ it tells `state` and `calls`, and takes a `fault`.
"""

import argparse
import signal
from threading import Event

from syncd.testing import FakeServer


def arguments(name: str, people: str = "--users") -> argparse.ArgumentParser:
    """What each fake can be told; the fake's own is added to it."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.fakes.{name}")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument(people, type=_addresses, default=(), help="e-mail addresses, separated by commas")
    return parser


def serve(fake: FakeServer, more: str = "") -> None:
    """Until the process is told to end. `more`: what a test must know beside the address."""
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with fake:
        print(f"listening {fake.url}{more}", flush=True)  # noqa: T201 - the contract
        ended.wait()


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(each for each in text.split(",") if each)
