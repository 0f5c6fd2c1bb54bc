"""Zoho CRM: leads or contacts with an owner, tasks and notes. https://www.zoho.com/crm/developer/docs/api/v8/"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.zoho.activities import Marked
from connectors.sinks.zoho.changes import Changes
from connectors.sinks.zoho.client import BATCH, Client
from connectors.sinks.zoho.lookup import Lookup
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.owners import Owners
from connectors.sinks.zoho.people import People
from connectors.sinks.zoho.records import Records
from connectors.sinks.zoho.schema import Schema
from connectors.sinks.zoho.setup import Setup
from connectors.sinks.zoho.tasks import Notes, Tasks
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

KINDS = ("Leads", "Contacts", "Tasks")


class Zoho:
    """Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too."""

    batch = BATCH

    def __init__(self, options: ZohoOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        schemas = {kind: Schema(client, clock, kind) for kind in KINDS}
        self._owners = owners = Owners(client, clock)
        self._lookup = lookup = Lookup(options, client, schemas, owners)
        self._records = Records(options, client, schemas, lookup)
        self._tasks = Tasks(options, client, Marked(options, client, lookup, "Tasks", schemas["Tasks"]))
        self._notes = Notes(options, client, Marked(options, client, lookup, "Notes", None))
        people = People(options, client, schemas, owners, lookup)
        self._changes = Changes(options, client, schemas["Tasks"], people, lookup, clock)
        self._setup = Setup(options, client, schemas, owners, tools.emits)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._lookup.find(leads) if leads else []

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._owners.heed(self._records.upsert(orders) if orders else [])

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

    def described(self) -> Mapping[str, FieldState]:
        return self._setup.described()

    def allowance(self) -> Allowance | None:
        return self._client.meter.allowance()

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the grant or the scope of users is refused."""
        return self._setup.check()

    def close(self) -> None:
        self._client.close()


plugin = Plugin(ZohoOptions, Zoho)
