"""Streak: boxes of a pipeline with their contact and who they are assigned to, tasks, and comments for notes.

https://streak.readme.io/reference
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from connectors.sinks.streak.changes import Changes
from connectors.sinks.streak.client import Client
from connectors.sinks.streak.contacts import Contacts
from connectors.sinks.streak.lookup import Lookup
from connectors.sinks.streak.marked import Making
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from connectors.sinks.streak.records import Records
from connectors.sinks.streak.setup import Setup
from syncd.connector import (
    Allowance,
    FieldState,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Once,
    Outcome,
    OwnerRef,
    Recent,
    RecordOrder,
    SignalPage,
    TaskOrder,
    Tools,
)

REMEMBERED = 10_000


class Streak:
    """Boxes of a pipeline with their contact and who they are assigned to, tasks, and comments for notes.

    Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too.
    """

    batch = 1  # there are no batches, and an answer that is lost leaves one order in doubt

    def __init__(self, options: StreakOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        self._pipeline = pipeline = Pipeline(options, client, clock)
        made: Recent[str, str] = Recent(REMEMBERED)
        self._lookup = lookup = Lookup(options, client, pipeline, made)
        contacts = Contacts(options, client, pipeline)
        self._records = Records(options, client, pipeline, contacts, lookup, made)
        settle = timedelta(seconds=options.settle)
        self._once = Once("streak", Making(client, pipeline), settle)
        self._changes = Changes(options, client, pipeline, lookup, clock)
        self._setup = Setup(options, client, pipeline)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._lookup.find(leads)

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._pipeline.people.heed(self._records.upsert(orders))

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return self._pipeline.people.heed(self._once.add(orders))

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return self._once.add(orders)

    def owners(self) -> Mapping[str, OwnerRef]:
        return self._pipeline.people.by_email()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        return self._changes.pages(cursor)

    def prepare(self, apply: bool) -> Sequence[Finding]:
        return self._setup.prepare(apply=apply)

    def described(self) -> Mapping[str, FieldState]:
        return self._setup.described()

    def allowance(self) -> Allowance | None:
        return self._client.allowance()

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the key is refused."""
        missing = [finding for finding in self._setup.prepare(apply=False) if not finding.ok]
        return [Finding("login", ok=True), *missing]

    def close(self) -> None:
        self._client.close()
