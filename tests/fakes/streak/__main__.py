"""The fake as a process of its own; see the package's docstring."""

import argparse
import signal
from threading import Event

from tests.fakes.streak.service import FakeStreak


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.streak")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--users", default="", help="e-mail addresses, separated by commas")
    parser.add_argument("--limits", action="store_true", help="twenty calls a second")
    parser.add_argument("--list-lag", type=float, default=0.0, help="seconds until a box is listed and found")
    given = parser.parse_args()
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    users = tuple(each for each in given.users.split(",") if each)
    with FakeStreak(
        users=users,
        lag=given.list_lag,
        list_lag=given.list_lag,
        burst=20 if given.limits else None,
        port=given.port,
        real_clock=True,
    ) as fake:
        print(f"listening {fake.url}", flush=True)  # noqa: T201 - the contract
        ended.wait()


main()
