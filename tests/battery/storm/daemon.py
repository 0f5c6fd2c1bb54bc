"""One process of syncd: the product's own loops over a failing disk and wire. Its death takes all it had in memory."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from syncd.connector import AlertMessage, AlertRef
from syncd.core.playbook import Playbook
from syncd.errors import Retryable, StoreBusy, StoreError
from syncd.run.bell import Bell
from syncd.run.dispatcher import Dispatcher
from syncd.run.follower import Follower
from syncd.run.health import Health
from syncd.run.heartbeat import Heartbeat
from syncd.run.intake import Intake
from syncd.run.line import Line, LineOptions
from syncd.run.lookup import Answer, Call, Lookup
from syncd.run.metrics import Metrics
from syncd.run.planner import Planner
from syncd.run.poller import Poller
from syncd.run.timekeeper import Timekeeper
from syncd.store import leases
from syncd.store.inbox import Inbox
from syncd.store.leads import Leads
from syncd.store.orders import Orders
from syncd.store.planning import Planning
from syncd.store.reports import Reports
from syncd.store.sinks import Sinks
from tests.battery.storm.chance import RARE, SELDOM, Bug, Chance, Killed, VirtualClock
from tests.battery.storm.connector import Connector
from tests.battery.storm.disk import Disk, Platter
from tests.battery.storm.outside import Letterbox, Mailbox
from tests.battery.storm.service import Service

SINK = "crm"
PARKS = (0, 2)
"""Of eight seeds these park the orders of a record that a person deletes; the others make it again."""

LOOPS = ("planner", "dispatcher", "follower", "poller", "timekeeper")


class Surroundings(Protocol):
    """What all daemons share."""

    chance: Chance
    clock: VirtualClock
    platter: Platter
    service: Service
    letters: Letterbox
    loop: asyncio.AbstractEventLoop
    open_ones: list[str]
    told: set[str]

    def meanwhile(self, place: str) -> None: ...

    def buried(self, daemon: "Daemon") -> None: ...


@dataclass(frozen=True, slots=True)
class Cast:
    """Which parts play; a test of the checker puts a wrong one in."""

    inbox: type[Inbox] = Inbox
    orders: type[Orders] = Orders
    planning: type[Planning] = Planning
    leads: type[Leads] = Leads
    dispatcher: type[Dispatcher] = Dispatcher
    poller: type[Poller] = Poller
    connector: type[Connector] = Connector


class Shelf:
    """The parts of a store over one disk, under the names that a `Store` gives them."""

    def __init__(self, disk: Disk, cast: Cast) -> None:
        self.database = disk
        self.inbox, self.orders, self.leads = cast.inbox(disk), cast.orders(disk), cast.leads(disk)
        self.planning = cast.planning(disk, lambda: [SINK])
        self.reports, self.sinks = Reports(disk), Sinks(disk)


class Daemon:
    """`run` does one turn of one loop. Several turns of different loops may be under way, as in threads."""

    metrics = Metrics()  # nobody reads them here, and to make them takes long

    def __init__(self, around: Surroundings, name: str, playbook: Playbook, cast: Cast, *, alone: bool) -> None:
        self.around, self.chance, self.name, self.cast = around, around.chance, name, cast
        self.dead, self.doing = False, "start"
        self.hanging: list[tuple[Call, Answer]] = []
        self.store = Shelf(Disk(around.platter.database, around.clock, self, around.open_ones), cast)
        self.heartbeat = Heartbeat()
        self.intake = Intake(self.store.inbox, Bell())
        self.health = Health(self.store, self.intake, list)  # type: ignore[arg-type]
        self.busy: set[object] = set()
        self.alone = alone
        self.reload(playbook)

    def start(self) -> None:
        """As `Store.own` does for a file that has one daemon. Raises StoreBusy."""
        if self.alone:
            self.store.inbox.take_over()
            self.store.orders.take_over()
            leases.take_over(self.store.database)

    def reload(self, playbook: Playbook) -> None:
        """A new crew over the same store; turns of the old one that are under way end as they began."""
        self.playbook, around, store, beat = playbook, self.around, self.store, self.heartbeat
        line = Line(
            SINK, self.cast.connector(around.service, self), store.sinks, around.clock, self.metrics,
            LineOptions(patience=timedelta(0), remakes=self.chance.seed % 8 not in PARKS), sleep=self.sleep,
        )  # fmt: skip
        self.lookup = Lookup(line, self._begin)

        def playing() -> Playbook:
            return playbook

        lookup = self.lookup
        planner = Planner(
            store.inbox, store.planning, lambda: lookup, playing, beat, self.metrics, lambda: None
        )  # fmt: skip
        sender = self.cast.dispatcher(
            line, store.orders, store.leads, playing, beat, jitter=self.chance.random.random, sleep=self.sleep
        )
        mailbox = Mailbox(around.letters, self, around.platter)
        poller = self.cast.poller("mail", mailbox, store.inbox, Bell(), self.name, self.health)
        alerts = {"chat": Chat(self)}
        self.turns: Mapping[str, Callable[[], object]] = {
            "planner": planner.turn,
            "dispatcher": sender.turn,
            "follower": Follower(line, store.leads, playing, self.name).turn,
            "poller": poller.turn,
            "timekeeper": Timekeeper(store.database, lambda: alerts, playing).turn,
            "heartbeat": beat.beat,
            "look-up": self._hang_up,
        }

    def run(self, loop: str, turn: Callable[[], Any] | None = None) -> None:
        """One turn; what the loop's own thread would survive is survived here."""
        before, self.doing = self.doing, loop
        act = turn or self.turns[loop]
        self.busy.add(loop)
        try:
            with suppress(StoreBusy, StoreError, Killed, Bug):
                act()
        finally:
            self.doing = before
            self.busy.discard(loop)

    def at(self, place: str) -> None:
        """A place where the process may end, or sleep while the world goes on."""
        if self.dead:
            raise Killed
        if self.chance.strikes(f"{self.doing}: death {place}", RARE):
            self.die(place)
        if self.chance.strikes(f"{self.doing}: stopped {place}", SELDOM):
            self.around.meanwhile(place)
            if self.dead:
                raise Killed

    def die(self, place: str) -> None:
        self.chance.tell(f"    {self.name} dies: {self.doing} {place}")
        self.dead = True
        self.around.buried(self)
        raise Killed

    def sleep(self, seconds: float) -> None:
        self.around.clock.advance(seconds)
        self.at("while it waits")

    def _begin(self, call: Call) -> Answer:
        """Look-ups are answered at once, or not before the planner's patience has ended."""
        answer: Answer = Future()
        if self.chance.strikes("look-up: no answer in time"):
            self.hanging.append((call, answer))
            return answer
        try:
            answer.set_result(call())
        except Exception as error:  # noqa: BLE001 - handed to whoever waits, as the product's thread does
            answer.set_exception(error)
        return answer

    def _hang_up(self) -> None:
        """An answer that comes too late."""
        call, answer = self.hanging.pop(0)
        try:
            answer.set_result(call())
        except Exception as error:  # noqa: BLE001 - as above
            answer.set_exception(error)
            answer.exception()  # nobody waits any more


class Chat:
    """An alert: takes what it is told, or cannot be reached."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon

    def send(self, message: AlertMessage) -> AlertRef:
        self.daemon.at("before the alert")
        if self.daemon.chance.strikes("chat: away"):
            raise Retryable("chat: connection refused")
        self.daemon.around.told.add(message.mark)
        return AlertRef(message.mark)

    def check(self) -> list[Any]:
        return []

    def close(self) -> None:
        pass
