"""A Close sink in front of the fake organization, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.close import Close, CloseOptions
from syncd.connector import Tools
from syncd.testing import FakeClock, lent_tools
from tests.fakes.close import FakeClose
from tests.fakes.close.service import KEY, START

ANNA = "anna@sales.example"


@dataclass
class World:
    fake: FakeClose
    clock: FakeClock
    tools: Tools
    sink: Close
    anna: str

    def another_sink(self, **options: Any) -> Close:
        """As after a restart, with these options beside the address and the key."""
        settings = {"base_url": self.fake.url, "search_lag": self.fake.lag, "api_key": KEY, **options}
        return Close(CloseOptions.model_validate(settings), self.tools)

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
def close_world(folder: Path, sink: Mapping[str, Any] | None = None, **account: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of organization it is. It is prepared."""
    with FakeClose(**account) as fake:
        clock, given = FakeClock(START), dict(sink or {})
        anna = fake.add_user(ANNA, "Anna")
        world = World(fake, clock, lent_tools("close", clock, folder), None, anna)  # type: ignore[arg-type]
        world.another_sink(**given).prepare(apply=True)
        world.sink = world.another_sink(**given)
        yield world
