"""The only place that knows everybody: keeps what lasts, and the crew of the present config."""

import contextlib
import os
import socket
from collections.abc import Callable, Sequence

from starlette.routing import BaseRoute

from syncd.app.crews import crew_of
from syncd.app.lasting import Lasting
from syncd.clock import Clock, SystemClock
from syncd.config.load import Loaded
from syncd.config.settings import Store as StoreSettings
from syncd.config.settings import Web as WebSettings
from syncd.core.playbook import Playbook
from syncd.errors import ConfigError, StoreBusy
from syncd.run.auditor import Auditor
from syncd.run.bell import Bell
from syncd.run.connections import Connections
from syncd.run.gauges import Gauges
from syncd.run.health import Health
from syncd.run.heartbeat import Heartbeat
from syncd.run.intake import Intake
from syncd.run.keepers import Keepers
from syncd.run.metrics import Metrics
from syncd.run.rates import Rate, Rates
from syncd.run.senders import Senders
from syncd.run.web import FrontDoor, Web, build_web
from syncd.store import leases, trials
from syncd.store.receipts import Receipts
from syncd.store.store import Store


class App:
    """Everything that outlives a reload, and the crew of the present config."""

    def __init__(self, loaded: Loaded, reread: Callable[[], Loaded] | None = None, clock: Clock | None = None) -> None:
        self.loaded, self.reread = loaded, reread or (lambda: loaded)
        self.clock: Clock = clock or SystemClock()
        self.store = Store(
            loaded.settings.store.url.get_secret_value(), self.clock, lambda: list(self.crew.lines),
            _receipts(loaded.settings.store, self.clock),
        )  # fmt: skip
        self.metrics, self.heartbeat = Metrics(), Heartbeat([self.store.database.compare_clocks])
        self.auditor = Auditor(self.store.database)
        self.plan_bell = Bell()
        self.intake = Intake(self.store.inbox, self.plan_bell)
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self.health = Health(self.store, self.intake, lambda: [*self.crew.loops, *self.keepers.loops])
        self.keepers = Keepers(
            self.store, self.health, lambda: self.crew.alerts, lambda: self.crew.playbook, self.holder, self.clock
        )
        self.lasting = Lasting(
            self.clock, self.store, self.metrics, self.heartbeat, self.auditor, self.health, self.plan_bell, self.holder
        )
        self.crew = crew_of(loaded, self.lasting)
        self.connections = _connections(loaded.settings.web)
        self.metrics.watch_connections(self.connections)
        self.door = FrontDoor(
            self.crew.slots, self.intake, self.clock, self.metrics,
            loaded.settings.web.body_limit, self.connections.senders, _rates(loaded.settings.web),
        )  # fmt: skip
        self.web: Web = self.build_web(())

    def build_web(self, routes: Sequence[BaseRoute]) -> Web:
        """The web application with more routes beside the intake's."""
        shown = None if self.loaded.settings.web.metrics else self.metrics  # else they have a door of their own
        self.web = build_web(self.door, self.health, shown, routes)
        return self.web

    @property
    def playbook(self) -> Playbook:
        return self.crew.playbook

    def start(self) -> None:
        """Open the store and start every loop. Raises StoreError when the store is not ours to use, and has then
        closed everything.
        """
        try:
            self._start()
        except BaseException:
            with contextlib.closing(self.store):
                self._end_threads()
            raise

    def _start(self) -> None:
        self.store.open()
        self.store.own()
        self.store.database.compare_clocks()
        self.keepers.look()
        gauges = Gauges(self.store, self.health, self.auditor, lambda: list(self.crew.lines))
        self.metrics.watch(gauges.of_daemon)
        self.metrics.watch(gauges.of_store)
        self.heartbeat.start()
        self.intake.start()
        self.go_live()
        self.crew.start()
        self.keepers.start()

    def work(self) -> None:
        """Plan and send what is waiting, and nothing else: no door, no polling, no read-back, no alerts.

        Raises StoreError when a daemon does that already, or the store is not ours to use.
        """
        self.crew.loops = [loop for loop in self.crew.loops if loop.name.startswith(("planner", "dispatcher"))]
        self.keepers.loops.clear()
        self.start()

    def alive(self) -> bool:
        return self.health.alive()

    def reload(self) -> str:
        """Swap the whole config, or keep the old one and say why. Store and port stay what they were."""
        try:
            loaded = self.reread()
            crew = crew_of(loaded, self.lasting)
        except ConfigError as error:
            return str(error)
        changed = [name for name, chosen in loaded.sinks.items() if chosen != self.loaded.sinks.get(name)]
        old, self.crew, self.loaded = self.crew, crew, loaded
        self.door.slots = crew.slots
        old.stop()
        for name in changed:
            with contextlib.suppress(StoreBusy):  # then the pause runs out by itself
                self.store.sinks.try_again(name)
        self.go_live()
        crew.start()
        return ""

    def go_live(self) -> None:
        """Sinks that were on trial until now have nothing of what they "made" then."""
        for name, entry in self.loaded.settings.sinks.items():
            if not entry.shadow:
                with contextlib.suppress(StoreBusy):  # then the next start does it; until then look-ups find nothing
                    trials.go_live(self.store.database, name)

    def read_back(self, sink: str) -> None:
        """Have the changes of a sink read now instead of after the pause."""
        for loop in self.crew.loops:
            if loop.name == f"follower {sink}":
                loop.bell.ring()

    def stop(self) -> None:
        """Keep what has been taken in, finish the units in hand, give leases back."""
        with contextlib.closing(self.store):
            self._end_threads()
            leases.let_go(self.store.database, self.holder)

    def _end_threads(self) -> None:
        self.intake.close()
        self.crew.stop()
        self.keepers.stop()
        self.heartbeat.stop()


def _receipts(said: StoreSettings, clock: Clock) -> Receipts | None:
    return Receipts(said.receipts, clock, said.receipts_days) if said.receipts else None


def _connections(web: WebSettings) -> Connections:
    return Connections(web.connections, web.connections_per_address, Senders(web.trusted_proxies))


def _rates(web: WebSettings) -> Rates:
    return Rates(Rate(web.address_rate, web.address_burst), Rate(web.source_rate, web.source_burst))
