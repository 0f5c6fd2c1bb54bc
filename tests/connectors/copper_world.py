"""A Copper sink in front of the fake account, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sinks.copper import Copper, plugin
from syncd.testing import FakeClock, lent_tools
from tests.connectors.sink_world import ANNA, BEN, SinkWorld
from tests.fakes.copper import FakeCopper
from tests.fakes.copper.service import EMAIL, KEY, START


@dataclass
class World(SinkWorld[FakeCopper, Copper]):
    plugin = plugin

    def login(self) -> Mapping[str, Any]:
        return {"base_url": self.fake.url, "token": KEY, "email": EMAIL}


@contextmanager
def copper_world(folder: Path, sink: Mapping[str, Any] | None = None, **account: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of account it is. It is prepared."""
    with FakeCopper(users=(ANNA, BEN), **account) as fake:
        clock = FakeClock(START)
        yield World(fake, clock, lent_tools("copper", clock, folder), sink or {})
