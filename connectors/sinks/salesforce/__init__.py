"""Salesforce: leads or contacts with an owner, tasks, and notes as tasks that are done.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest.htm

simple-salesforce carries the calls, by `restful` alone and with our own HTTP client below it; see `transport`.
"""

import random
from collections.abc import Sequence
from urllib.parse import quote

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.changes import Changes
from connectors.sinks.salesforce.checking import Checking
from connectors.sinks.salesforce.client import BATCH, Client
from connectors.sinks.salesforce.failures import Fault, fault_of
from connectors.sinks.salesforce.lookup import Lookup
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.owners import Owners
from connectors.sinks.salesforce.records import Records
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.setup import Setup
from connectors.sinks.salesforce.tasks import Marked, Notes, Tasks
from syncd.connector import (
    AssembledSink,
    Finding,
    Parts,
    Plugin,
    Ref,
    Refused,
    Tools,
    check_refs,
    objects_in,
)

REMOVED = ("task", "person")
GONE = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"}
KINDS = (wire.LEAD, wire.CONTACT, wire.TASK)


class Salesforce(AssembledSink):
    """Leads or contacts with an owner, tasks and notes."""

    batch = BATCH

    def __init__(self, options: SalesforceOptions, tools: Tools) -> None:
        clock, jitter = tools.clock, random.random
        self._client = client = Client(options, tools)
        schemas = {kind: Schema(client, clock, kind) for kind in KINDS}
        self._owners = owners = Owners(options, client, clock)
        lookup = Lookup(options, client, schemas, owners)
        records = Records(options, client, schemas, lookup, owners, jitter)
        task = schemas[wire.TASK]
        tasks = Tasks(options, client, Marked(options, client, task, lookup, jitter, "task"), owners)
        notes = Notes(options, client, Marked(options, client, task, lookup, jitter, "note"), owners)
        changes = Changes(options, client, schemas, owners, clock, records.owned)
        setup = Setup(options, client, schemas)
        self._checking = Checking(options, client, schemas, owners, tools)
        super().__init__(
            Parts(
                find=lambda leads: lookup.find(records.with_matches(leads)),
                upsert=records.upsert,
                add_tasks=tasks.add,
                add_notes=notes.add,
                owners=owners,
                changes=changes.pages,
                setup=setup,
                close=client.close,
                allowance=client.meter.allowance,
                described=self._checking.described,
            )
        )

    def prepare(self, apply: bool) -> Sequence[Finding]:
        self._owners.probe()
        return super().prepare(apply)

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the login is refused."""
        return self._checking.check()

    def remove(self, refs: Sequence[Ref]) -> None:
        """Into the recycle bin.

        https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_delete.htm
        """
        check_refs("salesforce", refs, lambda ref: ref.object in REMOVED)
        if not refs:
            return
        listed = ",".join(quote(ref.id) for ref in refs)
        what = "removal of records"
        path = f"composite/sobjects?ids={listed}&allOrNone=false"
        answer = self._client.write("DELETE", path, what=what, json=None)
        faults = (
            [answer] if isinstance(answer, Fault) else [fault_of(each.get("errors")) for each in objects_in(answer)]
        )
        for fault in faults:
            if fault.codes and not set(fault.codes) <= GONE:
                raise Refused(f"salesforce: {what} refused: {fault}")


plugin = Plugin(SalesforceOptions, Salesforce)
