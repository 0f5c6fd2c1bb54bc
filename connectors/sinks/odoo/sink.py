"""Odoo: leads of its CRM with a salesperson, activities and notes.

https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from connectors.sinks.odoo.changes import Changes
from connectors.sinks.odoo.client import Client
from connectors.sinks.odoo.leads import Leads
from connectors.sinks.odoo.marked import Making
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.people import People
from connectors.sinks.odoo.schema import Schema
from connectors.sinks.odoo.setup import Setup
from syncd.connector import (
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Once,
    Outcome,
    OwnerRef,
    RecordOrder,
    SignalPage,
    TaskOrder,
    Tools,
    sent_within,
)


class Odoo:
    """Leads of its CRM with a salesperson, activities and notes.

    Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too.
    """

    batch = 1  # what is made in one call is made or refused together, and a lost answer leaves one order in doubt

    def __init__(self, options: OdooOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        schema = Schema(options, client, clock)
        self._people = people = People(client, clock)
        self._leads = Leads(options, client, schema, people, clock)
        making = Making(options, client, people)
        self._marked = Once("odoo", making, sent_within(timedelta(seconds=options.settle), clock))
        self._changes = Changes(options, client, schema, self._leads, people, clock)
        self._setup = Setup(options, client, schema, people, making)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._leads.find(leads)

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._leads.upsert(orders)

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return self._marked.add(orders)

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return self._marked.add(orders)

    def owners(self) -> Mapping[str, OwnerRef]:
        return self._people.by_email()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        return self._changes.pages(cursor)

    def prepare(self, apply: bool) -> Sequence[Finding]:
        return self._setup.prepare(apply=apply)

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the key is refused."""
        missing = [finding for finding in self._setup.prepare(apply=False) if not finding.ok]
        return [Finding("login", ok=True), *missing]

    def close(self) -> None:
        self._client.close()
