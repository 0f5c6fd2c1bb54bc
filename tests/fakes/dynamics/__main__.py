"""The fake as a process of its own; see the package's docstring."""

import argparse
import signal
from threading import Event

from tests.fakes.dynamics.fake import FakeDynamics
from tests.fakes.dynamics.options import Options


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.dynamics")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--users", default="", help="e-mail addresses, separated by commas")
    parser.add_argument("--limits", action="store_true", help="6,000 requests in five minutes, 52 at a time")
    parser.add_argument("--prepared", action="store_true", help="with the columns and keys that syncd makes")
    given = parser.parse_args()
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    users = tuple(each for each in given.users.split(",") if each)
    options = Options(users=users, limits=given.limits, prepared=given.prepared, port=given.port)
    with FakeDynamics(options) as fake:
        print(f"listening {fake.url}", flush=True)  # noqa: T201 - the contract
        ended.wait()


main()
