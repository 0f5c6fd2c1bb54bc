"""Sends an enquiry of its own now and then, as a visitor would, and sees it arrive: the door, the planner, the CRM.

What it sends is no lead: the planner sets it aside. In the sinks that the config names for it, and in no other, the
prober itself makes a record and a task by the calls that a lead would take, finds them, and removes them again.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd import log
from syncd.connector import HttpClient, Removing, Visited
from syncd.core import ids
from syncd.core.probe import probe_address
from syncd.errors import Ambiguous, AuthFailed, ConfigError, RateLimited, Refused, Rejected, Retryable
from syncd.model import Done, LeadKeys, RecordOrder, Ref, TaskOrder
from syncd.run.follower import HANDOVER
from syncd.run.health import Health
from syncd.run.line import Line
from syncd.store import leases, probes
from syncd.store.probes import Probed, Remains
from syncd.store.store import Store

LOOK = timedelta(milliseconds=200)
FIRST = timedelta(seconds=30)
"""A daemon that has just started, or read a new config, is left to its work first."""

_TROUBLE = (Ambiguous, AuthFailed, RateLimited, Refused, Rejected, Retryable)


class Astray(Exception):
    """The probe did not arrive; what is in the way."""


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    source: str
    url: str  # where a visitor posts: .../in/<source>
    every: timedelta
    within: timedelta
    email: str = ""  # of the record in a sink; empty: the address that was posted


@dataclass(frozen=True, slots=True)
class _Out:
    """On its way: posted, and not planned yet."""

    mark: str
    key: str
    posted_at: datetime


class Prober:
    """One for all daemons: the one that holds the lease sends.

    Raises ConfigError for a source that takes no visitors, and for a sink that cannot be cleaned up.
    """

    def __init__(
        self,
        options: ProbeOptions,
        source: object,
        lines: Sequence[Line],
        store: Store,
        holder: str,
        health: Health,
        http: HttpClient | None = None,
    ) -> None:
        if not isinstance(source, Visited):
            raise ConfigError(f"probe.source: {options.source} is no form that a visitor could fill in")
        for line in lines:
            if not isinstance(line.sink, Removing):
                raise ConfigError(f"probe.sinks: what a probe leaves in {line.name} cannot be removed by syncd")
        self.options, self.source, self.lines, self.store = options, source, lines, store
        self.holder, self.health, self.http = holder, health, http or HttpClient(timeout=(5, 10))
        self._out: _Out | None = None
        self._not_before = store.database.now() + FIRST
        self._note = f"probe:{options.source}"
        self._log = log.get("prober").bind(source=options.source)

    def turn(self) -> bool | timedelta:
        """Send one when it is due, look whether it has been planned, and take it through the sinks."""
        if leases.hold(self.store.database, "probe", self.holder) is None:
            self._out = None
            return HANDOVER
        try:
            if self._out is None:
                return self._begin()
            return self._arrive(self._out)
        except (*_TROUBLE, Astray) as error:
            return self._end(str(error))

    def _begin(self) -> timedelta:
        last = probes.read(self.store.database).last
        if self._now() < self._not_before:
            return FIRST
        early = last.at + self.options.every - self._now() if last and last.source == self.options.source else None
        if early and early > timedelta(0):
            return min(early, timedelta(minutes=1))
        mark = f"p{secrets.token_hex(6)}"
        visit = self.source.visit(probe_address(mark), mark)
        self._out = _Out(mark, self.source.translate(visit).submissions[0].key, self._now())
        reply = self.http.call(
            "POST", self.options.url, what="probe: post", writes=False, headers=visit.headers, body=visit.body
        )
        if reply.status // 100 not in (2, 3):
            raise Astray(f"the door answered {reply.status}")
        return LOOK

    def _arrive(self, out: _Out) -> timedelta:
        fate = self.store.reports.fates(self.options.source, [out.key]).get(out.key)
        if fate is None or fate.state == "on its way":
            if self._now() - out.posted_at < self.options.within:
                return LOOK
            raise Astray("the door has taken it, and it is not planned" if fate else "the store has never got it")
        for line in self.lines:
            _Passage(line, self.store, self.options.email or probe_address(out.mark), out.mark).go()
        took = self._now() - out.posted_at
        if took > self.options.within:
            raise Astray(f"it took {took.total_seconds():.0f} s")
        return self._end("")

    def _end(self, trouble: str) -> timedelta:
        now = self._now()
        began, self._out = self._out.posted_at if self._out else now, None
        probes.ended(self.store.database, Probed(self.options.source, now, (now - began).total_seconds(), trouble))
        if trouble:
            if self.health.notes.get(self._note) != trouble:
                self._log.error("probe did not arrive", reason=trouble)
            self.health.notes[self._note] = trouble
        elif self.health.notes.pop(self._note, ""):
            self._log.info("probes arrive again")
        return LOOK

    def _now(self) -> datetime:
        return self.store.database.now()


class _Passage:
    """Through one sink. Nothing is removed there but what a probe has made."""

    def __init__(self, line: Line, store: Store, email: str, mark: str) -> None:
        self.line, self.store, self.email, self.mark = line, store, email, mark
        self.keys = LeadKeys(lead=ids.lead_id("probe", mark), emails=(email,))

    def go(self) -> None:
        """Raises Astray, or what the calls raise. What could not be removed is removed by the next probe first."""
        if self.line.paused():
            raise Astray(f"{self.line.name} is paused")
        self._clear()
        record = self._make()
        there = self._find()
        if there is None or there.id != record.id:
            raise Astray(f"{self.line.name} has taken the record and does not find it")
        self._clear()

    def _clear(self) -> None:
        """What this probe or one before has made. Raises Astray for a record under its address that none has made."""
        left = probes.read(self.store.database).remains.get(self.line.name, Remains())
        refs = list(left.refs)
        if left.doubt and not refs and (found := self._find()):
            refs.append(found)
        if refs:
            self._remove(refs)
        if left != Remains():
            probes.remains(self.store.database, self.line.name, Remains())

    def _make(self) -> Ref:
        if found := self._find():
            words = f"{self.line.name} has a record with the probe's address that no probe has made"
            raise Astray(f"{words} ({found.object} {found.id}): it is left alone")
        probes.remains(self.store.database, self.line.name, Remains(doubt=True))
        fields = {"email": self.email, "first_name": "Probe", "last_name": "of syncd"}
        record = self._done("records", RecordOrder(self.keys.lead, self.keys, fields))
        probes.remains(self.store.database, self.line.name, Remains((record,), doubt=True))
        task = self._done(
            "tasks",
            TaskOrder(
                ids.task_mark("probe", self.mark), record, "Probe of syncd, removed by itself", "Nothing to do.",
                due_at=self.store.database.now() + timedelta(days=1), zone="UTC", kind="todo", priority="low",
            ),
        )  # fmt: skip
        probes.remains(self.store.database, self.line.name, Remains((task, record)))
        return record

    def _done(self, what: str, order: RecordOrder | TaskOrder) -> Ref:
        sink = self.line.sink

        def send() -> Sequence[object]:
            return sink.upsert([order]) if isinstance(order, RecordOrder) else sink.add_tasks([order])

        (outcome,) = self.line.call(what, send)
        if not isinstance(outcome, Done):
            raise Astray(f"{self.line.name} did not take it ({what}): {getattr(outcome, 'reason', '')}")
        return outcome.ref

    def _find(self) -> Ref | None:
        (known,) = self.line.call("find", lambda: self.line.sink.find([self.keys]))
        return known.ref if known else None

    def _remove(self, refs: Sequence[Ref]) -> None:
        sink = self.line.sink
        if not isinstance(sink, Removing):
            raise Astray(f"{self.line.name} cannot remove what a probe leaves")
        self.line.call("remove", lambda: sink.remove(refs))
