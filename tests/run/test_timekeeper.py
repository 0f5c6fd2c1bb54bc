"""Reminders: every alert takes each one at least once, and no alert's trouble silences the others."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from syncd.connector import AlertMessage, AlertRef, Finding
from syncd.errors import Retryable
from syncd.run.timekeeper import AGAIN, GIVE_UP, Timekeeper
from syncd.testing.clock import FakeClock
from tests.world import World, submission


class FakeChat:
    def __init__(self) -> None:
        self.heard: list[AlertMessage] = []
        self.trouble: list[Exception] = []

    def send(self, message: AlertMessage) -> AlertRef:
        if self.trouble:
            raise self.trouble.pop(0)
        self.heard.append(message)
        return AlertRef(message.mark)

    def check(self) -> Sequence[Finding]:
        return []

    def close(self) -> None:
        pass


@pytest.fixture
def chats() -> dict[str, FakeChat]:
    return {"chat": FakeChat(), "sms": FakeChat()}


@pytest.fixture
def keeper(world: World, chats: dict[str, FakeChat], clock: FakeClock) -> Timekeeper:
    """One lead's hour has just passed unanswered."""
    world.receive(submission())
    world.settle()
    clock.advance(hours=1)
    return Timekeeper(world.store.database, lambda: chats, lambda: world.playbook, "https://syncd/leads/{lead}")


def last_event(world: World) -> tuple[str, object, object]:
    event = world.story(world.leads()[0].lead.id).events[-1]
    return event.event, event.detail.get("told"), event.detail.get("failed")


def test_the_owner_is_told_once_who_is_waiting_and_where(
    world: World, keeper: Timekeeper, chats: dict[str, FakeChat], clock: FakeClock
) -> None:
    turns = [keeper.turn(), keeper.turn()]
    clock.advance(hours=5)
    turns.append(keeper.turn())

    lead = world.leads()[0].lead
    (message,) = chats["chat"].heard
    assert turns == [True, False, False]
    assert lead.due_at is not None
    assert (message.to, message.url, message.mark) == (
        "eva@example.com", f"https://syncd/leads/{lead.id}", f"{lead.id}-overdue-{lead.due_at:%Y%m%dT%H%M%S}",
    )  # fmt: skip
    assert message.text == "Eva Beispiel (Acme GmbH) is waiting for an answer from Eva Muster."
    assert last_event(world) == ("overdue", ["chat", "sms"], [])


def test_before_its_time_nobody_is_told(world: World, chats: dict[str, FakeChat]) -> None:
    world.receive(submission())
    world.settle()

    assert Timekeeper(world.store.database, lambda: chats, lambda: world.playbook).turn() is False
    assert chats["chat"].heard == []


@pytest.mark.parametrize("error", [Retryable("502"), KeyError("a bug")])
def test_an_alert_that_fails_is_tried_again_and_the_others_are_not_told_twice(
    world: World, keeper: Timekeeper, chats: dict[str, FakeChat], clock: FakeClock, error: Exception
) -> None:
    chats["chat"].trouble = [error]
    keeper.turn()
    between = [len(chat.heard) for chat in chats.values()]

    clock.advance(seconds=AGAIN.total_seconds())
    keeper.turn()

    assert between == [0, 1]
    assert [len(chat.heard) for chat in chats.values()] == [1, 1]
    assert last_event(world) == ("overdue", ["chat", "sms"], [])


def test_an_alert_that_never_works_is_given_up_after_a_day_and_that_is_written_down(
    world: World, keeper: Timekeeper, chats: dict[str, FakeChat], clock: FakeClock
) -> None:
    chats["chat"].trouble = [Retryable("502")] * 1000
    for _ in range(int(GIVE_UP.total_seconds() // 3600) + 2):
        keeper.turn()
        clock.advance(hours=1)

    assert last_event(world) == ("overdue", ["sms"], ["chat"])
    assert keeper.turn() is False


def test_a_reminder_that_was_due_while_nobody_ran_is_tried_for_a_day_all_the_same(
    world: World, keeper: Timekeeper, chats: dict[str, FakeChat], clock: FakeClock
) -> None:
    clock.advance(hours=60)
    chats["chat"].trouble = [Retryable("502")]

    keeper.turn()
    clock.advance(seconds=AGAIN.total_seconds())
    keeper.turn()

    assert [len(chat.heard) for chat in chats.values()] == [1, 1]


def test_a_clock_that_is_set_does_not_end_the_tries(
    world: World, keeper: Timekeeper, chats: dict[str, FakeChat], clock: FakeClock
) -> None:
    chats["chat"].trouble = [Retryable("502")] * 2
    keeper.turn()

    clock.jump(days=1)
    keeper.turn()
    clock.advance(seconds=AGAIN.total_seconds())
    keeper.turn()

    assert last_event(world) == ("overdue", ["chat", "sms"], [])


def test_a_daemon_that_died_while_telling_leaves_it_to_the_next(
    world: World, keeper: Timekeeper, chats: dict[str, FakeChat], clock: FakeClock
) -> None:
    def die(_: AlertMessage) -> AlertRef:
        raise KeyboardInterrupt

    chats["chat"].send = die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        keeper.turn()
    del chats["chat"].send  # type: ignore[attr-defined]
    clock.advance(minutes=2)

    Timekeeper(world.store.database, lambda: chats, lambda: world.playbook).turn()

    assert [len(chat.heard) for chat in chats.values()] == [1, 1]


def test_without_alerts_it_is_written_down_all_the_same(world: World, keeper: Timekeeper) -> None:
    keeper.alerts = dict

    keeper.turn()

    assert last_event(world) == ("overdue", [], [])


def test_an_owner_outside_the_roster_is_named_as_they_are(
    world: World, keeper: Timekeeper, chats: dict[str, FakeChat]
) -> None:
    world.store.leads.adopt_owner(world.leads()[0].lead.id, "crm", "crm:9")
    world.playbook = replace(world.playbook, people={})

    keeper.turn()

    assert chats["chat"].heard[0].to == ""
    assert chats["chat"].heard[0].text.endswith("an answer from crm:9.")
