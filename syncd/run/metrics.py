"""What Prometheus sees. Labels are names of the config and fixed words, never data of people."""

import contextlib
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from syncd.errors import StoreBusy, StoreError
from syncd.run.connections import Connections

_ACK = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5)
_CALL = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One registry per daemon, so that two daemons in one test do not share counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.received = Counter(
            "syncd_received",
            "submissions by what became of the request",
            ["source", "result"],
            registry=self.registry,
        )
        self.acknowledged = Histogram(
            "syncd_ack_seconds", "from the request to the answer after the commit", buckets=_ACK,
            registry=self.registry,
        )  # fmt: skip
        self.planned = Counter("syncd_planned", "submissions planned", ["verdict"], registry=self.registry)
        self.junk = Counter(
            "syncd_junk_signals", "junk signals of what was planned", ["source", "signal"], registry=self.registry
        )
        self.outcomes = Counter(
            "syncd_outcomes", "orders by outcome", ["sink", "kind", "outcome"], registry=self.registry
        )
        self.calls = Histogram(
            "syncd_call_seconds", "calls to a sink", ["sink", "call"], buckets=_CALL, registry=self.registry
        )
        self.signals = Counter("syncd_signals", "signals read back", ["sink", "kind"], registry=self.registry)
        self._received: dict[tuple[str, str], Counter] = {}

    def answered(self, source: str, result: str, seconds: float) -> None:
        """One request, and what became of it."""
        counter = self._received.get((source, result))
        if counter is None:
            counter = self._received[source, result] = self.received.labels(source, result)
        counter.inc()
        self.acknowledged.observe(seconds)

    def watch(self, read: Callable[[], Iterable[Metric]]) -> None:
        """Report what `read` brings at each scrape; nothing of it while the store cannot be read."""
        self.registry.register(_Collector(read))

    def watch_connections(self, connections: Connections) -> None:
        """Report the connections at each scrape, and why those were ended that we ended."""
        self.registry.register(_ConnectionCollector(connections))


class _Collector:
    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self.read = read

    def collect(self) -> Iterable[Metric]:
        with contextlib.suppress(StoreBusy, StoreError):  # the other figures are told all the same
            return list(self.read())
        return ()

    def describe(self) -> Iterable[Metric]:
        return ()


class _ConnectionCollector:
    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("syncd_connections", "open connections", value=len(self.connections))
        family = CounterMetricFamily("syncd_connections_ended", "connections ended from our side", labels=["why"])
        for why, count in list(self.connections.ended.items()):
            family.add_metric([why], count)
        yield family

    def describe(self) -> Iterable[Metric]:
        return ()
