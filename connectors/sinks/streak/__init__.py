"""Streak: boxes of a pipeline with their contact and who they are assigned to, tasks, and comments for notes.

https://streak.readme.io/reference
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from connectors.sinks.streak.changes import Changes
from connectors.sinks.streak.client import V1, V2, Client
from connectors.sinks.streak.contacts import Contacts
from connectors.sinks.streak.lookup import Lookup
from connectors.sinks.streak.marked import Making
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from connectors.sinks.streak.records import Records
from connectors.sinks.streak.setup import Setup
from syncd.connector import (
    AssembledSink,
    FieldState,
    Once,
    Parts,
    Plugin,
    Recent,
    Ref,
    Tools,
    address_of,
    insist_on_removal,
)

REMEMBERED = 10_000
BOXES = f"{V1}/boxes/"
ADDRESSES = {"box": f"{BOXES}{{id}}", "task": f"{V2}/tasks/{{id}}"}


class Streak(AssembledSink):
    """Boxes of a pipeline with their contact and who they are assigned to, tasks, and comments for notes."""

    batch = 1  # there are no batches, and an answer that is lost leaves one order in doubt
    workers = 8  # twenty calls a second of 0.4 s each

    def __init__(self, options: StreakOptions, tools: Tools) -> None:
        clock = tools.clock
        self._client = client = Client(options, tools)
        pipeline = Pipeline(options, client, clock)
        made: Recent[str, str] = Recent(REMEMBERED)
        lookup = Lookup(options, client, pipeline, made, clock)
        self._contacts = contacts = Contacts(options, client, pipeline)
        once = Once("streak", Making(client, pipeline), timedelta(seconds=options.settle))
        self._setup = Setup(options, client, pipeline)
        super().__init__(
            Parts(
                find=lookup.find,
                upsert=Records(options, client, pipeline, contacts, lookup, made).upsert,
                add_tasks=once.add,
                add_notes=once.add,
                owners=pipeline.people,
                changes=Changes(options, client, pipeline, lookup, clock).pages,
                setup=self._setup,
                close=client.close,
                allowance=client.allowance,
            )
        )

    def described(self) -> Mapping[str, FieldState]:
        return self._setup.described()

    def remove(self, refs: Sequence[Ref]) -> None:
        """For good, a box with all that hangs on it. https://streak.readme.io/reference/delete-a-box"""
        addresses = [address_of("streak", ref, ADDRESSES) for ref in refs]
        insist_on_removal("streak", map(self._client.delete, self._with_contacts(addresses)))

    def _with_contacts(self, addresses: Sequence[str]) -> Iterator[str]:
        """Those of a probe, each before its box: once that is gone, nothing names it."""
        for address in addresses:
            if address.startswith(BOXES):
                yield from self._contacts.of_nobody(address)
            yield address


plugin = Plugin(StreakOptions, Streak)

__all__ = ["Streak", "StreakOptions", "plugin"]
