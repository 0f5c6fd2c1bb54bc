"""The core in one process on a store that stumbles, driven as its real callers drive it: they all try again.

A provider sends until it is answered 200, a loop takes its turn again, a person repeats the command. After each
failure, and at the end, an eye of its own on the file sees whether anything is half done.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, select

from syncd.connector import AlertMessage, AlertRef, Finding
from syncd.errors import Rejected, StoreBusy, StoreError
from syncd.model import Page, Submission
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.poller import Poller
from syncd.run.timekeeper import Timekeeper
from syncd.store.content import load
from syncd.store.database import Database
from syncd.store.proof import prove
from syncd.store.schema import cursors, inbox, leads, orders, timers
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.world import World

PATIENCE = 40
"""Tries of whoever wants something of the store; more than any fault lasts."""


@dataclass
class Mailbox:
    """A source that is polled: page by page, tidied up after the commit."""

    mails: list[Submission] = field(default_factory=list)
    settled: int = 0

    def pages(self, cursor: str | None) -> Iterator[Page]:
        for number in range(int(cursor or 0), len(self.mails)):
            yield Page([self.mails[number]], str(number + 1), self._settle)

    def _settle(self) -> None:
        self.settled += 1

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Chat:
    heard: list[AlertMessage] = field(default_factory=list)

    def send(self, message: AlertMessage) -> AlertRef:
        self.heard.append(message)
        return AlertRef(message.mark)

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        """Nothing is open."""


class Turning(Protocol):
    def turn(self) -> object: ...


class Stage(World):
    def __init__(self, store: Store, clock: FakeClock, eye: Database) -> None:
        super().__init__(store, clock)
        self.eye, self.wrong = eye, list[str]()
        self.dispatcher._sleep = lambda _: None
        self.mailbox, self.chat = Mailbox(), Chat()
        health = Health(store, Intake(store.inbox, Bell()), list)
        self.poller = Poller("mail", self.mailbox, store.inbox, Bell(), "me", health)
        self.keeper = Timekeeper(store.database, lambda: {"chat": self.chat}, lambda: self.playbook)

    def send(self, *submissions: Submission) -> None:
        """A 200 is given for nothing that is not in the file."""
        self.insist(lambda: self.receive(*submissions))
        with self.eye.read() as tx:
            kept = set(_rows(tx, inbox.c.source, inbox.c.key))
        self.wrong += [
            f"200 for {one.key}, which is not kept" for one in submissions if (one.source, one.key) not in kept
        ]

    def insist(self, action: Callable[[], object]) -> None:
        """Until the store takes it. An answer that was lost may make the repeat find that it is done already."""
        for _ in range(PATIENCE):
            try:
                action()
            except (StoreBusy, StoreError):
                self.clock.advance(seconds=1)
            except Rejected:
                return
            else:
                return
        self.wrong.append("the store never took it")

    def loops(self, rounds: int = 2, seconds: float = 40, others: Sequence[Turning] = ()) -> None:
        """The planner and the dispatcher take their turns, and the others that a scenario is about."""
        for _ in range(rounds):
            for each in (self.planner, self.dispatcher, *others):
                with suppress(StoreBusy, StoreError):
                    each.turn()
            self.clock.advance(seconds=seconds)

    def parked(self) -> list[str]:
        """What a person finds when they look, again and again, for something that waits for them."""
        for _ in range(PATIENCE):
            with suppress(StoreBusy, StoreError):
                if lines := self.store.reports.parked():
                    return [line.id for line in lines]
            self.loops(1)
        self.wrong.append("nothing was ever parked")
        return []

    def watch(self) -> None:
        """The balance holds at any moment, whoever is in the middle of something."""
        proof = prove(self.eye)
        if not proof.holds:
            self.wrong.append(f"half done: {[check for check in proof.checks if check.broken] or proof.classes}")

    def picture(self) -> dict[str, Any]:
        """All that a run without trouble leaves, but for times and the count of repeats."""
        with self.eye.read() as tx:
            return {
                "inbox": _rows(tx, inbox.c.source, inbox.c.key, inbox.c.state),
                "leads": sorted(_lead(row) for row in tx.execute(select(leads))),
                "orders": _rows(tx, orders.c.mark, orders.c.kind, orders.c.state, orders.c.wanted - orders.c.done),
                "cursors": _rows(tx, cursors.c.name, cursors.c.value),
                "timers": _rows(tx, timers.c.lead_id, timers.c.kind, timers.c.state),
                "records": sorted(map(_timeless, self.crm.records.values())),
                "tasks": sorted(self.crm.tasks),
                "notes": sorted(self.crm.notes),
                "owners": sorted(self.crm.owner_of.values()),
                "reminders": sorted({message.mark.partition("-")[0] for message in self.chat.heard}),
            }


def _rows(tx: Connection, *columns: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in tx.execute(select(*columns)))


def _lead(row: Any) -> tuple[Any, ...]:
    return row.id, row.state, row.owner, _timeless(load(row.fields)), row.interactions, bool(row.open_task)


def _timeless(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """But for times, and for which of two questions came to an empty record first."""
    return sorted((name, value) for name, value in fields.items() if name not in ("first_touch_at", "message"))
