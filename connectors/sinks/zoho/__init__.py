"""Zoho CRM: leads or contacts with an owner, tasks and notes. https://www.zoho.com/crm/developer/docs/api/v8/"""

from collections.abc import Sequence

from connectors.sinks.zoho.activities import Marked
from connectors.sinks.zoho.changes import Changes
from connectors.sinks.zoho.client import BATCH, Client
from connectors.sinks.zoho.lookup import Lookup
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.owners import Owners
from connectors.sinks.zoho.people import People
from connectors.sinks.zoho.records import Records
from connectors.sinks.zoho.removal import Removal
from connectors.sinks.zoho.schema import Schema
from connectors.sinks.zoho.setup import Setup
from connectors.sinks.zoho.tasks import Notes, Tasks
from syncd.connector import (
    AssembledSink,
    Finding,
    Parts,
    Plugin,
    Ref,
    Tools,
)

KINDS = ("Leads", "Contacts", "Tasks")


class Zoho(AssembledSink):
    """Leads or contacts with an owner, tasks and notes."""

    batch = BATCH

    def __init__(self, options: ZohoOptions, tools: Tools) -> None:
        clock = tools.clock
        client = Client(options, tools)
        schemas = {kind: Schema(client, clock, kind) for kind in KINDS}
        owners = Owners(client, clock)
        lookup = Lookup(options, client, schemas, owners)
        records = Records(options, client, schemas, lookup)
        tasks = Tasks(options, client, Marked(options, client, lookup, "Tasks", schemas["Tasks"]))
        notes = Notes(options, client, Marked(options, client, lookup, "Notes", None))
        people = People(options, client, schemas, owners, lookup)
        changes = Changes(options, client, schemas["Tasks"], people, lookup, clock)
        self._setup = Setup(options, client, schemas, owners, tools.emits)
        self._removal = Removal(options, client)
        super().__init__(
            Parts(
                find=lookup.find,
                upsert=records.upsert,
                add_tasks=tasks.add,
                add_notes=notes.add,
                owners=owners,
                changes=changes.pages,
                setup=self._setup,
                close=client.close,
                allowance=client.meter.allowance,
                described=self._setup.described,
            )
        )

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the grant or the scope of users is refused."""
        return self._setup.check()

    def remove(self, refs: Sequence[Ref]) -> None:
        """Into the recycle bin."""
        self._removal.remove(refs)


plugin = Plugin(ZohoOptions, Zoho)
