"""A SugarCRM or SuiteCRM sink in front of the fake installation, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from connectors.sinks.sugar import Sugar, sugarcrm_plugin, suitecrm_plugin
from syncd.connector import OwnerRef, Plugin, Ref
from syncd.testing import FakeClock, lent_tools
from tests.connectors.sink_world import ANNA, BEN, SinkWorld
from tests.fakes.sugar import FakeSugar, Options

Dialect = Literal["sugarcrm", "v8", "v4_1"]
DIALECTS: tuple[Dialect, ...] = ("sugarcrm", "v8", "v4_1")
WRITES: Mapping[Dialect, tuple[tuple[str, str], ...]] = {
    "sugarcrm": (("POST", "*/bulk/writes"),),
    "v8": (("POST", "*/module"), ("PATCH", "*/module"), ("DELETE", "*/module/*")),
    "v4_1": (("POST", "*/set_entry"),),
}


@dataclass
class World(SinkWorld[FakeSugar, Sugar]):
    dialect: ClassVar[Dialect]

    def login(self) -> Mapping[str, Any]:
        return login(self.fake, self.dialect)

    def owner(self, email: str) -> OwnerRef:
        return self.sink.owners()[email]

    def row(self, ref: Ref) -> dict[str, Any]:
        """The live record behind a ref."""
        rows: Mapping[str, list[dict[str, Any]]] = self.fake.state()["objects"]
        return next(row for listed in rows.values() for row in listed if row["id"] == id_of(ref))


class SugarCrmWorld(World):
    plugin: ClassVar[Plugin[Any]] = sugarcrm_plugin
    dialect = "sugarcrm"


class SuiteV8World(World):
    plugin: ClassVar[Plugin[Any]] = suitecrm_plugin
    dialect = "v8"


class SuiteV41World(SuiteV8World):
    dialect = "v4_1"


WORLDS: Mapping[Dialect, type[World]] = {"sugarcrm": SugarCrmWorld, "v8": SuiteV8World, "v4_1": SuiteV41World}


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
    """`sink`: options of the connector; the rest are options of the fake."""
    clock = FakeClock()
    with FakeSugar(Options(**{"users": (ANNA, BEN), "start": clock.now(), **options})) as fake:
        tools = replace(lent_tools("sugar", clock, folder), emits={"lead_source": ["Web Site", "Chat"]})
        world = WORLDS[dialect](fake, clock, tools, sink or {})
        world.sink.prepare(apply=True)
        yield world
