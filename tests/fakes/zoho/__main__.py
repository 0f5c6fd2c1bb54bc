"""The fake as a process of its own; see the package's docstring."""

import argparse
import signal
from threading import Event

from tests.fakes.zoho.fake import FakeZoho
from tests.fakes.zoho.options import NO_LIMITS, Limits, Options


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.zoho")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--owners", default="", help="e-mail addresses, separated by commas")
    parser.add_argument("--limits", action="store_true", help="100,000 credits a day, ten calls at a time")
    parser.add_argument("--task-fields", choices=("unique", "plain", "none"), default="unique")
    parser.add_argument("--read-lag", type=float, default=0.0, help="seconds")
    given = parser.parse_args()
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    owners = tuple(each for each in given.owners.split(",") if each)
    limits = Limits() if given.limits else NO_LIMITS
    options = Options(
        owners=owners, limits=limits, task_fields=given.task_fields, read_lag=given.read_lag, port=given.port
    )
    with FakeZoho(options) as fake:
        print(f"listening {fake.url}", flush=True)  # noqa: T201 - the contract
        ended.wait()


main()
