"""An Odoo sink in front of the fake database, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sinks.odoo import Odoo, plugin
from syncd.testing import FakeClock, lent_tools
from tests.connectors.sink_world import ANNA, SinkWorld
from tests.fakes.odoo import FakeOdoo
from tests.fakes.odoo.service import START, TOKEN


@dataclass
class World(SinkWorld[FakeOdoo, Odoo]):
    plugin = plugin

    anna: int

    def login(self) -> Mapping[str, Any]:
        return {"url": self.fake.url, "token": TOKEN, "database": self.fake.database}


@contextmanager
def odoo_world(folder: Path, sink: Mapping[str, Any] | None = None, **database: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of database it is. It is prepared."""
    with FakeOdoo(**database) as fake:
        clock, anna = FakeClock(START), fake.add_user(ANNA, "Anna")
        yield World(fake, clock, lent_tools("odoo", clock, folder), sink or {}, anna)
