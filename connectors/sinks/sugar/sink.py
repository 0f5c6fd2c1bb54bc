"""SugarCRM and SuiteCRM: leads or contacts with an owner, tasks and notes."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.sugar.changes import Changes
from connectors.sinks.sugar.lookup import Lookup
from connectors.sinks.sugar.marked import Marked
from connectors.sinks.sugar.options import SugarCrmOptions, SugarOptions, SuiteCrmOptions
from connectors.sinks.sugar.people import People, Presence
from connectors.sinks.sugar.records import Records
from connectors.sinks.sugar.schema import Schema
from connectors.sinks.sugar.service import Service
from connectors.sinks.sugar.setup import Setup
from connectors.sinks.sugar.sugarcrm import SugarCrm
from connectors.sinks.sugar.suite_v4_1 import SuiteV41
from connectors.sinks.sugar.suite_v8 import SuiteV8
from syncd.connector import (
    FieldState,
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


class Sugar:
    """Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too."""

    def __init__(self, options: SugarOptions, service: Service, tools: Tools) -> None:
        clock = tools.clock
        self.batch = service.batch
        self._service = service
        schema = Schema(service, clock)
        self._people = people = People(service, clock)
        presence = Presence(service, clock)
        self._lookup = lookup = Lookup(options, service, schema, people, presence, clock)
        self._records = Records(options, service, schema, lookup, people, presence)
        self._marked = Marked(service, schema, people, presence)
        self._changes = Changes(options, service, schema, lookup, people, clock)
        self._setup = Setup(options, service, schema, people, tools.emits)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._lookup.find(leads)

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._people.directory.heed(self._records.upsert(orders))

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return self._people.directory.heed(self._marked.add(orders))

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return self._marked.add(orders)

    def owners(self) -> Mapping[str, OwnerRef]:
        return self._people.owners()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        return self._changes.pages(cursor)

    def prepare(self, apply: bool) -> Sequence[Finding]:  # noqa: ARG002 - neither API makes fields
        return self._setup.prepare()

    def described(self) -> Mapping[str, FieldState]:
        return self._setup.described()

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the login is refused."""
        return self._setup.check()

    def close(self) -> None:
        self._service.close()


def sugarcrm(options: SugarCrmOptions, tools: Tools) -> Sugar:
    return Sugar(options, SugarCrm(options, tools), tools)


def suitecrm(options: SuiteCrmOptions, tools: Tools) -> Sugar:
    service: Service = SuiteV8(options, tools) if options.api == "v8" else SuiteV41(options, tools)
    return Sugar(options, service, tools)
