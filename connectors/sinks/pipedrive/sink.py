"""Pipedrive: persons with an owner, a lead or deal for each, activities and notes.

https://developers.pipedrive.com/docs/api/v1
"""

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
    AssembledSink,
    Once,
    Parts,
    Tools,
)


class Pipedrive(AssembledSink):
    """Persons with an owner, a lead or deal for each, activities and notes."""

    batch = 1  # there are no batches, and an answer that is lost leaves one order in doubt
    workers = 8  # twenty calls a second of 0.4 s each

    def __init__(self, options: PipedriveOptions, tools: Tools) -> None:
        clock = tools.clock
        client = Client(options, tools)
        persons, deals = Schema(client, clock, "personFields"), Schema(client, clock, "dealFields")
        account = Account(client, clock)
        made = Made()
        lookup = Lookup(options, client, persons, account, made, clock)
        openings = Openings(options, client, persons, deals)
        records = Records(options, client, persons, lookup, openings, account, made)
        marked = Once("pipedrive", Making(options, client, openings, account))
        changes = Changes(options, client, persons, deals, lookup, account, clock)
        setup = Setup(options, client, persons, deals, account)
        super().__init__(
            Parts(
                find=lookup.find,
                upsert=records.upsert,
                add_tasks=marked.add,
                add_notes=marked.add,
                owners=account.users,
                changes=changes.pages,
                setup=setup,
                close=client.close,
                allowance=client.meter.allowance,
                described=setup.described,
            )
        )
