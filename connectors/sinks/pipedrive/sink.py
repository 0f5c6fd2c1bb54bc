"""Pipedrive: persons with an owner, a lead or deal for each, activities and notes.

https://developers.pipedrive.com/docs/api/v1
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.changes import Changes
from connectors.sinks.pipedrive.client import Client
from connectors.sinks.pipedrive.lookup import Lookup, Made
from connectors.sinks.pipedrive.marked import Making
from connectors.sinks.pipedrive.openings import Openings
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.records import Records
from connectors.sinks.pipedrive.schema import Schema
from connectors.sinks.pipedrive.setup import Setup
from syncd.connector import (
    Allowance,
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
    looked_too_little,
)


class Pipedrive:
    """Persons with an owner, a lead or deal for each, activities and notes.

    Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too.
    """

    batch = 1  # there are no batches, and an answer that is lost leaves one order in doubt

    def __init__(self, options: PipedriveOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        persons, deals = Schema(client, clock, "personFields"), Schema(client, clock, "dealFields")
        self._account = account = Account(client, clock)
        made = Made()
        self._lookup = Lookup(options, client, persons, account, made, clock)
        openings = Openings(options, client, persons, deals)
        self._records = Records(options, client, persons, self._lookup, openings, account, clock, made)
        self._marked = Once("pipedrive", Making(options, client, openings, account), looked_too_little)
        self._changes = Changes(options, client, persons, deals, self._lookup, account, clock)
        self._setup = Setup(options, client, persons, deals, account)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._lookup.find(leads)

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._account.users.heed(self._records.upsert(orders))

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return self._account.users.heed(self._marked.add(orders))

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return self._marked.add(orders)

    def owners(self) -> Mapping[str, OwnerRef]:
        return self._account.users.by_email()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        return self._changes.pages(cursor)

    def prepare(self, apply: bool) -> Sequence[Finding]:
        return self._setup.prepare(apply=apply)

    def allowance(self) -> Allowance | None:
        return self._client.meter.allowance()

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the token is refused."""
        self._account.me()
        missing = [finding for finding in self._setup.prepare(apply=False) if not finding.ok]
        return [Finding("login", ok=True), *missing]

    def close(self) -> None:
        self._client.close()
