"""A Salesforce sink in front of the fake organisation, with one clock for both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.salesforce import Salesforce, SalesforceOptions
from syncd.connector import HttpClient, OwnerRef, Ref, Tools
from tests.connectors.hubspot_world import MovingClock
from tests.fakes.salesforce import FakeSalesforce, Options

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA, BEN = "anna@sales.example", "ben@sales.example"
QUEUE = "Inbound_Leads"


@dataclass
class World:
    fake: FakeSalesforce
    clock: MovingClock
    folder: Path
    sink: Salesforce
    http: HttpClient = field(default_factory=HttpClient)  # of the sink made last

    def another_sink(self, **options: Any) -> Salesforce:
        """As after a restart, with these options beside the address and the login."""
        own = self.fake.options
        login = {"client_credentials": {"client_id": own.client_id, "client_secret": own.client_secret}}
        chosen = {} if options.keys() & {"jwt", "oauth", "password"} else login
        settings = SalesforceOptions(login_url=self.fake.url, **{**chosen, **options})
        self.http = HttpClient(timeout=(2, 2))
        return Salesforce(settings, Tools("salesforce", self.clock, self.http, self.folder))

    def advance(self, **time: float) -> None:
        self.clock.at += timedelta(**time)
        self.fake.advance(timedelta(**time).total_seconds())

    def owner(self, email: str) -> OwnerRef:
        return self.sink.owners()[email]

    def values(self, ref: Ref) -> dict[str, Any]:
        return self.fake.record(ref.id)

    @contextmanager
    def counted(self) -> Iterator[dict[str, int]]:
        """The calls made in the block, by method and path without version."""
        before = self.fake.calls
        made: dict[str, int] = {}
        yield made
        for (method, path), times in (self.fake.calls - before).items():
            made[f"{method} {path}"] = times


@contextmanager
def salesforce_world(
    folder: Path, *, prepared: bool = True, sink: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[World]:
    """`sink`: options of the connector; the rest are options of the fake."""
    given = Options(**{"users": (ANNA, BEN), "queues": (QUEUE,), "start": START, "prepared": prepared, **options})
    with FakeSalesforce(given) as fake:
        world = World(fake, MovingClock(), folder, None)  # type: ignore[arg-type]  # made in the next line
        world.sink = world.another_sink(**(sink or {}))
        yield world
