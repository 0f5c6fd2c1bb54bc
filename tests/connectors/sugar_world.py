"""A SugarCRM or SuiteCRM sink in front of the fake installation, with one clock for both."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from connectors.sinks.sugar import Sugar, sugarcrm_plugin, suitecrm_plugin
from syncd.connector import OwnerRef, Ref, Tools
from syncd.testing import FakeClock, lent_tools
from tests.fakes.sugar import FakeSugar, Options

ANNA, BEN = "anna@sales.example", "ben@sales.example"
Dialect = Literal["sugarcrm", "v8", "v4_1"]
DIALECTS: tuple[Dialect, ...] = ("sugarcrm", "v8", "v4_1")
WRITES: Mapping[Dialect, tuple[tuple[str, str], ...]] = {
    "sugarcrm": (("POST", "*/bulk"),),
    "v8": (("POST", "*/module"), ("PATCH", "*/module")),
    "v4_1": (("POST", "*/set_entry"),),
}


@dataclass
class World:
    fake: FakeSugar
    dialect: Dialect
    clock: FakeClock
    tools: Tools
    sink: Sugar

    def another_sink(self, **options: Any) -> Sugar:
        """As after a restart, with these options beside the address and the login."""
        settings = {**login(self.fake, self.dialect), **options}
        plugin = sugarcrm_plugin if self.dialect == "sugarcrm" else suitecrm_plugin
        return plugin.make(plugin.options.model_validate(settings), self.tools)  # type: ignore[no-any-return]

    def advance(self, **time: float) -> None:
        self.clock.advance(**time)
        self.fake.advance(timedelta(**time).total_seconds())

    def owner(self, email: str) -> OwnerRef:
        return self.sink.owners()[email]

    def row(self, ref: Ref) -> dict[str, Any]:
        """The live record behind a ref."""
        wanted = id_of(ref)
        return next(row for rows in self.fake.state()["objects"].values() for row in rows if row["id"] == wanted)

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """The calls made in the block, by method and the end of their path."""
        before, made = self.fake.calls, Counter[str]()
        yield made
        for (method, path), times in (self.fake.calls - before).items():
            made[f"{method} {path.rpartition('/')[2]}"] += times


def id_of(ref: Ref) -> str:
    return ref.id.rpartition("/")[2]


def login(fake: FakeSugar, dialect: Dialect) -> dict[str, Any]:
    """The options that the connector of this dialect needs."""
    given = fake.options
    if dialect == "v8":
        return {"url": fake.url, "client": {"client_id": given.client_id, "client_secret": given.client_secret}}
    api = {} if dialect == "sugarcrm" else {"api": "v4_1"}
    return {"url": fake.url, "username": given.username, "password": given.password, **api}


@contextmanager
def sugar_world(
    folder: Path, dialect: Dialect, sink: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[World]:
    """`sink`: options of the connector; the rest are options of the fake. Its fields are known to the sink."""
    clock = FakeClock()
    with FakeSugar(Options(**{"users": (ANNA, BEN), "start": clock.now(), **options})) as fake:
        tools = lent_tools("sugar", clock, folder)
        tools = Tools(tools.name, clock, tools.http, folder, emits={"lead_source": ["Web Site", "Chat"]})
        world = World(fake, dialect, clock, tools, None)  # type: ignore[arg-type]  # made in the next line
        world.sink = world.another_sink(**(sink or {}))
        world.sink.prepare(apply=True)
        yield world
