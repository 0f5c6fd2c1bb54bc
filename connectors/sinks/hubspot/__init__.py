"""HubSpot: contacts with an owner, tasks and notes. https://developers.hubspot.com/docs/api-reference/overview

The wire is ours, not the vendor's client: that one cannot speak the dated paths, opens a pool of connections
per access, has no timeouts and repeats calls by itself.
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.hubspot.account import Account
from connectors.sinks.hubspot.changes import Changes
from connectors.sinks.hubspot.client import BATCH, Client
from connectors.sinks.hubspot.companies import Companies
from connectors.sinks.hubspot.lookup import Lookup
from connectors.sinks.hubspot.options import HubSpotOptions
from connectors.sinks.hubspot.owners import Owners
from connectors.sinks.hubspot.records import Records
from connectors.sinks.hubspot.schema import Schema
from connectors.sinks.hubspot.setup import Setup
from connectors.sinks.hubspot.tasks import Marked, Notes, Tasks
from connectors.sinks.hubspot.versions import version_finding
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

KINDS = ("contacts", "companies", "tasks", "notes")


class HubSpot:
    """Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too."""

    batch = BATCH

    def __init__(self, options: HubSpotOptions, tools: Tools) -> None:
        self._options, self._clock = options, tools.clock
        clock = tools.clock
        self._client = client = Client(options, tools)
        schemas = {kind: Schema(client, clock, kind) for kind in KINDS}
        contacts, tasks = schemas["contacts"], schemas["tasks"]
        self._account = account = Account(client, clock)
        self._owners = owners = Owners(client, clock)
        self._lookup = Lookup(options, client, contacts, owners, account)
        companies = Companies(client, schemas["companies"], clock)
        self._records = Records(options, client, contacts, self._lookup, account, companies)
        marked_tasks = Marked(options, client, tasks, account, "task", link=204)
        marked_notes = Marked(options, client, schemas["notes"], account, "note", link=202)
        self._tasks = Tasks(options, marked_tasks)
        self._notes = Notes(marked_notes)
        self._changes = Changes(options, client, contacts, tasks, owners, account, clock)
        self._setup = Setup(options, client, schemas, owners)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._lookup.find(leads)

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

    def described(self) -> Mapping[str, FieldState]:
        return self._setup.described()

    def allowance(self) -> Allowance | None:
        return self._client.meter.allowance()

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the token or the scope of owners is refused."""
        self._owners.probe()
        return [Finding("login and list of owners", ok=True), self._account.usage(), self._version()]

    def _version(self) -> Finding:
        return version_finding(self._options.api, self._clock.now())

    def close(self) -> None:
        self._client.close()


plugin = Plugin(HubSpotOptions, HubSpot)
