"""Salesforce: leads or contacts with an owner, tasks, and notes as tasks that are done.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest.htm

simple-salesforce carries the calls, by `restful` alone and with our own HTTP client below it; see `transport`.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.changes import Changes
from connectors.sinks.salesforce.checking import Checking
from connectors.sinks.salesforce.client import BATCH, Client
from connectors.sinks.salesforce.lookup import Lookup
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.owners import Owners
from connectors.sinks.salesforce.records import Records
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.setup import Setup
from connectors.sinks.salesforce.tasks import Marked, Notes, Tasks
from syncd.connector import (
    Allowance,
    FieldState,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    Plugin,
    RecordOrder,
    SignalPage,
    TaskOrder,
    Tools,
)

KINDS = (wire.LEAD, wire.CONTACT, wire.TASK)


class Salesforce:
    """Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too."""

    batch = BATCH

    def __init__(self, options: SalesforceOptions, tools: Tools) -> None:
        clock, jitter = tools.clock, random.random
        self._client = client = Client(options, tools)
        schemas = {kind: Schema(client, clock, kind) for kind in KINDS}
        self._owners = owners = Owners(options, client, clock)
        self._lookup = lookup = Lookup(options, client, schemas, owners)
        self._records = Records(options, client, schemas, lookup, owners, jitter)
        task = schemas[wire.TASK]
        self._tasks = Tasks(options, client, Marked(options, client, task, lookup, jitter, "task"), owners)
        self._notes = Notes(options, client, Marked(options, client, task, lookup, jitter, "note"), owners)
        self._changes = Changes(options, client, schemas, owners, clock, self._records.owned)
        self._setup = Setup(options, client, schemas)
        self._checking = Checking(options, client, schemas, owners, tools)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._lookup.find(self._records.with_matches(leads))

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._owners.heed(self._records.upsert(orders))

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return self._owners.heed(self._tasks.add(orders))

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return self._notes.add(orders)

    def owners(self) -> Mapping[str, OwnerRef]:
        return self._owners.by_email()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        return self._changes.pages(cursor)

    def prepare(self, apply: bool) -> Sequence[Finding]:
        self._owners.probe()
        return self._setup.prepare(apply=apply)

    def described(self) -> Mapping[str, FieldState]:
        return self._checking.described()

    def allowance(self) -> Allowance | None:
        return self._client.meter.allowance()

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the login is refused."""
        return self._checking.check()

    def close(self) -> None:
        self._client.close()


plugin = Plugin(SalesforceOptions, Salesforce)
