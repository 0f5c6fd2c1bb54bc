"""Streak: boxes of a pipeline with their contact and who they are assigned to, tasks, and comments for notes.

https://streak.readme.io/reference
"""

from collections.abc import Mapping
from datetime import timedelta

from connectors.sinks.streak.changes import Changes
from connectors.sinks.streak.client import Client
from connectors.sinks.streak.contacts import Contacts
from connectors.sinks.streak.lookup import Lookup
from connectors.sinks.streak.marked import Making
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from connectors.sinks.streak.records import Records
from connectors.sinks.streak.setup import Setup
from syncd.connector import AssembledSink, FieldState, Once, Parts, Plugin, Recent, Tools

REMEMBERED = 10_000


class Streak(AssembledSink):
    """Boxes of a pipeline with their contact and who they are assigned to, tasks, and comments for notes."""

    batch = 1  # there are no batches, and an answer that is lost leaves one order in doubt
    workers = 8  # twenty calls a second of 0.4 s each

    def __init__(self, options: StreakOptions, tools: Tools) -> None:
        clock = tools.clock
        client = Client(options, tools)
        pipeline = Pipeline(options, client, clock)
        made: Recent[str, str] = Recent(REMEMBERED)
        lookup = Lookup(options, client, pipeline, made, clock)
        contacts = Contacts(options, client, pipeline)
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


plugin = Plugin(StreakOptions, Streak)

__all__ = ["Streak", "StreakOptions", "plugin"]
