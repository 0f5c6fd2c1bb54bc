"""SugarCRM and SuiteCRM: leads or contacts with an owner, tasks and notes."""

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
from syncd.connector import AssembledSink, Parts, Tools


class Sugar(AssembledSink):
    """Leads or contacts with an owner, tasks and notes."""

    def __init__(self, options: SugarOptions, service: Service, tools: Tools) -> None:
        self.batch, clock = service.batch, tools.clock
        schema = Schema(service, clock)
        people, presence = People(service, clock), Presence(service, clock)
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


def sugarcrm(options: SugarCrmOptions, tools: Tools) -> Sugar:
    return Sugar(options, SugarCrm(options, tools), tools)


def suitecrm(options: SuiteCrmOptions, tools: Tools) -> Sugar:
    service: Service = SuiteV8(options, tools) if options.api == "v8" else SuiteV41(options, tools)
    return Sugar(options, service, tools)
