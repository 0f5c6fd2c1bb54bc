"""The fake as a process of its own; see the package's docstring."""

import argparse
import signal
from threading import Event

from tests.fakes.sugar.fake import FakeSugar
from tests.fakes.sugar.options import Options


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.sugar")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--users", default="", help="e-mail addresses, separated by commas")
    given = parser.parse_args()
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with FakeSugar(Options(users=tuple(each for each in given.users.split(",") if each), port=given.port)) as fake:
        print(f"listening {fake.url}", flush=True)  # noqa: T201 - the contract
        ended.wait()


main()
