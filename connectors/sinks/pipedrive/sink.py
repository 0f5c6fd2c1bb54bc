"""Pipedrive: persons with an owner, a lead or deal for each, activities and notes.

https://developers.pipedrive.com/docs/api/v1
"""

from collections.abc import Iterator, Sequence

from connectors.sinks.pipedrive.account import Account
from connectors.sinks.pipedrive.changes import Changes
from connectors.sinks.pipedrive.client import V2, Client
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
    Ref,
    Tools,
    address_of,
    insist_on_removal,
)

PERSONS = f"{V2}/persons/"
ADDRESSES = {"person": f"{PERSONS}{{id}}", "activity": f"{V2}/activities/{{id}}"}


class Pipedrive(AssembledSink):
    """Persons with an owner, a lead or deal for each, activities and notes."""

    batch = 1  # there are no batches, and an answer that is lost leaves one order in doubt
    workers = 8  # twenty calls a second of 0.4 s each

    def __init__(self, options: PipedriveOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        persons, deals = Schema(client, clock, "personFields"), Schema(client, clock, "dealFields")
        account = Account(client, clock)
        made = Made()
        lookup = Lookup(options, client, persons, account, made, clock)
        self._openings = openings = Openings(options, client, persons, deals)
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

    def remove(self, refs: Sequence[Ref]) -> None:
        """A person goes with the lead or deal that syncd has made for them. All but leads can be restored for a month.

        https://developers.pipedrive.com/docs/api/v1/Persons#deletePerson
        """
        addresses = [address_of("pipedrive", ref, ADDRESSES) for ref in refs]
        insist_on_removal("pipedrive", map(self._client.delete, self._with_openings(addresses)))

    def _with_openings(self, addresses: Sequence[str]) -> Iterator[str]:
        """Each before its person: once that is gone, nothing tells whose it was."""
        for address in addresses:
            if address.startswith(PERSONS) and (opening := self._openings.made_for(address)):
                yield opening
            yield address
