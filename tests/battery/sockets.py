"""The same parts in front of the fake as a real HTTP server: what is lost is lost by sockets, not by the test."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.sinks.hubspot import HubSpot
from syncd.connector import HttpClient
from tests.battery.parts import Ladder, Parts, Workshop, connector, options_of
from tests.battery.wire import Loss
from tests.fakes.hubspot import FakeHubSpot
from tests.fakes.hubspot.state import load

PATIENCE = 0.25
"""Seconds in place of thirty; only the real time of the sockets is short, the clock of syncd is the battery's."""
LATE = 2 * PATIENCE
_LIMITED = b'{"status": "error", "category": "RATE_LIMITS", "policyName": "TEN_SECONDLY_ROLLING"}'

FAULTS: dict[Loss, dict[str, Any]] = {
    Loss.DROPPED: {"kind": "commit_then_drop"},
    Loss.RESET: {"kind": "reset"},
    Loss.HANGS: {"kind": "hang", "seconds": LATE, "committed": True},
    Loss.HALF_BODY: {"kind": "half_body"},
    Loss.BAD_GATEWAY: {"kind": "server_error", "status": 502, "committed": True},
    Loss.GATEWAY_TIMEOUT: {"kind": "server_error", "status": 504, "committed": True},
    Loss.LATE: {"kind": "latency", "seconds": LATE},
    Loss.TOO_MANY: {"kind": "answer", "status": 429, "body": _LIMITED, "committed": True},
    Loss.NEVER_SENT: {"kind": "drop_before_commit"},
    Loss.NEVER_ANSWERED: {"kind": "hang", "seconds": LATE},
    Loss.SERVER_ERROR: {"kind": "server_error", "status": 500},
    Loss.UNAVAILABLE: {"kind": "server_error", "status": 503},
}


@contextmanager
def served(made: Workshop, ladder: Ladder) -> Iterator[FakeHubSpot]:
    with FakeHubSpot(options_of(ladder, 0)) as fake:
        load(fake.account, made.prepared(ladder))
        yield fake


class SocketParts(Parts):
    def __init__(self, made: Workshop, ladder: Ladder, fake: FakeHubSpot) -> None:
        fake.reset()
        load(fake.account, made.prepared(ladder))
        self.fake = fake
        super().__init__(made, ladder, 0)

    def sink_of(self) -> HubSpot:
        self.account = self.wire.account = self.fake.account
        return connector(self.fake.url, HttpClient(timeout=(5, PATIENCE)), self.clock, self.folder, self.ladder)

    def advance(self, seconds: float) -> None:
        """A call that nobody waits for any more arrives before a minute of the clock has gone by."""
        if seconds > LATE and len(self.fake.log) < sum(self.fake.calls.values()):
            time.sleep(LATE)
        super().advance(seconds)
