"""A Dynamics sink in front of the fake environment, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.dynamics import Dynamics, DynamicsOptions
from syncd.connector import HttpClient, OwnerRef, Ref, Tools
from tests.connectors.hubspot_world import ANNA, BEN, START, MovingClock, keys, note, record, refs, task
from tests.fakes.dynamics import FakeDynamics, Options

__all__ = ["ANNA", "BEN", "START", "World", "dynamics_world", "keys", "note", "record", "refs", "task"]
TEAM = "Inbound"


@dataclass
class World:
    fake: FakeDynamics
    clock: MovingClock
    folder: Path
    sink: Dynamics
    http: HttpClient = field(default_factory=HttpClient)  # of the sink made last

    def another_sink(self, **options: Any) -> Dynamics:
        """As after a restart, with these options beside the address and the login."""
        own = self.fake.options
        login = {"client_id": own.client_id, "client_secret": own.client_secret}
        given = {"url": self.fake.url, "login_url": self.fake.url, "tenant": own.tenant, "client_credentials": login}
        self.http = HttpClient(timeout=(2, 2))
        tools = Tools("dynamics", self.clock, self.http, self.folder, emits={"lead_source": ["Web", "Trade Show"]})
        return Dynamics(DynamicsOptions.model_validate({**given, **options}), tools)

    def advance(self, **time: float) -> None:
        self.clock.at += timedelta(**time)
        self.fake.advance(timedelta(**time).total_seconds())

    def owner(self, email: str) -> OwnerRef:
        return self.sink.owners()[email]

    def row(self, ref: Ref) -> dict[str, Any]:
        return self.fake.row(self.id_of(ref))

    def id_of(self, ref: Ref) -> str:
        return ref.id.rpartition("/")[2]

    def batches(self) -> int:
        """How many there have been."""
        return sum(times for (_, path), times in self.fake.calls.items() if "/$batch/" in path)


@contextmanager
def dynamics_world(
    folder: Path, *, prepared: bool = True, sink: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[World]:
    """`sink`: options of the connector; the rest are options of the fake."""
    given = Options(**{"users": (ANNA, BEN), "start": START, "prepared": prepared, **options})
    with FakeDynamics(given) as fake:
        world = World(fake, MovingClock(), folder, None)  # type: ignore[arg-type]  # made in the next line
        world.sink = world.another_sink(**(sink or {}))
        yield world
