"""Close: leads with their contacts and an owner, tasks and notes.

https://developer.close.com/api
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.close.account import Account
from connectors.sinks.close.changes import Changes
from connectors.sinks.close.client import Client
from connectors.sinks.close.lookup import Lookup
from connectors.sinks.close.marked import Making
from connectors.sinks.close.options import CloseOptions
from connectors.sinks.close.records import Records
from connectors.sinks.close.schema import Schema
from connectors.sinks.close.setup import Setup
from syncd.connector import (
    Allowance,
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
    looked_too_little,
)

REMEMBERED = 10_000


class Close:
    """Leads with their contacts and an owner, tasks and notes.

    Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too.
    """

    batch = 1  # there are no batches, and an answer that is lost leaves one order in doubt

    def __init__(self, options: CloseOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        contacts, leads = Schema(client, clock, "contact"), Schema(client, clock, "lead")
        self._account = account = Account(client, clock)
        made: Recent[str, str] = Recent(REMEMBERED)
        self._lookup = lookup = Lookup(options, client, contacts, leads, account, made)
        self._records = Records(options, client, contacts, leads, lookup, clock, made)
        self._marked = Once("close", Making(client), looked_too_little)
        self._changes = Changes(options, leads, lookup, account, clock)
        self._setup = Setup(options, client, contacts, leads, account)

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
        """Raises AuthFailed when the key is refused."""
        self._account.me()
        missing = [finding for finding in self._setup.prepare(apply=False) if not finding.ok]
        return [Finding("login", ok=True), *missing]

    def close(self) -> None:
        self._client.close()
