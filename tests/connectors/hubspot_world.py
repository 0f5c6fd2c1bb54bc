"""A HubSpot sink in front of the fake account, with one clock for both."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import responses

from connectors.sinks.hubspot import HubSpot, HubSpotOptions
from syncd.connector import (
    Done,
    HttpClient,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    RecordOrder,
    Ref,
    TaskOrder,
    Tools,
)
from tests.fakes.hubspot import FakeHubSpot, Options

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
OBJECTS = "/crm/objects/2026-03"
CONTACTS = f"{OBJECTS}/contacts"
OAUTH = {"client_id": "fake-client", "client_secret": "fake-secret", "refresh_token": "fake-refresh"}
TOKENS = ("POST", "/oauth/v3/token")
API = "https://hubspot.example"
ANNA, BEN = "anna@sales.example", "ben@sales.example"


@dataclass
class MovingClock:
    """Stands still until the test moves it."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


@dataclass
class World:
    fake: FakeHubSpot
    clock: MovingClock
    folder: Path
    sink: HubSpot
    http: HttpClient = field(default_factory=HttpClient)  # of the sink made last

    def another_sink(self, **options: Any) -> HubSpot:
        """As after a restart, with these options beside the address and the token."""
        login = {} if "oauth" in options else {"token": self.fake.token}
        settings = HubSpotOptions(base_url=self.fake.base_url, **{**login, **options})
        self.http = HttpClient(timeout=(2, 2))
        return HubSpot(settings, Tools("hubspot", self.clock, self.http, self.folder))

    def advance(self, **time: float) -> None:
        self.clock.at += timedelta(**time)
        self.fake.advance(timedelta(**time).total_seconds())

    def owner(self, email: str) -> OwnerRef:
        return self.sink.owners()[email]

    def add_company(self, **properties: str) -> str:
        """A company that somebody typed in."""
        return str(self._ask("POST", "objects/companies", {"properties": properties})["id"])

    def definition(self, kind: str, name: str) -> dict[str, Any]:
        return self._ask("GET", f"properties/{kind}/{name}")

    def _ask(self, method: str, path: str, json: object = None) -> dict[str, Any]:
        url, headers = f"{self.fake.base_url}/crm/v3/{path}", {"authorization": f"Bearer {self.fake.token}"}
        reply = HttpClient().call(method, url, what=path, writes=False, headers=headers, json=json)
        return dict(reply.json())

    def contact(self, ref: Ref) -> dict[str, str]:
        """The properties of a live contact."""
        return next(dict(c["properties"]) for c in self.fake.contacts if c["id"] == ref.id)

    @contextmanager
    def counted(self) -> Iterator[dict[str, int]]:
        """The calls made in the block, by the end of their path."""
        before = self.fake.calls
        made: dict[str, int] = {}
        yield made
        for (_, path), times in (self.fake.calls - before).items():
            made[path.removeprefix(f"{OBJECTS}/")] = times


@contextmanager
def hubspot_world(
    folder: Path, *, prepared: bool = True, sink: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[World]:
    """`sink`: options of the connector; the rest are options of the fake."""
    given = Options(**{"owners": (ANNA, BEN), "start": START, **options})
    with FakeHubSpot(given) as fake:
        world = World(fake, MovingClock(), folder, None)  # type: ignore[arg-type]  # made in the next line
        world.sink = world.another_sink(**(sink or {}))
        if prepared:
            world.sink.prepare(apply=True)
        yield world


@contextmanager
def said_service() -> Iterator[responses.RequestsMock]:
    """A service at API of which the test says each answer."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.get(f"{API}/crm/owners/2026-03", json={"results": []})
        yield wire


def sink_of(folder: Path, clock: MovingClock | None = None, **options: Any) -> HubSpot:
    """In front of that service."""
    login = {} if "oauth" in options else {"token": "pat-secret"}
    settings = HubSpotOptions(base_url=API, **{**login, **options})
    return HubSpot(settings, Tools("crm", clock or MovingClock(), HttpClient(), folder))


def keys(number: int, **changes: Any) -> LeadKeys:
    return LeadKeys(**{"lead": f"lead-{number}", "emails": (f"p{number}@firm.example",), **changes})


def record(
    number: int, *, fields: Mapping[str, str] | None = None, owner: OwnerRef | None = None, **of_keys: Any
) -> RecordOrder:
    wanted = {"first_name": f"First{number}", "last_name": f"Last{number}"} if fields is None else fields
    return RecordOrder(f"record-{number}", keys(number, **of_keys), wanted, owner)


def task(number: int, record: Ref, **changes: Any) -> TaskOrder:
    given = {"subject": f"Call {number}", "body": "Why?", "due_at": DUE, "zone": "Europe/Berlin", **changes}
    return TaskOrder(f"task-{number}", record, **given)


def note(number: int, record: Ref, **changes: Any) -> NoteOrder:
    return NoteOrder(f"note-{number}", record, **{"body": "Asked again", "at": START, **changes})


def refs(outcomes: Sequence[Outcome]) -> list[Ref]:
    """All done, or the test fails."""
    assert [each for each in outcomes if not isinstance(each, Done)] == []
    return [each.ref for each in outcomes if isinstance(each, Done)]
