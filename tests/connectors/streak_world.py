"""A Streak sink in front of the fake team, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sinks.streak import Streak, plugin
from syncd.testing import FakeClock, lent_tools
from tests.connectors.sink_world import ANNA, BEN, SinkWorld
from tests.fakes.streak import FakeStreak
from tests.fakes.streak.service import KEY, START


@dataclass
class World(SinkWorld[FakeStreak, Streak]):
    plugin = plugin

    def login(self) -> Mapping[str, Any]:
        return {"base_url": self.fake.url, "api_key": KEY, "pipeline": "Sales"}


@contextmanager
def streak_world(folder: Path, sink: Mapping[str, Any] | None = None, **team: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of team it is. The pipeline is prepared."""
    with FakeStreak(users=(ANNA, BEN), **team) as fake:
        clock = FakeClock(START)
        yield World(fake, clock, lent_tools("streak", clock, folder), sink or {})
