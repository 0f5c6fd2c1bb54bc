"""A Streak sink in front of the fake team, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.streak import Streak, StreakOptions
from syncd.connector import Tools
from syncd.testing import FakeClock, lent_tools
from tests.fakes.streak import FakeStreak
from tests.fakes.streak.service import KEY, START

ANNA, BEN = "anna@sales.example", "ben@sales.example"


@dataclass
class World:
    fake: FakeStreak
    clock: FakeClock
    tools: Tools
    sink: Streak

    def another_sink(self, **options: Any) -> Streak:
        """As after a restart, with these options beside the address and the key."""
        settings = {"base_url": self.fake.url, "api_key": KEY, "pipeline": "Sales", **options}
        return Streak(StreakOptions.model_validate(settings), self.tools)

    def advance(self, **time: float) -> None:
        self.clock.advance(**time)
        self.fake.advance(timedelta(**time).total_seconds())

    @contextmanager
    def counted(self) -> Iterator[dict[str, int]]:
        """The calls made in the block."""
        before = self.fake.calls
        made: dict[str, int] = {}
        yield made
        for (method, path), times in (self.fake.calls - before).items():
            made[f"{method} {path}"] = times


@contextmanager
def streak_world(folder: Path, sink: Mapping[str, Any] | None = None, **team: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of team it is. The pipeline is prepared."""
    with FakeStreak(users=(ANNA, BEN), **team) as fake:
        clock, given = FakeClock(START), dict(sink or {})
        world = World(fake, clock, lent_tools("streak", clock, folder), None)  # type: ignore[arg-type]
        world.another_sink(**given).prepare(apply=True)
        world.sink = world.another_sink(**given)
        yield world
