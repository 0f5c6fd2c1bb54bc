"""The whole way from the inbox to HubSpot on one virtual clock: real store, planner, dispatchers and connector,
and the strict fake behind a real socket. Waiting costs nothing; calls take no virtual time.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text

from connectors.sinks.hubspot import HubSpot
from connectors.sinks.hubspot.options import HubSpotOptions
from syncd.connector import HttpClient, Tools
from syncd.core.playbook import Playbook
from syncd.model import Answer, Context, Submission
from syncd.run.dispatcher import Dispatcher
from syncd.run.follower import Follower
from syncd.run.heartbeat import Heartbeat
from syncd.run.line import Line, LineOptions
from syncd.run.lookup import Lookup
from syncd.run.metrics import Metrics
from syncd.run.planner import Planner
from syncd.store.store import Store
from syncd.testing.clock import START, FakeClock
from tests.battery.oracle import Evidence, Ledger, check, doubled, lost
from tests.battery.outages.findings import Findings
from tests.battery.views import hubspot as hubspot_view
from tests.battery.views import stored_in
from tests.fakes.hubspot import FakeHubSpot, Options
from tests.fakes.hubspot.limits import Meter
from tests.fakes.hubspot.state import dump
from tests.world import playbook

OWNERS = ("eva@example.com", "tom@example.com")


class Hands(FakeClock):
    """One clock for us and for the CRM; `advance` moves both. For several threads."""

    def __init__(self, start: datetime = START) -> None:
        super().__init__(start)
        self.others: list[Callable[[float], None]] = []
        self._moving = threading.Lock()

    def advance(self, **amount: float) -> datetime:
        with self._moving:
            for other in self.others:
                other(timedelta(**amount).total_seconds())
            return super().advance(**amount)


@dataclass
class Stage:
    """`post`, `work` and `clock.advance` are all that a scenario needs; `check` compares at the end."""

    clock: Hands
    store: Store
    fake: FakeHubSpot
    line: Line
    playbook: Playbook
    planner: Planner
    workers: list[Dispatcher]
    follower: Follower
    posted: dict[str, datetime] = field(default_factory=dict)  # address -> when it was answered 200
    ledger: Ledger = field(default_factory=Ledger)
    followed_at: float = 0.0

    def post(self, number: int, **fields: str) -> str:
        """One enquiry, durable when this returns; its address."""
        email = f"p{number}@firm{number % 997}.com"
        said = {"name": f"First{number} Last{number}", "email": email, "message": "How much is it for ten?"} | fields
        answers = tuple(Answer(name, value, label=name) for name, value in said.items())
        now = self.clock.now()
        raw = repr(said).encode()
        arrived = Submission("contact", f"k{number}", now, answers, raw=raw, context=Context(form_name="Contact"))
        self.ledger.sent(arrived.source, arrived.key, email)
        self.store.inbox.accept([arrived])
        self.ledger.answered(arrived.source, arrived.key, 200)
        self.posted[email] = now
        return email

    def plan(self) -> None:
        while self.planner.turn():
            pass

    def work(self) -> bool:
        """A turn of everybody; whether somebody sent something."""
        self.plan()
        due = self.clock.monotonic() - self.followed_at >= self.line.options.read_back.total_seconds()
        if due and self.follower.turn() is not True:
            self.followed_at = self.clock.monotonic()
        sent = [worker.turn() for worker in self.workers]
        return any(sent)

    def until_done(self, most: timedelta, step: timedelta = timedelta(seconds=1)) -> timedelta:
        """Work until nothing is open, or `most` has passed on the virtual clock; how long it took."""
        began = self.clock.now()
        while self.open_orders() and self.clock.now() - began < most:
            if not self.work():
                self.clock.advance(seconds=step.total_seconds())
        return self.clock.now() - began

    def open_orders(self) -> int:
        waiting, _ = self.store.inbox.waiting()
        return waiting + sum(n for _, _, state, n, _ in self.store.reports.queue() if state != "parked")

    def has_task(self, email: str) -> bool:
        """Whether the follow-up of this person is in the CRM, as far as the store knows."""
        with self.store.database.read() as tx:
            return bool(tx.execute(_TASK_DONE, {"key": f"e:{email}"}).scalar())

    def calls(self) -> int:
        """HTTP calls that have reached the CRM so far."""
        return sum(self.fake.calls.values())

    def check(self, found: Findings, parked: int = 0) -> None:
        """What the oracle of all batteries says, and that nothing is set aside or left over."""
        evidence = Evidence(self.ledger, stored_in(self.store.database), {"crm": hubspot_view(dump(self.fake.account))})
        violations = check(evidence)
        found.accepted, found.lost, found.doubled = self.ledger.accepted, lost(violations), doubled(violations)
        found.none("violations", [str(each) for each in violations])
        found.exactly("tasks made", len(self.fake.tasks), len(self.posted) - parked)
        found.exactly("parked", self.store.reports.count_parked(), parked)
        found.exactly("open orders left", self.open_orders(), 0)

    def due_dates(self) -> Mapping[str, datetime]:
        """Address -> due time of the task in the CRM."""
        address = {contact["id"]: contact["properties"]["email"] for contact in self.fake.contacts}
        return {
            address[next(iter(task["associations"]["contacts"]))]: datetime.fromisoformat(
                task["properties"]["hs_timestamp"]
            )
            for task in self.fake.tasks
        }


_TASK_DONE = text(
    "SELECT count(*) FROM orders JOIN lead_keys ON lead_keys.lead_id = orders.lead_id"
    " WHERE lead_keys.key = :key AND orders.kind = 'task' AND orders.state = 'done'"
)


@contextmanager
def stage(
    folder: Path,
    *,
    workers: int = 2,
    store_url: str = "",
    base_url: Callable[[str], str] = lambda url: url,
    login: Callable[[FakeHubSpot], Mapping[str, Any]] = lambda fake: {"token": fake.token},
    line: LineOptions | None = None,
    plays: Playbook | None = None,
    patience: tuple[float, float] = (5.0, 30.0),
    hubspot: Mapping[str, Any] | None = None,
    **options: Any,
) -> Iterator[Stage]:
    """`options` are the fake's, `hubspot` the connector's; `base_url` may put something between the two."""
    clock = Hands()
    store = Store(store_url or f"sqlite:///{folder}/syncd.db", clock, lambda: ["crm"])
    store.open()
    with FakeHubSpot(Options(**{"owners": OWNERS, "start": clock.now(), **options})) as fake:
        clock.others.append(fake.advance)
        http = HttpClient(timeout=patience)
        given = {"search_lag": 0, **login(fake), **(hubspot or {})}
        settings = HubSpotOptions(base_url=base_url(fake.base_url), **given)
        sink = HubSpot(settings, Tools("crm", clock, http, folder))
        _prepare(fake, clock, folder)
        made = _made(clock, store, fake, sink, line or LineOptions(), plays or playbook(), workers)
        http.gate = made.line.gate
        yield made
        sink.close()
    store.close()


def _prepare(fake: FakeHubSpot, clock: Hands, folder: Path) -> None:
    """As `syncd prepare --apply`; what that has cost is forgiven."""
    http = HttpClient(gate=lambda _: clock.advance(seconds=2) and None)
    HubSpot(HubSpotOptions(base_url=fake.base_url, token=fake.token), Tools("crm", clock, http, folder)).prepare(
        apply=True
    )
    fake.forget()
    fake.account.meter = Meter(fake.options.limits)
    clock.advance(seconds=10)


def _made(
    clock: Hands, store: Store, fake: FakeHubSpot, sink: HubSpot, options: LineOptions, plays: Playbook, workers: int
) -> Stage:
    metrics = Metrics()

    def sleep(seconds: float) -> None:
        clock.advance(seconds=seconds)

    line = Line("crm", sink, store.sinks, clock, metrics, options, sleep=sleep)
    lookup = Lookup(line)
    planner = Planner(
        store.inbox, store.planning, lambda: lookup, lambda: plays, Heartbeat(), metrics, lambda: None
    )  # fmt: skip
    dispatchers = [
        Dispatcher(line, store.orders, store.leads, lambda: plays, Heartbeat(), number, lambda: 1.0, sleep)
        for number in range(workers)
    ]
    follower = Follower(line, store.leads, lambda: plays, "me")
    return Stage(clock, store, fake, line, plays, planner, dispatchers, follower)


@contextmanager
def told() -> Iterator[list[dict[str, Any]]]:
    """What is logged meanwhile, `info` and above, instead of being written out."""
    usual = structlog.get_config()
    structlog.configure(**{**usual, "wrapper_class": structlog.make_filtering_bound_logger(logging.INFO)})
    try:
        with structlog.testing.capture_logs() as events:
            yield events  # type: ignore[misc] # event dicts are plain ones
    finally:
        structlog.configure(**usual)
