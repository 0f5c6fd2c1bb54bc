"""A Zoho sink in front of the fake account, with one clock for both."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.sinks.zoho import Zoho, ZohoOptions
from syncd.connector import HttpClient, OwnerRef, Ref, Tools
from tests.connectors.hubspot_world import ANNA, BEN, START, MovingClock, keys, note, record, refs, task
from tests.fakes.zoho import FakeZoho, Options

__all__ = ["ANNA", "BEN", "START", "World", "keys", "note", "record", "refs", "task", "zoho_world"]


@dataclass
class World:
    fake: FakeZoho
    clock: MovingClock
    folder: Path
    sink: Zoho
    http: HttpClient = field(default_factory=HttpClient)  # of the sink made last

    def another_sink(self, **options: Any) -> Zoho:
        """As after a restart, with these options beside the address and the grant."""
        names = ("client_id", "client_secret", "refresh_token")
        settings = ZohoOptions(
            **{
                "oauth": {name: getattr(self.fake.options, name) for name in names},
                "accounts_url": self.fake.url,
                "api_url": self.fake.url,
                **options,
            }
        )
        self.http = HttpClient(timeout=(2, 2))
        return Zoho(
            settings, Tools("zoho", self.clock, self.http, self.folder, emits={"lead_source": ["Chat", "Website"]})
        )

    def advance(self, **time: float) -> None:
        self.clock.at += timedelta(**time)
        self.fake.advance(timedelta(**time).total_seconds())

    def owner(self, email: str) -> OwnerRef:
        return self.sink.owners()[email]

    def row(self, ref: Ref) -> dict[str, Any]:
        """The live record behind a ref."""
        module, _, record_id = ref.id.rpartition("/")
        module = module or f"{ref.object.title()}s"
        return next(row for row in self.fake.rows(module) if row["id"] == record_id)

    def id_of(self, ref: Ref) -> str:
        return ref.id.rpartition("/")[2]

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """The calls made in the block, by method and the end of their path."""
        before = self.fake.calls
        made: Counter[str] = Counter()
        yield made
        for (method, path), times in (self.fake.calls - before).items():
            made[f"{method} {path.removeprefix('/crm/v8')}"] = times


@contextmanager
def zoho_world(
    folder: Path, *, prepared: bool = True, sink: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[World]:
    """`sink`: options of the connector; the rest are options of the fake."""
    given = Options(**{"owners": (ANNA, BEN), "start": START, **options})
    with FakeZoho(given) as fake:
        world = World(fake, MovingClock(), folder, None)  # type: ignore[arg-type]  # made in the next line
        world.sink = world.another_sink(**(sink or {}))
        if prepared:
            world.sink.prepare(apply=True)
        yield world
