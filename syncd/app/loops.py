"""Every loop that a config asks for."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from syncd.app.addresses import lead_url, probe_url, source_url
from syncd.app.lasting import Lasting
from syncd.config.load import Loaded
from syncd.config.settings import Probe
from syncd.connector import Collecting, Hooked, Listening, LooksBack, PullSource, PushSource
from syncd.core.playbook import Playbook
from syncd.run.bell import Bell
from syncd.run.collector import Collector
from syncd.run.crew import Crew
from syncd.run.dispatcher import Dispatcher
from syncd.run.doctor import Doctor
from syncd.run.ear import Ear
from syncd.run.follower import Follower
from syncd.run.hooks import Hooks
from syncd.run.line import Line
from syncd.run.loop import TOO_LONG, Loop
from syncd.run.planner import Planner
from syncd.run.poller import Poller
from syncd.run.prober import ProbeOptions, Prober
from syncd.run.reconciler import Reconciler
from syncd.run.timekeeper import Timekeeper

_SLOW, _HEALTH = timedelta(seconds=5), timedelta(minutes=5)
_LONG_LISTS = timedelta(hours=1)  # a first fetch of everything is one turn


class Loops:
    """Of one crew."""

    def __init__(self, crew: Crew, loaded: Loaded, lasting: Lasting) -> None:
        self.crew, self.loaded, self.lasting = crew, loaded, lasting
        self.rings = {name: [Bell() for _ in range(line.options.workers)] for name, line in crew.lines.items()}

    def all(self) -> Iterator[Loop]:
        """Raises ConfigError for a probe that could not be sent, or not be cleaned up."""
        lasting, crew = self.lasting, self.crew
        planner = Planner(
            lasting.store.inbox, lasting.store.planning, lambda: crew.lookup, self._playbook, lasting.heartbeat,
            lasting.metrics, self._wake_senders,
        )  # fmt: skip
        too_long = TOO_LONG + crew.lookup.patience
        yield Loop("planner", planner.turn, lasting.plan_bell, too_long=too_long, vital=True)
        for name, line in crew.lines.items():
            yield from self._of_sink(name, line)
        for name, source in crew.sources.items():
            yield from self._of_source(name, source)
        if self.loaded.settings.probe:
            yield Loop("prober", self._prober(self.loaded.settings.probe).turn, Bell())
        link = lead_url(self.loaded.settings.web)
        keeper = Timekeeper(lasting.store.database, lambda: crew.alerts, self._playbook, link)
        yield Loop("timekeeper", keeper.turn, Bell(), _SLOW)
        yield Loop("auditor", lasting.auditor.turn, Bell())

    def _playbook(self) -> Playbook:
        return self.crew.playbook

    def _wake_senders(self) -> None:
        for bells in self.rings.values():
            for bell in bells:
                bell.ring()

    def _of_sink(self, name: str, line: Line) -> Iterator[Loop]:
        lasting, store = self.lasting, self.lasting.store
        for number, bell in enumerate(self.rings[name], 1):
            worker = Dispatcher(line, store.orders, store.leads, self._playbook, lasting.heartbeat, number)
            yield Loop(f"dispatcher {name} {number}", worker.turn, bell)
        doctor = Doctor(line, store.database, self._playbook, lasting.health, lasting.holder)
        yield Loop(f"doctor {name}", doctor.turn, Bell(), _HEALTH)
        if not self.loaded.settings.sinks[name].shadow:
            follower = Follower(line, store.leads, self._playbook, lasting.holder)
            yield Loop(f"follower {name}", follower.turn, Bell(), line.options.read_back)

    def _of_source(self, name: str, source: PushSource | PullSource) -> Iterator[Loop]:
        lasting, store, chosen = self.lasting, self.lasting.store, self.loaded.sources[name]
        if isinstance(source, PullSource):
            poller = Poller(
                name, source, store.inbox, lasting.plan_bell, lasting.holder, lasting.health, store.reports.fates
            )
            every = timedelta(seconds=int(getattr(chosen.options, "every", 60)))
            bell = Ear(name, source) if isinstance(source, Listening) else Bell()
            yield Loop(f"poller {name}", poller.turn, bell, every, _LONG_LISTS)
        if isinstance(source, LooksBack) and source.reconciled:
            zone = ZoneInfo(self.loaded.settings.company.zone)
            looks = Reconciler(name, source, store.inbox, store.reports, zone, lasting.plan_bell, lasting.holder)
            yield Loop(f"reconciler {name}", looks.turn, Bell(), too_long=_LONG_LISTS)
        url = source_url(name, chosen, self.loaded.settings.web)
        if isinstance(source, Hooked) and source.hooked and url and _takes_hooks(chosen.options):
            keep = getattr(chosen.options, "hooks", "") == "keep"
            hooks = Hooks(name, source, url, store.database, lasting.health, lasting.holder, keep=keep)
            yield Loop(f"hooks {name}", hooks.turn, Bell(), _HEALTH)
        if isinstance(source, Collecting):
            collector = Collector(
                name, source, store, lasting.plan_bell, lasting.holder, lasting.health, lasting.heartbeat
            )
            yield Loop(f"collector {name}", collector.turn, Bell())

    def _prober(self, probe: Probe) -> Prober:
        """Raises ConfigError where the source takes no visitors, or a sink could not be cleaned up."""
        url = probe_url(probe, self.loaded.sources[probe.source], self.loaded.settings.web)
        options = ProbeOptions(probe.source, url, probe.every, probe.within, probe.email)
        lines = [self.crew.lines[name] for name in probe.sinks]
        source, lasting = self.crew.sources[probe.source], self.lasting
        return Prober(options, source, lines, lasting.store, lasting.holder, lasting.health)


def _takes_hooks(options: object) -> bool:
    """Whether there is to be a webhook at all: who fetches alone has none, and misses none."""
    takes_posts = any(getattr(options, name, None) for name in ("keys", "unsigned", "token"))
    return takes_posts and getattr(options, "hooks", "no") != "no"
