"""The daemon's parts in one process and on one clock, in front of a HubSpot that may lose every answer.

Store, planner, dispatcher, follower, HTTP client and connector are the product's own. A restart throws away all
that a process remembers and keeps what it has written.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select

from connectors.sinks.hubspot import HubSpot, HubSpotOptions
from syncd.connector import HttpClient, Tools
from syncd.core.playbook import Playbook
from syncd.model import Submission
from syncd.run.dispatcher import Dispatcher
from syncd.run.follower import Follower
from syncd.run.heartbeat import Heartbeat
from syncd.run.line import Line, LineOptions
from syncd.run.lookup import Lookup
from syncd.run.metrics import Metrics
from syncd.run.operations import Operations
from syncd.run.planner import Planner
from syncd.store.database import moment
from syncd.store.orders import LEASE
from syncd.store.schema import OPEN, inbox, metadata, one_of, orders, word
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.battery.wire import Loss, Wire
from tests.fakes.hubspot import Options
from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.state import dump, load
from tests.world import playbook

SINK = "crm"
LAG = 30.0
"""Seconds until a write shows in the search; HubSpot's reported worst."""
BEAT = 10.0
_SHM = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


@dataclass(frozen=True, slots=True)
class Ladder:
    """Which rungs of H1 an account offers for tasks and notes."""

    name: str
    unique: bool = True  # the CRM refuses a mark that is taken
    marked: bool = True  # there is a property for the mark at all
    named: bool = True  # batch answers name their inputs


LADDERS = {
    ladder.name: ladder
    for ladder in (
        Ladder("unique mark"),
        Ladder("plain mark", unique=False, named=False),
        Ladder("no mark", marked=False),
    )
}


class Workshop:
    """One migrated store and one clock, emptied and set back for each run, and a prepared account of each kind.

    The store is not opened anew for it: that alone would take as long as a run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.store = Store(f"sqlite:///{folder}/syncd.db", self.clock, lambda: [SINK])
        self.store.open()
        self._accounts: dict[Ladder, dict[str, Any]] = {}

    def empty(self) -> None:
        self.clock.set(self.clock.started)
        with self.store.database.write() as tx:
            for table in reversed(metadata.sorted_tables):
                tx.execute(table.delete())
            tx.exec_driver_sql("DELETE FROM sqlite_sequence")

    def account(self, ladder: Ladder, seed: int) -> Account:
        fresh = Account(options_of(ladder, seed))
        load(fresh, self.prepared(ladder))
        return fresh

    def prepared(self, ladder: Ladder) -> dict[str, Any]:
        """The state of an account that has what `syncd prepare` makes."""
        if ladder not in self._accounts:
            made = Account(options_of(ladder, 0))
            wire = Wire(made, lambda _: None)
            _sink(FakeClock(), wire, self.folder, LADDERS["unique mark"]).prepare(apply=True)
            self._accounts[ladder] = dump(made)
        return self._accounts[ladder]


@contextmanager
def workshop() -> Iterator[Workshop]:
    """In memory where the system offers that: what is looked for here is no matter of the disk."""
    with TemporaryDirectory(prefix="syncd-battery-", dir=_SHM if _SHM.is_dir() else None) as folder:
        made = Workshop(Path(folder))
        try:
            yield made
        finally:
            made.store.close()


class Parts:
    def __init__(
        self,
        made: Workshop,
        ladder: Ladder,
        seed: int,
        trouble: Callable[[int, str], Loss | None] = lambda _number, _what: None,
    ) -> None:
        made.empty()
        self.ladder, self.store, self.clock, self.folder = ladder, made.store, made.clock, made.folder
        self.account, self.playbook = made.account(ladder, seed), playbook()
        self.wire = Wire(self.account, self.pass_time, self._oversleep, trouble)
        self._asleep = False
        self.start()

    def sink_of(self) -> HubSpot:
        """A connector as a start of the daemon builds it."""
        return _sink(self.clock, self.wire, self.folder, self.ladder)

    def start(self) -> None:
        """As a daemon starts: nothing is remembered."""
        store, clock, metrics = self.store, self.clock, Metrics()
        self.sink = self.sink_of()
        self.line = Line(SINK, self.sink, store.sinks, clock, metrics, LineOptions(), sleep=self.pass_time)
        lookup, self.heartbeat = Lookup(self.line), Heartbeat()
        self.planner = Planner(
            store.inbox, store.planning, lambda: lookup, self.plan_of_today, self.heartbeat, metrics, lambda: None
        )
        self.dispatcher = Dispatcher(
            self.line,
            store.orders,
            store.leads,
            self.plan_of_today,
            self.heartbeat,
            jitter=lambda: 1.0,
            sleep=self.pass_time,
        )
        self.follower = Follower(self.line, store.leads, self.plan_of_today, "me")

    def plan_of_today(self) -> Playbook:
        return self.playbook

    def restart(self, *, at_once: bool) -> None:
        """After a kill. The daemon of an SQLite file takes what its predecessor had in hand over at once; one that
        shares its store waits for the leases to run out.
        """
        self.start()
        if at_once:
            self.store.inbox.take_over()
            self.store.orders.take_over()

    def _oversleep(self) -> None:
        """Stopped in the middle of a call (SIGSTOP); what another daemon does meanwhile is not slept through."""
        if self._asleep:
            return
        self._asleep = True
        mine = (self.sink, self.line, self.planner, self.dispatcher, self.follower, self.heartbeat)
        self.start()
        for _ in range(3):
            self.advance(LEASE.total_seconds() + 1)
            self.dispatcher.turn()
        self.sink, self.line, self.planner, self.dispatcher, self.follower, self.heartbeat = mine
        self._asleep = False

    def pass_time(self, seconds: float) -> None:
        """The clocks of both sides move together; the heart beats meanwhile."""
        while seconds > 0:
            step = min(seconds, BEAT)
            self.advance(step)
            self.heartbeat.beat()
            seconds -= step

    def advance(self, seconds: float) -> None:
        """What is still on the way arrives at its own time, not at that of the next call."""
        end = self.wire.now() + seconds
        while (late := self.wire.next_late()) is not None and late <= end:
            self._move(late - self.wire.now())
            self.wire.deliver_late()
        self._move(end - self.wire.now())

    def _move(self, seconds: float) -> None:
        self.clock.advance(seconds=max(seconds, 0.0))
        self.account.clock.advance(max(seconds, 0.0))

    def receive(self, submission: Submission) -> None:
        self.store.inbox.accept([replace(submission, received_at=self.clock.now())])

    def next_due(self) -> float | None:
        """Seconds until something is to be done; None when nothing is left to do."""
        with self.store.database.read() as tx:
            waiting = select(func.min(inbox.c.due_at)).where(inbox.c.state == word("waiting"))
            sending = select(func.min(orders.c.due_at)).where(one_of(orders.c.state, OPEN))
            found = [at for at in (tx.execute(waiting).scalar(), tx.execute(sending).scalar()) if at is not None]
        if not found:
            return None
        due = max(moment(min(found)), self.store.sinks.state(SINK).paused_until)
        return max((due - self.clock.now()) / timedelta(seconds=1), 0.0)

    def operations(self) -> Operations:
        return Operations(self.store, self.playbook)


def options_of(ladder: Ladder, seed: int) -> Options:
    return Options(
        owners=("eva@example.com", "tom@example.com"),
        start=FakeClock().now(),
        search_lag=LAG,
        unique_task_properties=ladder.unique,
        echo_trace_ids=ladder.named,
        seed=seed,
    )


def _sink(clock: FakeClock, wire: Wire, folder: Path, ladder: Ladder) -> HubSpot:
    http = HttpClient()
    http.session.mount("http://", wire)
    http.session.trust_env = False  # looking for proxies at each call would be a good part of a run
    return connector("http://hubspot.test", http, clock, folder, ladder)


def connector(url: str, http: HttpClient, clock: FakeClock, folder: Path, ladder: Ladder) -> HubSpot:
    given: dict[str, Any] = {} if ladder.marked else {"mark_property": "no_such_mark"}
    options = HubSpotOptions(base_url=url, token=Options().token, **given)
    return HubSpot(options, Tools(SINK, clock, http, folder))
