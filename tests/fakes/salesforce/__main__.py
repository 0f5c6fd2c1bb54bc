"""The fake as a process of its own; see the package's docstring."""

import argparse
import signal
from pathlib import Path
from threading import Event

import orjson

from tests.fakes.salesforce.fake import FakeSalesforce
from tests.fakes.salesforce.options import Options
from tests.fakes.salesforce.state import dump, load


def main() -> None:
    given = _arguments()
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    users = tuple(each for each in given.users.split(",") if each)
    options = Options(
        users=users,
        daily_limit=given.daily_limit,
        activity_fields=not given.no_activity_fields,
        prepared=given.prepared,
        port=given.port,
    )
    with FakeSalesforce(options) as fake:
        if given.state and given.state.exists():
            load(fake.org, orjson.loads(given.state.read_bytes()))
        print(f"listening {fake.url} client={options.client_id}", flush=True)  # noqa: T201 - the contract
        ended.wait()
        if given.state:
            given.state.write_bytes(orjson.dumps(dump(fake.org)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.salesforce")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--users", default="", help="e-mail addresses, separated by commas")
    parser.add_argument("--daily-limit", type=int, help="calls in any 24 hours")
    parser.add_argument("--no-activity-fields", action="store_true", help="no external id on Activity")
    parser.add_argument("--prepared", action="store_true", help="with the fields that syncd prepare makes")
    parser.add_argument("--state", type=Path, help="read at the start, written at SIGTERM")
    return parser.parse_args()


main()
