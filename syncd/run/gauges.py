"""How the whole stands, read anew at each scrape of `/metrics`: what waits, what is paused, what is promised."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib.metadata import version

from prometheus_client.core import GaugeMetricFamily, Metric

from syncd.run.auditor import Auditor
from syncd.run.health import Health
from syncd.store import counters, probes
from syncd.store.sinks import SinkState
from syncd.store.store import Store

PAUSES = ("login", "outage", "rate")


class Gauges:
    """Of several daemons on one PostgreSQL each tells the same of the store: take the largest, never the sum."""

    def __init__(self, store: Store, health: Health, auditor: Auditor, sinks: Callable[[], Sequence[str]]) -> None:
        self.store, self.health, self.auditor, self.sinks = store, health, auditor, sinks

    def of_daemon(self) -> Iterator[Metric]:
        """What can be told without the store."""
        report = self.health.report()
        yield _one("syncd_ready", "1 while submissions can be kept durably", float(report["ready"]))
        yield _one("syncd_loops_in_trouble", "loops that fail or hang", len(report["loops"]))
        yield _one("syncd_notes", "sources and sinks with something to tell in /readyz", len(report["notes"]))
        yield _many("syncd_version", "1 with the version of the program", ["version"], [((version("syncd"),), 1)])
        yield from self._silences()
        yield from self._disk()
        yield from self._promises()

    def of_store(self) -> Iterator[Metric]:
        """Raises StoreBusy while the store cannot be read."""
        now, reports = self.store.database.now(), self.store.reports
        queue = reports.queue()
        names = ["sink", "kind", "state"]
        yield _many("syncd_open_orders", "orders not done", names, [(row[:3], row[3]) for row in queue])
        ages = [(row[:3], _age(now, row[4])) for row in queue]
        yield _many("syncd_oldest_order_seconds", "age of the oldest order not done", names, ages)
        count, oldest = self.store.inbox.waiting()
        yield _one("syncd_waiting_submissions", "submissions to be planned", count)
        yield from self._announced(now)
        yield _one("syncd_oldest_submission_seconds", "how long the oldest of them waits", _age(now, oldest))
        yield _one("syncd_parked", "submissions and orders that wait for a person", reports.count_parked())
        overdue = reports.count_overdue(self.store.database.now_us())
        yield _one("syncd_overdue_leads", "open leads past due that nobody has answered", overdue)
        healed = counters.by_source(self.store.database, "healed")
        rows = [((name,), float(count)) for name, count in sorted(healed.items())]
        yield _many("syncd_healed_submissions", "fetched, for their webhook had not come", ["source"], rows)
        yield from self._probe()
        yield self._pauses(self.store.sinks.states())

    def _pauses(self, states: dict[str, SinkState]) -> Metric:
        rows = [
            ((sink, kind), float(sink in states and states[sink].kind == kind))
            for sink in self.sinks()
            for kind in PAUSES
        ]
        return _many("syncd_sink_paused", "1 while a sink is paused, by why", ["sink", "kind"], rows)

    def _announced(self, now: datetime) -> Iterator[Metric]:
        waiting = self.store.announced.waiting()
        counts = [((each.source,), float(each.count)) for each in waiting]
        yield _many("syncd_announced_submissions", "submissions whose answers are fetched", ["source"], counts)
        ages = [((each.source,), _age(now, each.oldest)) for each in waiting]
        yield _many("syncd_oldest_announced_seconds", "how long the oldest of them waits", ["source"], ages)

    def _silences(self) -> Iterator[Metric]:
        """As they were looked at last, within a minute; a source without a limit may be silent for ever."""
        now, found = self.health.looked or self.store.database.now(), self.health.silences
        silent = [((name,), _age(now, each.since)) for name, each in found.items()]
        limits = [((n,), (each.limit.at - each.since).total_seconds()) for n, each in found.items() if each.limit]
        yield _many("syncd_source_silent_seconds", "since when nothing comes from a source", ["source"], silent)
        yield _many("syncd_source_silence_limit_seconds", "more than that is a trouble", ["source"], limits)

    def _probe(self) -> Iterator[Metric]:
        """Of the last one, whichever daemon sent it; nothing where none is sent."""
        last = probes.read(self.store.database).last
        rows = [((last.source,), last)] if last else []
        ok = [(name, float(not each.trouble)) for name, each in rows]
        yield _many("syncd_probe_arrived", "1 when the last probe of syncd itself arrived in time", ["source"], ok)
        took = [(name, each.seconds) for name, each in rows]
        yield _many("syncd_probe_seconds", "how long the last one took", ["source"], took)
        ended = [(name, each.at.timestamp()) for name, each in rows]
        yield _many("syncd_probe_timestamp_seconds", "when the last one ended", ["source"], ended)

    def _disk(self) -> Iterator[Metric]:
        """Of the folder of an SQLite file; a PostgreSQL tells of its own disk."""
        path = self.store.database.path
        if path is None:
            return
        usage = shutil.disk_usage(path.parent)
        yield _one("syncd_disk_free_bytes", "free space where the store is", usage.free)
        yield _one("syncd_disk_bytes", "all space where the store is", usage.total)
        files = [path.with_name(path.name + ending) for ending in ("", "-wal")]
        yield _one("syncd_store_bytes", "size of the store", sum(f.stat().st_size for f in files if f.exists()))

    def _promises(self) -> Iterator[Metric]:
        """What the last count found; nothing before the first one."""
        last = self.auditor.last
        if last is None:
            return
        yield _one("syncd_promises_checked_timestamp_seconds", "when they were counted last", last.at.timestamp())
        broken = [((promise,), float(count)) for promise, count in last.broken.items()]
        yield _many("syncd_promise_broken", "rows that break a promise", ["promise"], broken)
        yield _one("syncd_submissions_received", "submissions ever accepted", last.proof.received)
        classes = [((name,), float(count)) for name, count in last.proof.classes.items()]
        yield _many("syncd_submissions", "submissions by what became of them", ["class"], classes)


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _many(name: str, told: str, labels: Sequence[str], rows: Sequence[tuple[Sequence[str], float]]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family
