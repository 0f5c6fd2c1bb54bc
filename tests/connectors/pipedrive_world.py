"""A Pipedrive sink in front of the fake account, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sinks.pipedrive import Pipedrive, plugin
from syncd.testing import FakeClock, lent_tools
from tests.connectors.sink_world import ANNA, SinkWorld
from tests.fakes.pipedrive import FakePipedrive
from tests.fakes.pipedrive.service import START, TOKEN


@dataclass
class World(SinkWorld[FakePipedrive, Pipedrive]):
    plugin = plugin

    anna: int

    def another_sink(self, **options: Any) -> Pipedrive:
        return super().another_sink(**{**({"token": None} if "oauth" in options else {}), **options})

    def login(self) -> Mapping[str, Any]:
        return {"base_url": self.fake.url, "search_lag": self.fake.lag, "token": TOKEN}


@contextmanager
def pipedrive_world(folder: Path, sink: Mapping[str, Any] | None = None, **account: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of account it is. It is prepared."""
    with FakePipedrive(**account) as fake:
        clock, anna = FakeClock(START), fake.add_user(ANNA, "Anna")
        yield World(fake, clock, lent_tools("pipedrive", clock, folder), sink or {}, anna)
