"""Reading back: page by page, cursor and consequences together, by one daemon at a time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from syncd.errors import Ambiguous, AuthFailed, Retryable, StoreBusy
from syncd.model import LeadState, OwnerRef, Ref, Signal, SignalKind, SignalPage
from syncd.run.bell import Bell
from syncd.run.follower import HANDOVER, TURN, Follower
from syncd.run.loop import Loop
from syncd.store import cursors
from syncd.testing.clock import FakeClock
from tests.together import busy
from tests.world import World, submission

RECORD = Ref("contact", "100")


@pytest.fixture
def sold(world: World, clock: FakeClock) -> World:
    """One lead stands in the CRM, and five minutes have passed."""
    world.receive(submission())
    world.settle()
    clock.advance(minutes=5)
    return world


def answered(world: World) -> Signal:
    return Signal(SignalKind.ANSWERED, RECORD, world.clock.now())


def cursor(world: World) -> str | None:
    return cursors.read(world.store.database, "changes:crm")


def test_what_a_rep_did_moves_the_lead_once(sold: World) -> None:
    sold.crm.pages = [SignalPage([answered(sold)], "7")]

    turns = sold.follower.turn(), sold.follower.turn()

    (line,) = sold.leads()
    assert turns == (False, False)
    assert (line.lead.state, cursor(sold)) == (LeadState.ATTEMPTED, "7")
    assert [event.event for event in sold.story(line.lead.id).events].count("signal: answered") == 1


def test_what_was_said_of_a_task_before_we_knew_that_it_is_ours_counts_once_we_know(
    world: World, clock: FakeClock
) -> None:
    world.receive(submission())
    world.crm.lost["tasks"] = [Ambiguous("no answer")]
    world.settle()
    (mark,) = world.crm.tasks
    clock.advance(seconds=1)
    done = Signal(SignalKind.TASK_DONE, Ref("task", f"t-{mark}"), clock.now())
    world.crm.pages = [SignalPage([done], "1")]
    world.follower.turn()
    clock.advance(seconds=2)
    world.settle()  # the look finds the task, and the signal does not come again

    def nothing_new(_: str | None) -> Iterator[SignalPage]:
        yield from ()

    world.crm.changes = nothing_new  # type: ignore[method-assign]
    world.follower.turn()

    (line,) = world.leads()
    assert (line.lead.open_task, line.lead.state) == ("", LeadState.ATTEMPTED)
    assert [event.event for event in world.story(line.lead.id).events].count("signal: task_done") == 1


def test_what_is_said_of_strangers_is_not_kept_when_nothing_is_in_doubt(sold: World) -> None:
    sold.crm.pages = [SignalPage([Signal(SignalKind.ANSWERED, Ref("contact", "9"), sold.clock.now())], "1")]

    sold.follower.turn()

    assert cursors.read(sold.store.database, "early:crm") is None


def test_pages_are_kept_one_by_one(sold: World) -> None:
    def changes(_: str | None) -> Iterator[SignalPage]:
        yield SignalPage([answered(sold)], "1")
        raise Retryable("502")

    sold.crm.changes = changes  # type: ignore[method-assign]
    sold.follower.turn()

    assert cursor(sold) == "1"
    assert sold.leads()[0].lead.answered_at is not None


@pytest.mark.parametrize(
    ("owner", "ours"), [(OwnerRef("2", "TOM@example.com"), "tom"), (OwnerRef("9", "zoe@example.com"), "crm:9")]
)
def test_a_user_of_the_crm_becomes_somebody_we_know(sold: World, owner: OwnerRef, ours: str) -> None:
    sold.crm.pages = [SignalPage([Signal(SignalKind.OWNER_CHANGED, RECORD, sold.clock.now(), owner=owner)], "1")]

    sold.follower.turn()

    assert sold.leads()[0].lead.owner == ours


@pytest.mark.parametrize("error", [Retryable("502"), AuthFailed("the token was revoked")])
def test_trouble_leaves_the_cursor_where_it_was(sold: World, error: Exception) -> None:
    def changes(_: str | None) -> Iterator[SignalPage]:
        raise error
        yield

    sold.crm.changes = changes  # type: ignore[method-assign]

    assert sold.follower.turn() is False
    assert cursor(sold) is None


def test_a_crash_before_the_commit_is_read_again(sold: World) -> None:
    sold.crm.pages = [SignalPage([answered(sold)], "7")]
    with busy(sold.store.database, "cursors SET"), pytest.raises(StoreBusy):
        sold.follower.turn()
    before = sold.leads()[0].lead.state
    sold.follower.turn()

    assert (before, sold.leads()[0].lead.state) == (LeadState.ASSIGNED, LeadState.ATTEMPTED)


def test_a_paused_sink_is_not_read(sold: World) -> None:
    sold.store.sinks.pause("crm", "outage", "502", timedelta(minutes=1))
    sold.clock.advance(seconds=1)
    sold.crm.pages = [SignalPage([answered(sold)], "7")]

    assert sold.follower.turn() is False
    assert cursor(sold) is None


def test_another_daemon_waits_for_the_lease_and_then_takes_over(sold: World, clock: FakeClock) -> None:
    sold.crm.pages = [SignalPage([answered(sold)], "7")]
    another = Follower(sold.line, sold.store.leads, lambda: sold.playbook, "another")
    sold.follower.turn()

    waiting = another.turn()
    clock.advance(seconds=31)
    sold.crm.pages = [SignalPage([], "8")]
    another.turn()

    assert (waiting, cursor(sold)) == (HANDOVER, "8")


def test_a_reader_that_overslept_in_the_middle_changes_nothing(sold: World, clock: FakeClock) -> None:
    another = Follower(sold.line, sold.store.leads, lambda: sold.playbook, "another")

    def changes(_: str | None) -> Iterator[SignalPage]:
        clock.advance(seconds=31)
        sold.crm.changes = lambda _: iter([SignalPage([], "theirs")])  # type: ignore[method-assign]
        another.turn()
        yield SignalPage([answered(sold)], "mine")

    sold.crm.changes = changes  # type: ignore[method-assign]

    assert sold.follower.turn() is False
    assert (cursor(sold), sold.leads()[0].lead.answered_at) == ("theirs", None)


def test_a_long_look_goes_on_turn_by_turn_where_it_stopped(sold: World, clock: FakeClock) -> None:
    asked: list[str | None] = []

    def changes(since: str | None) -> Iterator[SignalPage]:
        asked.append(since)
        for number in range(1, 4):
            clock.advance(seconds=TURN.total_seconds())
            yield SignalPage([], str(number))

    sold.crm.changes = changes  # type: ignore[method-assign]

    turns = [(sold.follower.turn(), cursor(sold)) for _ in range(4)]

    assert turns == [(True, "1"), (True, "2"), (True, "3"), (False, "3")]
    assert asked == [None]


def test_a_long_look_begins_anew_at_the_cursor_when_another_daemon_has_read_meanwhile(
    sold: World, clock: FakeClock
) -> None:
    asked: list[str | None] = []

    def changes(since: str | None) -> Iterator[SignalPage]:
        asked.append(since)
        clock.advance(seconds=TURN.total_seconds())
        yield SignalPage([], f"{since}+")
        yield SignalPage([], "from before")

    sold.crm.changes = changes  # type: ignore[method-assign]
    another = Follower(sold.line, sold.store.leads, lambda: sold.playbook, "another")
    sold.follower.turn()
    clock.advance(seconds=31)
    another.turn()
    clock.advance(seconds=31)
    sold.follower.turn()

    assert asked == [None, "None+", "None++"]
    assert cursor(sold) == "None+++"


def test_stopping_ends_between_two_pages(sold: World) -> None:
    loop = Loop("follower", sold.follower.turn, Bell())

    def changes(_: str | None) -> Iterator[SignalPage]:
        yield SignalPage([], "1")
        loop.stop()
        yield SignalPage([], "2")
        yield SignalPage([], "3")

    sold.crm.changes = changes  # type: ignore[method-assign]
    loop.start()

    assert loop.join(10)
    assert cursor(sold) == "2"  # the page that was in hand
