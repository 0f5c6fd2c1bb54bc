"""Close: leads with their contacts and an owner, tasks and notes.

https://developer.close.com/api
"""

from collections.abc import Sequence

from connectors.sinks.close.account import Account
from connectors.sinks.close.changes import Changes
from connectors.sinks.close.client import API, Client
from connectors.sinks.close.lookup import Lookup
from connectors.sinks.close.marked import Making
from connectors.sinks.close.options import CloseOptions
from connectors.sinks.close.records import Records
from connectors.sinks.close.schema import Schema
from connectors.sinks.close.setup import Setup
from syncd.connector import (
    AssembledSink,
    Once,
    Parts,
    Recent,
    Ref,
    Tools,
    remove_each,
)

REMEMBERED = 10_000
ADDRESSES = {"lead": f"{API}/lead/{{id}}/", "task": f"{API}/task/{{id}}/"}


class Close(AssembledSink):
    """Leads with their contacts and an owner, tasks and notes."""

    batch = 1  # there are no batches, and an answer that is lost leaves one order in doubt
    workers = 8  # twenty calls a second of 0.4 s each

    def __init__(self, options: CloseOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        contacts, leads = Schema(client, clock, "contact"), Schema(client, clock, "lead")
        account = Account(client, clock)
        made: Recent[str, str] = Recent(REMEMBERED)
        lookup = Lookup(options, client, contacts, leads, account, made)
        records = Records(options, client, contacts, leads, lookup, made)
        marked = Once("close", Making(client))
        changes = Changes(options, leads, lookup, account, clock)
        setup = Setup(options, client, contacts, leads, account)
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

    def remove(self, refs: Sequence[Ref]) -> None:
        """A lead goes with its contacts and all that hangs on it. https://developer.close.com/api/resources/leads/delete"""
        remove_each("close", refs, ADDRESSES, self._client.delete)
