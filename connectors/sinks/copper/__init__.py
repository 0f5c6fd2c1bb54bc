"""Copper: leads and people with an owner, tasks, and activities for notes. https://developer.copper.com"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from connectors.sinks.copper.account import Account
from connectors.sinks.copper.changes import Changes
from connectors.sinks.copper.client import Client
from connectors.sinks.copper.columns import Columns
from connectors.sinks.copper.lookup import Lookup
from connectors.sinks.copper.marked import Making
from connectors.sinks.copper.options import CopperOptions
from connectors.sinks.copper.records import Records
from connectors.sinks.copper.setup import Setup
from connectors.sinks.copper.wire import ADDRESSES, deleted_as
from syncd.connector import AssembledSink, FieldState, Once, Parts, Plugin, Recent, Ref, Tools, remove_each

REMEMBERED = 10_000


class Copper(AssembledSink):
    """Leads and people with an owner, tasks, and activities for notes."""

    batch = 1  # an answer that is lost leaves one order in doubt; Copper's own batches are a beta of ten

    def __init__(self, options: CopperOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        account = Account(options, client, clock)
        columns = Columns(options, account)
        made: Recent[str, str] = Recent(REMEMBERED)
        lookup = Lookup(client, account, columns, made, clock)
        once = Once("copper", Making(client, account, lookup), timedelta(seconds=options.settle))
        self._setup = Setup(options, client, account, tools.emits)
        super().__init__(
            Parts(
                find=lookup.find,
                upsert=Records(options, client, account, columns, lookup, made).upsert,
                add_tasks=once.add,
                add_notes=once.add,
                owners=account.people,
                changes=Changes(options, client, account, columns, clock).pages,
                setup=self._setup,
                close=client.close,
                allowance=client.allowance,
            )
        )

    def described(self) -> Mapping[str, FieldState]:
        return self._setup.described()

    def remove(self, refs: Sequence[Ref]) -> None:
        """https://developer.copper.com/leads/delete-a-lead.html, https://developer.copper.com/tasks/delete-a-task.html"""
        remove_each("copper", [deleted_as(ref) for ref in refs], ADDRESSES, self._client.delete)


plugin = Plugin(CopperOptions, Copper)

__all__ = ["Copper", "CopperOptions", "plugin"]
