"""A Close sink in front of the fake organization, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sinks.close import Close, plugin
from syncd.testing import FakeClock, lent_tools
from tests.connectors.sink_world import ANNA, SinkWorld
from tests.fakes.close import FakeClose
from tests.fakes.close.service import KEY, START


@dataclass
class World(SinkWorld[FakeClose, Close]):
    plugin = plugin

    anna: str

    def login(self) -> Mapping[str, Any]:
        return {"base_url": self.fake.url, "search_lag": self.fake.lag, "api_key": KEY}


@contextmanager
def close_world(folder: Path, sink: Mapping[str, Any] | None = None, **account: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of organization it is. It is prepared."""
    with FakeClose(**account) as fake:
        clock, anna = FakeClock(START), fake.add_user(ANNA, "Anna")
        yield World(fake, clock, lent_tools("close", clock, folder), sink or {}, anna)
