"""The simulation in small: some seeds hold, and a core with a fault built in is caught."""

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from syncd.connector import Outcome, TaskOrder
from syncd.errors import Ambiguous, StoreBusy
from syncd.model import Done, Page, Ref, Submission
from syncd.run.dispatcher import Dispatcher
from syncd.run.poller import Poller
from syncd.store import cursors
from syncd.store.inbox import Inbox
from syncd.store.keeping import Accepted
from syncd.store.leads import Leads
from syncd.store.orders import Orders
from syncd.store.outcomes import Settled
from tests.battery.simulation import log_of_nobody, weathered
from tests.battery.storm.connector import Connector
from tests.battery.storm.daemon import Cast

SEEDS = (
    151,  # a rep finished a task before its lost answer was found: the signal was about nobody, and was gone
    109,  # the clock went back an hour: nobody polled until the lease of a dead daemon ran out
    3150,  # a contact was deleted between look-up and write: it came back without owner and address
    4001,  # the clock went on a day: a reminder was given up after its first try
    19367,  # a task was made after four looks, a bug ate the answer: it was made again a second later
    22223,  # the same, and the clock went on a day: it was made again although the first was still on its way
    48299,  # a rep merged a contact into one with a title typed long ago, between look-up and write
    54819,  # a daemon slept past its lease before it asked who is known, and wrote the older words over the newer
    80868,  # the clock went on a day between two tries of a reminder: it was given up
    85663,  # a daemon slept past its lease between the last look at it and the write
    87007,  # the clock went back an hour and came by the same moment again: a look-up seemed to be fresh
    100025,  # the clock went back an hour, and an older doubt was taken for a newer one: a note was made twice
    100349,  # the same
    1000281,  # a signal about a contact that was not ours yet was said again when it was
)
FIXED = range(100)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with log_of_nobody():
        yield


def broken(seeds: Sequence[int], cast: Cast | None = None) -> list[str]:
    return [f"seed {ending.seed}: {ending.broken}" for ending in weathered(seeds, cast) if ending.broken]


def test_seeds_that_once_failed_hold() -> None:
    assert broken(SEEDS) == []


@pytest.mark.parametrize("first", FIXED[::20])
def test_every_promise_holds_whatever_fails_in_the_usual_seeds(first: int) -> None:
    assert broken(range(first, first + 20)) == []


def test_every_promise_holds_whatever_fails_in_seeds_nobody_has_seen() -> None:
    first = random.SystemRandom().randrange(2**31)

    assert broken(range(first, first + 30)) == [], f"first seed: {first}"


def test_a_seed_tells_the_same_story_each_time() -> None:
    first, second = weathered([7]), weathered([7])

    assert next(first).trace == next(second).trace


# what the simulation must see: each of these cores has one fault, and nothing else is wrong with it


class YesSayer(Inbox):
    """Answers before anything is kept."""

    def accept(self, submissions: Sequence[Submission]) -> Accepted:
        with suppress(StoreBusy):
            return super().accept(submissions)
        return Accepted(len(submissions), 0)


class Eager(Inbox):
    """Moves the cursor first and keeps the page in a second transaction."""

    def accept_page(self, source: str, page: Page, fence: int | None = None, late: datetime | None = None) -> Accepted:
        with self.database.write() as tx:
            cursors.move(tx, f"source:{source}", page.cursor or "", self.database.now_us())
        return self.accept(page.submissions)


class Doubling(Connector):
    """Sends again what was not answered, as HTTP libraries do."""

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        with suppress(Ambiguous):
            return super().add_tasks(orders)
        return super().add_tasks(orders)


class ByPosition(Connector):
    """Takes the answers of a batch for those of other orders."""

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        outcomes = list(super().add_tasks(orders))
        return outcomes[1:] + outcomes[:1]


class Boastful(Connector):
    """Says that it made what was never answered."""

    def add_notes(self, orders: Sequence[Any]) -> Sequence[Outcome]:
        try:
            return super().add_notes(orders)
        except Ambiguous:
            return [Done(replace(order.record, object="note", id=f"made-{order.mark}")) for order in orders]


class Trustful(Orders):
    """What was in a dead daemon's hands is sent anew, as if it had never been sent."""

    def _take(self, *args: Any) -> Any:
        token, claimed = super()._take(*args)
        return token, [replace(order, sent_at=None) for order in claimed]


class Fenceless(Orders):
    """Saves its outcomes whoever has taken the orders over meanwhile."""

    def settle(self, token: str, sink: str, results: Sequence[Settled]) -> None:
        marks = ", ".join(str(result.order.id) for result in results)
        with self.database.write() as tx:
            tx.exec_driver_sql(f"UPDATE orders SET lease = '{token}' WHERE id IN ({marks})")  # noqa: S608
        super().settle(token, sink, results)


class Forgetful(Leads):
    """Moves the cursor past signals that it has not acted on."""

    def hear(self, sink: str, found: Any, cursor: str, fence: int) -> int:
        return super().hear(sink, (), cursor, fence)


class Dropping(Dispatcher):
    """What a sink has refused is called done."""

    def _settled(self, order: Any, outcome: Outcome, **how: Any) -> Settled:
        return super()._settled(order, outcome, **how) if isinstance(outcome, Done) else self._gone(order)

    def _gone(self, order: Any) -> Settled:
        return Settled(order, Done(order.ref or order.record or replace(_NOWHERE, id=order.mark)))


class Hasty(Poller):
    """Tidies up before the page is kept."""

    def _read(self, fence: int) -> None:
        for page in self.source.pages(cursors.read(self.inbox.database, f"source:{self.name}")):
            if page.settle:
                page.settle()
            self.inbox.accept_page(self.name, page, fence)


_NOWHERE = Ref("contact", "0")

FAULTS = {
    "a yes before the commit": (Cast(inbox=YesSayer), ("Inbox.accept",), "nothing lost"),
    "a cursor before its page": (Cast(inbox=Eager), ("Inbox.accept", "poller: death"), "nothing lost"),
    "a page tidied up before it is kept": (Cast(poller=Hasty), ("",), "nothing lost"),
    "a call that is sent again at once": (Cast(connector=Doubling), ("crm tasks: answer lost",), "nothing doubled"),
    "a batch mapped by position": (Cast(connector=ByPosition), ("crm owners",), ""),
    "a lost answer taken for a yes": (Cast(connector=Boastful), ("crm notes: lost",), "nothing lost"),
    "no doubt after a death": (Cast(orders=Trustful), ("crm tasks: answer lost",), "nothing doubled"),
    "no fence": (Cast(orders=Fenceless), ("stopped before Fenceless.settle", "answer lost"), "terminal is final"),
    "signals nobody acts on": (Cast(leads=Forgetful), ("heartbeat",), "nobody forgotten"),
    "a refusal taken for a yes": (Cast(dispatcher=Dropping), ("refused",), ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_simulation_sees(fault: str) -> None:
    cast, sites, promise = FAULTS[fault]
    found = next((ending.broken for ending in weathered(range(20, 60), cast, sites) if ending.broken), "")

    assert found != ""
    assert found.startswith(promise)
