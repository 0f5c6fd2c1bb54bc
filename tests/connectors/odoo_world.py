"""An Odoo sink in front of the fake database, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.odoo import Odoo, OdooOptions
from syncd.connector import Tools
from syncd.testing import FakeClock, lent_tools
from tests.fakes.odoo import FakeOdoo
from tests.fakes.odoo.service import START, TOKEN

ANNA = "anna@sales.example"


@dataclass
class World:
    fake: FakeOdoo
    clock: FakeClock
    tools: Tools
    sink: Odoo
    anna: int

    def another_sink(self, **options: Any) -> Odoo:
        """As after a restart, with these options beside the address and the key."""
        settings = {"url": self.fake.url, "token": TOKEN, "database": self.fake.database, **options}
        return Odoo(OdooOptions.model_validate(settings), self.tools)

    def advance(self, **time: float) -> None:
        self.clock.advance(**time)
        self.fake.advance(timedelta(**time).total_seconds())


@contextmanager
def odoo_world(folder: Path, sink: Mapping[str, Any] | None = None, **database: Any) -> Iterator[World]:
    """`sink`: options of the connector; the rest is what kind of database it is. It is prepared."""
    with FakeOdoo(**database) as fake:
        clock, given = FakeClock(START), dict(sink or {})
        anna = fake.add_user(ANNA, "Anna")
        world = World(fake, clock, lent_tools("odoo", clock, folder), None, anna)  # type: ignore[arg-type]
        world.another_sink(**given).prepare(apply=True)
        world.sink = world.another_sink(**given)
        yield world
