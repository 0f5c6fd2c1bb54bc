"""Polling: every page kept with its cursor, tidied up after the commit, by one daemon at a time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest

from syncd.connector import Finding
from syncd.errors import AuthFailed, RateLimited, Refused, Rejected, Retryable, StoreBusy
from syncd.model import Page
from syncd.run.bell import Bell
from syncd.run.follower import HANDOVER
from syncd.run.health import Health
from syncd.run.intake import Intake
from syncd.run.loop import Loop
from syncd.run.poller import Poller
from syncd.store import cursors
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.together import busy
from tests.world import submission


class FakeMailbox:
    """Pages by number; a page can fail before it comes or while it is tidied up."""

    def __init__(self, pages: int = 3) -> None:
        self.count, self.settled, self.asked = pages, list[int](), list[str | None]()
        self.before: dict[int, Callable[[], object]] = {}
        self.settling: dict[int, Exception] = {}

    def pages(self, cursor: str | None) -> Iterator[Page]:
        self.asked.append(cursor)
        for number in range(int(cursor or 0) + 1, self.count + 1):
            if act := self.before.get(number):
                act()
            yield Page([submission(f"m{number}", "mail")], str(number), lambda number=number: self._settle(number))

    def _settle(self, number: int) -> None:
        if error := self.settling.pop(number, None):
            raise error
        self.settled.append(number)

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        pass


@pytest.fixture
def mailbox() -> FakeMailbox:
    return FakeMailbox()


def poller(store: Store, mailbox: FakeMailbox, holder: str = "me") -> Poller:
    health = Health(store, Intake(store.inbox, Bell()), list)
    return Poller("mail", mailbox, store.inbox, Bell(), holder, health)


def fail(error: Exception) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


def test_pages_are_kept_in_order_and_tidied_up(store: Store, mailbox: FakeMailbox) -> None:
    polling = poller(store, mailbox)

    more = polling.turn()

    assert more is False
    assert [kept.submission.key for kept in store.inbox.claim(10)[1]] == ["m1", "m2", "m3"]
    assert (mailbox.settled, cursors.read(store.database, "source:mail")) == ([1, 2, 3], "3")
    assert polling.wake.wait(0)


def test_the_next_turn_goes_on_where_the_last_one_ended(store: Store, mailbox: FakeMailbox) -> None:
    polling = poller(store, mailbox)
    polling.turn()
    mailbox.count = 5

    polling.turn()

    assert mailbox.asked == [None, "3"]
    assert mailbox.settled == [1, 2, 3, 4, 5]


def test_nothing_is_tidied_up_that_was_not_kept(store: Store, mailbox: FakeMailbox) -> None:
    polling = poller(store, mailbox)

    with busy(store.database, "INTO inbox", after=1), pytest.raises(StoreBusy):
        polling.turn()

    assert (mailbox.settled, cursors.read(store.database, "source:mail")) == ([1], "1")


def test_a_page_whose_tidying_failed_is_not_kept_twice(store: Store, mailbox: FakeMailbox) -> None:
    polling = poller(store, mailbox)
    mailbox.settling[2] = OSError("no such file")
    with pytest.raises(OSError, match="no such file"):
        polling.turn()

    polling.turn()

    assert store.inbox.waiting()[0] == 3


@pytest.mark.parametrize(
    "error",
    [Retryable("502"), AuthFailed("password"), RateLimited("slow", timedelta(seconds=1)), Refused("no"), Rejected("?")],
)
def test_trouble_is_told_by_health_until_it_is_over_and_keeps_what_came_before(
    store: Store, mailbox: FakeMailbox, error: Exception
) -> None:
    polling = poller(store, mailbox)
    mailbox.before[2] = fail(error)

    polling.turn()
    during = dict(polling.health.notes)
    mailbox.before.clear()
    polling.turn()

    assert during == {"source:mail": str(error)}
    assert polling.health.notes == {}
    assert mailbox.settled == [1, 2, 3]


def test_one_daemon_polls_and_the_next_takes_over(
    store: Store, other: Store, mailbox: FakeMailbox, clock: FakeClock
) -> None:
    mine, theirs = poller(store, mailbox), poller(other, mailbox, "them")
    mine.turn()

    waiting = theirs.turn()
    clock.advance(seconds=31)
    mailbox.count = 4
    theirs.turn()

    assert waiting == HANDOVER
    assert mailbox.settled == [1, 2, 3, 4]


def test_a_poller_that_overslept_in_the_middle_keeps_nothing_more(
    store: Store, other: Store, mailbox: FakeMailbox, clock: FakeClock
) -> None:
    theirs = poller(other, FakeMailbox(), "them")

    def oversleep() -> None:
        clock.advance(seconds=31)
        theirs.turn()

    mailbox.before[2] = oversleep

    assert poller(store, mailbox).turn() is False

    assert mailbox.settled == [1]
    assert store.inbox.waiting()[0] == 3


def test_stopping_ends_between_two_pages(store: Store, mailbox: FakeMailbox) -> None:
    loop = Loop("poller", poller(store, mailbox).turn, Bell())
    mailbox.before[3] = loop.stop

    loop.start()

    assert loop.join(10)
    assert (mailbox.settled, cursors.read(store.database, "source:mail")) == ([1, 2], "2")
