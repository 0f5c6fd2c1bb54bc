"""The core in one process: a store, a planner and a dispatcher that take a turn when the test says so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from syncd.core.playbook import FieldPolicy, JunkPlan, Person, Playbook, Pool, Rule, SourcePlan
from syncd.core.targets import Target
from syncd.core.templates import BODY, SUBJECT
from syncd.core.worktime import always_open
from syncd.model import Answer, Context, Submission
from syncd.run.dispatcher import Dispatcher
from syncd.run.follower import Follower
from syncd.run.heartbeat import Heartbeat
from syncd.run.line import Line, LineOptions
from syncd.run.lookup import Lookup
from syncd.run.metrics import Metrics
from syncd.run.operations import Operations
from syncd.run.planner import Planner
from syncd.store.reports import LeadLine, Story
from syncd.store.store import Store
from syncd.testing.clock import START, FakeClock
from tests.fakes.crm import FakeCrm

CALENDAR = always_open(ZoneInfo("Europe/Berlin"))


def playbook(**changes: object) -> Playbook:
    """Two people, one pool, one rule: everybody's lead goes to the pool."""
    people = {
        "eva": Person("eva", "Eva Muster", "eva@example.com", CALENDAR),
        "tom": Person("tom", "Tom Test", "tom@example.com", CALENDAR),
    }
    usual = Playbook(
        version="test",
        company="Example Ltd",
        own_domains=frozenset({"example.com"}),
        country="DE",
        calendar=CALENDAR,
        people=people,
        pools={"sales": Pool("sales", (("eva", 1), ("tom", 1)))},
        rules=(Rule("everyone else", None, pool="sales"),),
        sources={"contact": SourcePlan("contact", tag="Website"), "webinar": SourcePlan("webinar", tag="Webinar")},
        targets={
            "hot": Target(timedelta(minutes=5)),
            "lead": Target(timedelta(hours=1)),
            "name": Target(days=1),
        },
        policies={"phone": FieldPolicy.OVERWRITE},
        junk=JunkPlan(),
        lead_sources=(),
        subject=SUBJECT,
        body=BODY,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def submission(key: str = "1", source: str = "contact", window: timedelta | None = None, **fields: str) -> Submission:
    """A form post of Eva Beispiel, unless the fields say otherwise."""
    said: Mapping[str, str] = fields or {
        "name": "Eva Beispiel",
        "email": "eva@acme.com",
        "company": "Acme GmbH",
        "message": "How much is your product for ten people?",
    }
    answers = tuple(Answer(name, value, label=name) for name, value in said.items())
    return Submission(
        source, key, START, answers, raw=repr(said).encode(), context=Context(form_name="Contact"), window=window
    )


class World:
    """Everything between accept and the CRM, without threads and without waiting."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock, self.crm = store, clock, FakeCrm()
        self.playbook = playbook()
        metrics = Metrics()
        self.line = Line(
            "crm",
            self.crm,
            store.sinks,
            clock,
            metrics,
            LineOptions(),
            sleep=lambda s: clock.advance(seconds=s) and None,
        )
        self.lookup = Lookup(self.line)
        self.planner = Planner(
            store.inbox, store.planning, lambda: self.lookup, lambda: self.playbook, Heartbeat(), metrics, lambda: None
        )
        self.dispatcher = Dispatcher(
            self.line, store.orders, store.leads, lambda: self.playbook, Heartbeat(), jitter=lambda: 1.0
        )
        self.follower = Follower(self.line, store.leads, lambda: self.playbook, "me")

    def receive(self, *submissions: Submission) -> None:
        self.store.inbox.accept([replace(s, received_at=self.clock.now()) for s in submissions])

    def plan(self) -> None:
        while self.planner.turn():
            pass

    def dispatch(self) -> None:
        """Until nothing more can be sent now."""
        while self.dispatcher.turn():
            pass

    def settle(self) -> None:
        self.plan()
        self.dispatch()

    def leads(self) -> list[LeadLine]:
        return self.store.reports.newest(1000)

    def story(self, lead: str) -> Story:
        found = self.store.reports.story(lead)
        assert found is not None
        return found

    def operations(self) -> Operations:
        return Operations(self.store, self.playbook)
