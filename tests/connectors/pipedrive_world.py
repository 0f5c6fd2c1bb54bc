"""A Pipedrive sink in front of the fake account, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.pipedrive import Pipedrive, PipedriveOptions
from syncd.connector import Tools
from syncd.testing import FakeClock, lent_tools
from tests.fakes.pipedrive import FakePipedrive
from tests.fakes.pipedrive.service import START, TOKEN

ANNA = "anna@sales.example"


@dataclass
class World:
    fake: FakePipedrive
    clock: FakeClock
    tools: Tools
    sink: Pipedrive
    anna: int

    def another_sink(self, **options: Any) -> Pipedrive:
        """As after a restart, with these options beside the address and the token."""
        login = {} if "oauth" in options else {"token": TOKEN}
        settings = {"base_url": self.fake.url, "search_lag": self.fake.lag, **login, **options}
        return Pipedrive(PipedriveOptions.model_validate(settings), self.tools)

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
def pipedrive_world(folder: Path, sink: Mapping[str, Any] | None = None, **account: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of account it is. It is prepared."""
    with FakePipedrive(**account) as fake:
        clock, given = FakeClock(START), dict(sink or {})
        anna = fake.add_user(ANNA, "Anna")
        world = World(fake, clock, lent_tools("pipedrive", clock, folder), None, anna)  # type: ignore[arg-type]
        world.another_sink(**given).prepare(apply=True)
        world.sink = world.another_sink(**given)
        yield world
