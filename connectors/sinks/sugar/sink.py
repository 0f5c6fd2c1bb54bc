"""SugarCRM and SuiteCRM: leads or contacts with an owner, tasks and notes."""

from collections.abc import Mapping, Sequence

from connectors.sinks.sugar.changes import Changes
from connectors.sinks.sugar.failures import Fault
from connectors.sinks.sugar.lookup import Lookup
from connectors.sinks.sugar.marked import Marked
from connectors.sinks.sugar.options import SugarCrmOptions, SugarOptions, SuiteCrmOptions
from connectors.sinks.sugar.people import People, Presence
from connectors.sinks.sugar.records import Records
from connectors.sinks.sugar.schema import Schema
from connectors.sinks.sugar.service import Service, Verdict, Write
from connectors.sinks.sugar.setup import Setup
from connectors.sinks.sugar.sugarcrm import SugarCrm
from connectors.sinks.sugar.suite_v4_1 import SuiteV41
from connectors.sinks.sugar.suite_v8 import SuiteV8
from connectors.sinks.sugar.wire import is_id, place_of
from syncd.connector import AssembledSink, Delivery, Parts, Ref, Tools, check_refs, insist_on_removal


class Sugar(AssembledSink):
    """Leads or contacts with an owner, tasks and notes."""

    def __init__(self, options: SugarOptions, service: Service, tools: Tools) -> None:
        self._service, self.batch, clock = service, service.batch, tools.clock
        schema = Schema(service, clock)
        people, self._presence = People(service, clock), Presence(service, clock)
        presence = self._presence
        lookup = Lookup(options, service, schema, people, presence)
        marked = Marked(service, schema, people, presence)
        setup = Setup(options, service, schema, tools.emits)
        super().__init__(
            Parts(
                find=lookup.find,
                upsert=Records(options, service, schema, lookup, people, presence).upsert,
                add_tasks=marked.add,
                add_notes=marked.add,
                owners=people.directory,
                changes=Changes(options, service, schema, lookup, people, clock).pages,
                setup=setup,
                close=service.close,
                described=setup.described,
            )
        )

    def remove(self, refs: Sequence[Ref]) -> None:
        """Marked as deleted, as by a person: an administrator may bring them back until the CRM is told to prune."""
        places = dict.fromkeys(("Tasks", ref.id) if ref.object == "task" else place_of(ref) for ref in refs)
        check_refs(self._service.name, refs, lambda ref: ref.object in ("task", "record") and is_id(place_of(ref)[1]))
        deletions = [Write(at, *place, {}, gone=True) for at, place in enumerate(places)]
        verdicts = self._service.write(Delivery(len(deletions)), deletions)
        for place in places:
            self._presence.forget(place)
        insist_on_removal(self._service.name, map(_against, verdicts.values()))


def _against(verdict: Verdict) -> object | None:
    is_gone = isinstance(verdict, Mapping) or (isinstance(verdict, Fault) and verdict.gone)
    return None if is_gone else verdict


def sugarcrm(options: SugarCrmOptions, tools: Tools) -> Sugar:
    return Sugar(options, SugarCrm(options, tools), tools)


def suitecrm(options: SuiteCrmOptions, tools: Tools) -> Sugar:
    service: Service = SuiteV8(options, tools) if options.api == "v8" else SuiteV41(options, tools)
    return Sugar(options, service, tools)
