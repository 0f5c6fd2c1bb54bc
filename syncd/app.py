"""The only place that knows everybody: builds the parts from the settings and keeps them together."""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.routing import BaseRoute

from syncd.clock import Clock, SystemClock
from syncd.config.entries import Chosen
from syncd.config.load import Loaded
from syncd.config.settings import Probe
from syncd.config.settings import Store as StoreSettings
from syncd.config.settings import Web as WebSettings
from syncd.connector import Collecting, Hooked, Listening, LooksBack, PullSource, PushSource, Tools
from syncd.core.playbook import Playbook
from syncd.errors import ConfigError, Refused, StoreBusy
from syncd.http_client import HttpClient
from syncd.run.auditor import Auditor
from syncd.run.bell import Bell
from syncd.run.collector import Collector
from syncd.run.connections import Connections
from syncd.run.crew import Crew
from syncd.run.dispatcher import Dispatcher
from syncd.run.doctor import Doctor
from syncd.run.ear import Ear
from syncd.run.follower import Follower
from syncd.run.gauges import Gauges
from syncd.run.health import Health
from syncd.run.heartbeat import Heartbeat
from syncd.run.hooks import Hooks
from syncd.run.intake import Intake
from syncd.run.keepers import Keepers
from syncd.run.line import WORKERS, Line, LineOptions
from syncd.run.lookup import Lookup
from syncd.run.loop import Loop
from syncd.run.metrics import Metrics
from syncd.run.planner import Planner
from syncd.run.poller import Poller
from syncd.run.prober import ProbeOptions, Prober
from syncd.run.rates import Rate, Rates
from syncd.run.reconciler import Reconciler
from syncd.run.senders import Senders
from syncd.run.shadow import Shadow
from syncd.run.timekeeper import Timekeeper
from syncd.run.web import FrontDoor, Slot, Web, build_web
from syncd.store import leases, trials
from syncd.store.receipts import Receipts
from syncd.store.store import Store

_SLOW, _HEALTH = timedelta(seconds=5), timedelta(minutes=5)
_LONG_LISTS = timedelta(hours=1)  # a first fetch of everything is one turn


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
        self.crew = self._build(loaded)
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

    @staticmethod
    def unplugged(name: str, chosen: Chosen, domains: Sequence[str] = ()) -> Any:
        """A connector that cannot reach any network: its HTTP client refuses every call."""
        http = HttpClient()
        http.gate = _refuse
        return chosen.plugin.make(
            chosen.options, Tools(name, SystemClock(), http, Path("data").absolute(), domains=domains)
        )

    def start(self) -> None:
        """Open the store and start every loop. Raises StoreError when the store is not ours to use."""
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
            crew = self._build(loaded)
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
        self.intake.close()
        self.crew.stop()
        self.keepers.stop()
        self.heartbeat.stop()
        leases.let_go(self.store.database, self.holder)
        self.store.close()

    def _build(self, loaded: Loaded) -> Crew:
        sources = {name: self._connector(name, chosen, loaded) for name, chosen in loaded.sources.items()}
        slots = {
            name: Slot(source, _token(loaded.sources[name]), _locked(loaded.sources[name]))
            for name, source in sources.items()
            if isinstance(source, PushSource)
        }
        lines = {name: self._line(name, loaded) for name in _record_first(loaded)}
        alerts = {name: self._connector(name, chosen, loaded) for name, chosen in loaded.alerts.items()}
        crew = Crew(loaded.playbook, sources, slots, lines, alerts, Lookup(next(iter(lines.values()), None)))
        crew.loops = self._loops(crew, loaded)
        return crew

    def _connector(self, name: str, chosen: Chosen, loaded: Loaded, http: HttpClient | None = None) -> Any:
        return chosen.plugin.make(chosen.options, self._tools(name, http or HttpClient(), loaded))

    def _tools(self, name: str, http: HttpClient, loaded: Loaded) -> Tools:
        tags = (source.tag for source in loaded.playbook.sources.values() if source.tag)
        named = tuple(dict.fromkeys([*loaded.settings.lead_sources, *tags]))
        emits = {"lead_source": named} if named else {}
        domains = loaded.settings.company.domains
        return Tools(name, self.clock, http, self.data_dir, self.lead_url, emits, domains)

    @property
    def data_dir(self) -> Path:
        """Beside the SQLite file; otherwise `data` in the working folder."""
        path = self.store.database.path
        return path.parent if path else Path("data").absolute()

    @property
    def lead_url(self) -> str:
        public = self.loaded.settings.web.public_url.rstrip("/")
        return f"{public}/leads/{{lead}}" if public else ""

    @staticmethod
    def source_url(name: str, loaded: Loaded) -> str:
        """Where its provider has to post to; empty while nobody has said under which address we are reached."""
        public, token = loaded.settings.web.public_url.rstrip("/"), _token(loaded.sources[name])
        return f"{public}/in/{name}" + (f"/{token}" if token else "") if public else ""

    def _line(self, name: str, loaded: Loaded) -> Line:
        entry, http = loaded.settings.sinks[name], HttpClient()
        sink = self._connector(name, loaded.sinks[name], loaded, http)
        suiting: int = getattr(sink, "workers", WORKERS)
        options = LineOptions(
            entry.patience, entry.reserve, entry.read_back, entry.give_up, entry.workers or suiting,
            entry.deleted == "again",
        )  # fmt: skip
        if entry.shadow:
            sink = Shadow(sink, partial(trials.note, self.store.database, name))
        line = Line(name, sink, self.store.sinks, self.clock, self.metrics, options, entry.calls_per_10s)
        http.gate = line.gate
        return line

    def _prober(self, probe: Probe, crew: Crew, loaded: Loaded) -> Prober:
        """Raises ConfigError where the source takes no visitors, or a sink could not be cleaned up."""
        url = _probe_url(probe, loaded.settings.web, _token(loaded.sources[probe.source]))
        options = ProbeOptions(probe.source, url, probe.every, probe.within, probe.email)
        lines = [crew.lines[name] for name in probe.sinks]
        return Prober(options, crew.sources[probe.source], lines, self.store, self.holder, self.health)

    def _loops(self, crew: Crew, loaded: Loaded) -> list[Loop]:
        def playbook() -> Playbook:
            return crew.playbook

        rings = {name: [Bell() for _ in range(line.options.workers)] for name, line in crew.lines.items()}
        planner = Planner(
            self.store.inbox, self.store.planning, lambda: crew.lookup, playbook, self.heartbeat,
            self.metrics,
            lambda: _ring_all(rings),
        )  # fmt: skip
        loops = [Loop("planner", planner.turn, self.plan_bell)]
        for name, line in crew.lines.items():
            for number, bell in enumerate(rings[name], 1):
                worker = Dispatcher(line, self.store.orders, self.store.leads, playbook, self.heartbeat, number)
                loops.append(Loop(f"dispatcher {name} {number}", worker.turn, bell))
            doctor = Doctor(line, self.store.database, playbook, self.health, self.holder)
            loops.append(Loop(f"doctor {name}", doctor.turn, Bell(), _HEALTH))
            if loaded.settings.sinks[name].shadow:
                continue
            follower = Follower(line, self.store.leads, playbook, self.holder)
            loops.append(Loop(f"follower {name}", follower.turn, Bell(), line.options.read_back))
        for name, source in crew.sources.items():
            loops += self._loops_of_source(name, source, loaded)
        if loaded.settings.probe:
            loops.append(Loop("prober", self._prober(loaded.settings.probe, crew, loaded).turn, Bell()))
        keeper = Timekeeper(self.store.database, lambda: crew.alerts, playbook, self.lead_url)
        return [*loops, Loop("timekeeper", keeper.turn, Bell(), _SLOW), Loop("auditor", self.auditor.turn, Bell())]

    def _loops_of_source(self, name: str, source: PushSource | PullSource, loaded: Loaded) -> Iterator[Loop]:
        options, url = loaded.sources[name].options, self.source_url(name, loaded)
        if isinstance(source, PullSource):
            poller = Poller(
                name, source, self.store.inbox, self.plan_bell, self.holder, self.health, self.store.reports.fates
            )
            every = timedelta(seconds=_every(loaded.sources[name]))
            yield Loop(f"poller {name}", poller.turn, _bell(name, source), every, _LONG_LISTS)
        if isinstance(source, LooksBack) and source.reconciled:
            looks = Reconciler(
                name, source, self.store.inbox, self.store.reports, ZoneInfo(loaded.settings.company.zone),
                self.plan_bell, self.holder,
            )  # fmt: skip
            yield Loop(f"reconciler {name}", looks.turn, Bell(), too_long=_LONG_LISTS)
        if isinstance(source, Hooked) and source.hooked and url and _takes_hooks(options):
            keep = getattr(options, "hooks", "") == "keep"
            hooks = Hooks(name, source, url, self.store.database, self.health, self.holder, keep=keep)
            yield Loop(f"hooks {name}", hooks.turn, Bell(), _HEALTH)
        if isinstance(source, Collecting):
            collector = Collector(name, source, self.store, self.plan_bell, self.holder, self.health, self.heartbeat)
            yield Loop(f"collector {name}", collector.turn, Bell())


def _probe_url(probe: Probe, web: WebSettings, token: str) -> str:
    """Where a visitor posts: the public address, or the door on this machine."""
    here = "127.0.0.1" if web.host in ("0.0.0.0", "::") else web.host  # noqa: S104 - read, not bound
    server = web.public_url or f"http://{f'[{here}]' if ':' in here else here}:{web.port}"
    return probe.url or f"{server}/in/{probe.source}{f'/{token}' if token else ''}"


def _receipts(said: StoreSettings, clock: Clock) -> Receipts | None:
    return Receipts(said.receipts, clock, said.receipts_days) if said.receipts else None


def _connections(web: WebSettings) -> Connections:
    return Connections(web.connections, web.connections_per_address, Senders(web.trusted_proxies))


def _rates(web: WebSettings) -> Rates:
    return Rates(Rate(web.address_rate, web.address_burst), Rate(web.source_rate, web.source_burst))


def _refuse(_: object) -> None:
    raise Refused("a dry run makes no calls")


def _record_first(loaded: Loaded) -> list[str]:
    return sorted(loaded.sinks, key=lambda name: name != loaded.system_of_record)


def _ring_all(rings: Mapping[str, Sequence[Bell]]) -> None:
    for bells in rings.values():
        for bell in bells:
            bell.ring()


def _token(chosen: Chosen) -> str:
    token = getattr(chosen.options, "token", None)
    return token.get_secret_value() if token else ""


def _locked(chosen: Chosen) -> bool:
    """Whether senders must prove who they are. A connector that does not say so takes posts from anybody."""
    return bool(_token(chosen)) or not getattr(chosen.options, "unsigned", True)


def _bell(name: str, source: PullSource) -> Bell:
    return Ear(name, source) if isinstance(source, Listening) else Bell()


def _takes_hooks(options: object) -> bool:
    """Whether there is to be a webhook at all: who fetches alone has none, and misses none."""
    takes_posts = any(getattr(options, name, None) for name in ("keys", "unsigned", "token"))
    return takes_posts and getattr(options, "hooks", "no") != "no"


def _every(chosen: Chosen) -> int:
    return int(getattr(chosen.options, "every", 60))
