"""One HubSpot account: everything the fake remembers."""

import random
from datetime import datetime
from threading import RLock
from typing import TypeVar

from tests.fakes.hubspot.clock import stamp
from tests.fakes.hubspot.kinds import KINDS, NOTES, TASKS, Kind
from tests.fakes.hubspot.limits import Meter
from tests.fakes.hubspot.options import Options
from tests.fakes.hubspot.owners import OwnerTable
from tests.fakes.hubspot.properties import PropertyTable
from tests.fakes.hubspot.records import Record, Table
from tests.fakes.hubspot.tokens import Tokens
from tests.fakes.service_clock import ServiceClock

FIRST_ID = 10_001
T = TypeVar("T")


class Account:
    """All calls run one at a time under `lock`; nothing here waits."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = ServiceClock(options.start)
        self.lock = RLock()
        self.empty()

    def empty(self) -> None:
        """Back to the first moment: only the owners of the options, every token as given."""
        self.clock.rewind()
        self.last_id = FIRST_ID - 1
        self.dice = random.Random(self.options.seed)
        self.owners = OwnerTable()
        self.tokens = Tokens(self.options)
        self.meter = Meter(self.options.limits)
        self.tables = {
            name: Table(kind, PropertyTable(kind, self.owners.is_active), self.options.search_lag)
            for name, kind in KINDS.items()
        }
        for email in self.options.owners:
            self.add_owner(email, email.partition("@")[0].replace(".", " ").title())

    def now(self) -> datetime:
        return self.clock.now()

    def at(self) -> str:
        """The present moment as records carry it."""
        return stamp(self.clock.now())

    def table(self, kind: Kind) -> Table:
        return self.tables[kind.name]

    def next_id(self) -> str:
        """Ids are unique across object types, so a mixed-up one cannot fit by chance."""
        self.last_id += 1
        return str(self.last_id)

    def record(self, record_id: str) -> tuple[Table, Record]:
        """The live record of this id, whatever its type; KeyError if there is none."""
        for table in self.tables.values():
            record = table.get(record_id)
            if record is not None:
                return table, record
        raise KeyError(record_id)

    def add_owner(self, email: str, name: str, *, archived: bool = False, queue: bool = False) -> str:
        return self.owners.add(email, name, self.at(), archived=archived, queue=queue)

    def unique_allowed(self, kind: Kind) -> bool:
        return self.options.unique_task_properties or kind not in {TASKS, NOTES}

    def shuffled(self, rows: list[T]) -> list[T]:
        """Results never come back in the order of the inputs, if there are two or more."""
        if len(rows) < 2:
            return rows
        mixed = rows[:]
        self.dice.shuffle(mixed)
        return mixed if mixed != rows else mixed[1:] + mixed[:1]
