"""The fake as a process of its own; see the package's docstring."""

import argparse
import gc
import signal
from pathlib import Path
from threading import Event

import orjson

from tests.fakes.hubspot.fake import FakeHubSpot
from tests.fakes.hubspot.options import NO_LIMITS, Limits, Options
from tests.fakes.hubspot.state import dump, load


def main() -> None:
    gc.disable()  # the records are all alive and hold no cycles; walking them costs a third
    given = _arguments()
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    owners = tuple(each for each in given.owners.split(",") if each)
    options = Options(
        owners=owners,
        limits=Limits() if given.limits else NO_LIMITS,
        search_lag=given.search_lag,
        unique_task_properties=not given.no_unique_task_properties,
        seed=given.seed,
        port=given.port,
        token=given.token,
    )
    with FakeHubSpot(options) as fake:
        if given.state and given.state.exists():
            load(fake.account, orjson.loads(given.state.read_bytes()))
        print(f"listening {fake.base_url} token={fake.token}", flush=True)  # noqa: T201 - the contract
        ended.wait()
        if given.state:
            given.state.write_bytes(orjson.dumps(dump(fake.account)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.hubspot")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--owners", default="", help="e-mail addresses, separated by commas")
    parser.add_argument("--limits", action="store_true", help="190 per 10 s, 650,000 a day, 4/s")
    parser.add_argument("--search-lag", type=float, default=0.0, help="seconds")
    parser.add_argument("--no-unique-task-properties", action="store_true")
    parser.add_argument("--state", type=Path, help="read at the start, written at SIGTERM")
    parser.add_argument("--token", default=Options().token)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


main()
