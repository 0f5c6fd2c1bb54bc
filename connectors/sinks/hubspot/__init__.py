"""HubSpot: contacts with an owner, tasks and notes. https://developers.hubspot.com/docs/api-reference/overview

The wire is ours, not the vendor's client: that one cannot speak the dated paths, opens a pool of connections
per access, has no timeouts and repeats calls by itself.
"""

from collections.abc import Sequence

from connectors.sinks.hubspot.account import Account
from connectors.sinks.hubspot.changes import Changes
from connectors.sinks.hubspot.client import BATCH, Client
from connectors.sinks.hubspot.companies import Companies
from connectors.sinks.hubspot.lookup import Lookup
from connectors.sinks.hubspot.options import HubSpotOptions
from connectors.sinks.hubspot.owners import Owners
from connectors.sinks.hubspot.records import Records
from connectors.sinks.hubspot.schema import Schema
from connectors.sinks.hubspot.setup import Setup
from connectors.sinks.hubspot.tasks import Marked, Notes, Tasks
from connectors.sinks.hubspot.versions import version_finding
from syncd.connector import (
    AssembledSink,
    Finding,
    Parts,
    Plugin,
    Ref,
    Tools,
    check_refs,
)

REMOVED = ("task", "contact")
KINDS = ("contacts", "companies", "tasks", "notes")


class HubSpot(AssembledSink):
    """Contacts with an owner, tasks and notes."""

    batch = BATCH
    workers = 4  # nineteen calls a second of 0.2 s each

    def __init__(self, options: HubSpotOptions, tools: Tools) -> None:
        self._options, self._clock = options, tools.clock
        clock = tools.clock
        self._client = client = Client(options, tools)
        schemas = {kind: Schema(client, clock, kind) for kind in KINDS}
        contacts, tasks = schemas["contacts"], schemas["tasks"]
        self._account = account = Account(client, clock)
        self._owners = owners = Owners(client, clock)
        lookup = Lookup(options, client, contacts, owners, account)
        companies = Companies(client, schemas["companies"], clock)
        records = Records(options, client, contacts, lookup, account, companies)
        marked_tasks = Marked(options, client, tasks, account, "task", link=204)
        marked_notes = Marked(options, client, schemas["notes"], account, "note", link=202)
        changes = Changes(options, client, contacts, tasks, owners, account, clock)
        self._setup = Setup(options, client, schemas, owners)
        super().__init__(
            Parts(
                find=lookup.find,
                upsert=records.upsert,
                add_tasks=Tasks(options, marked_tasks).add,
                add_notes=Notes(marked_notes).add,
                owners=owners,
                changes=changes.pages,
                setup=self._setup,
                close=client.close,
                allowance=client.meter.allowance,
                described=self._setup.described,
            )
        )

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the token or the scope of owners is refused."""
        self._owners.probe()
        version = version_finding(self._options.api, self._clock.now())
        return [Finding("login and list of owners", ok=True), self._account.usage(), version]

    def remove(self, refs: Sequence[Ref]) -> None:
        """Into the bin, from where HubSpot restores for ninety days.

        https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/post-crm-v3-objects-contacts-batch-archive
        """
        check_refs("hubspot", refs, lambda ref: ref.object in REMOVED)
        for kind in REMOVED:
            ids = [{"id": ref.id} for ref in refs if ref.object == kind]
            if ids:
                path = f"{self._client.paths.objects}/{kind}s/batch/archive"
                self._client.read(path, what=f"removal of {kind}s", json={"inputs": ids})


plugin = Plugin(HubSpotOptions, HubSpot)
