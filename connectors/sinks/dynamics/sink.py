"""The sink: its parts, and which of them does what."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.dynamics.changes import Changes
from connectors.sinks.dynamics.checking import Checking
from connectors.sinks.dynamics.client import BATCH, Client
from connectors.sinks.dynamics.limits import USUAL
from connectors.sinks.dynamics.lookup import Lookup
from connectors.sinks.dynamics.marked import Notes, Tasks
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.owners import Owners
from connectors.sinks.dynamics.records import Records
from connectors.sinks.dynamics.schema import Schema
from connectors.sinks.dynamics.setup import Setup
from syncd.connector import (
    Allowance,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    RecordOrder,
    SignalPage,
    TaskOrder,
    Tools,
)


class Dynamics:
    """Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too."""

    batch = BATCH

    def __init__(self, options: DynamicsOptions, tools: Tools) -> None:
        self._client = client = Client(options, tools)
        self._owners = owners = Owners(options, client, tools.clock)
        schema = Schema(client, tools.clock)
        self._lookup = lookup = Lookup(options, client, schema, owners)
        self._records = records = Records(options, client, schema, lookup)
        self._tasks = Tasks(client, schema, lookup, owners)
        self._notes = Notes(options, client, schema, lookup)
        self._changes = Changes(options, client, schema, lookup, owners, records, tools.clock)
        self._setup = Setup(options, client, schema)
        self._checking = Checking(options, client, schema, owners, tools)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._lookup.find(leads) if leads else []

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
        return self._setup.prepare(apply=apply)

    def allowance(self) -> Allowance | None:
        return USUAL if self._client.answered else None

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the login is refused."""
        return self._checking.check()

    def close(self) -> None:
        self._client.close()
