"""The sink: its parts, and which of them does what."""

from collections.abc import Sequence

from connectors.sinks.dynamics.changes import Changes
from connectors.sinks.dynamics.checking import Checking
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.lookup import Lookup
from connectors.sinks.dynamics.marked import Notes, Tasks
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.owners import Owners
from connectors.sinks.dynamics.records import Records
from connectors.sinks.dynamics.removal import remove
from connectors.sinks.dynamics.schema import Schema
from connectors.sinks.dynamics.setup import Setup
from syncd.connector import AssembledSink, Finding, Parts, Ref, Tools


class Dynamics(AssembledSink):
    """Leads or contacts with an owner, tasks and notes."""

    def __init__(self, options: DynamicsOptions, tools: Tools) -> None:
        self.batch = options.batch
        self._client = client = Client(options, tools)
        owners = Owners(options, client, tools.clock)
        schema = Schema(client, tools.clock)
        lookup = Lookup(options, client, schema, owners)
        records = Records(options, client, schema, lookup)
        changes = Changes(options, client, schema, lookup, owners, records, tools.clock)
        setup = Setup(options, client, schema)
        self._checking = Checking(options, client, schema, owners, tools)
        super().__init__(
            Parts(
                find=lookup.find,
                upsert=records.upsert,
                add_tasks=Tasks(client, schema, lookup, owners).add,
                add_notes=Notes(options, client, schema, lookup).add,
                owners=owners,
                changes=changes.pages,
                setup=setup,
                close=client.close,
                allowance=client.allowance,
                described=setup.described,
            )
        )

    def check(self) -> Sequence[Finding]:
        """What `prepare` does not look at. Raises AuthFailed when the login is refused."""
        return self._checking.check()

    def remove(self, refs: Sequence[Ref]) -> None:
        """In one batch, for good where the environment keeps no deleted records."""
        remove(self._client, refs)
