"""Odoo: leads of its CRM with a salesperson, activities and notes.

https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
"""

from collections.abc import Sequence
from datetime import timedelta

from connectors.sinks.odoo.changes import Changes
from connectors.sinks.odoo.client import Client
from connectors.sinks.odoo.failures import Fault
from connectors.sinks.odoo.leads import MODEL, Leads
from connectors.sinks.odoo.marked import Making
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.people import People
from connectors.sinks.odoo.schema import Schema
from connectors.sinks.odoo.setup import Setup
from syncd.connector import (
    AssembledSink,
    Once,
    Parts,
    Ref,
    Tools,
    check_refs,
    insist_on_removal,
)

MODELS = {"lead": MODEL, "activity": "mail.activity"}


class Odoo(AssembledSink):
    """Leads of its CRM with a salesperson, activities and notes."""

    batch = 1  # what is made in one call is made or refused together, and a lost answer leaves one order in doubt

    def __init__(self, options: OdooOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        schema = Schema(options, client, clock)
        people = People(client, clock)
        self._leads = leads = Leads(options, client, schema, people, clock)
        making = Making(options, client, people, leads.there)
        marked = Once("odoo", making, timedelta(seconds=options.settle))
        changes = Changes(options, client, schema, leads, people, clock)
        setup = Setup(options, client, schema, people, making)
        super().__init__(
            Parts(
                find=leads.find,
                upsert=leads.upsert,
                add_tasks=marked.add,
                add_notes=marked.add,
                owners=people,
                changes=changes.pages,
                setup=setup,
                close=client.close,
                described=setup.described,
            )
        )

    def remove(self, refs: Sequence[Ref]) -> None:
        """For good, a lead with all that hangs on it; one by one, for one that is gone would keep the others of a call.

        https://www.odoo.com/documentation/19.0/developer/reference/backend/orm.html#odoo.models.Model.unlink
        """
        check_refs("odoo", refs, lambda ref: ref.object in MODELS and ref.id.isdecimal())
        insist_on_removal("odoo", map(self._unlink, refs))

    def _unlink(self, ref: Ref) -> Fault | None:
        if ref.object == "lead":
            self._leads.there.forget(int(ref.id))
        return self._client.unlink(MODELS[ref.object], int(ref.id))
