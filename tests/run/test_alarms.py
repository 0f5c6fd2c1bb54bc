"""Alarms: each cause once when it has lasted, again after hours and after a day, and a word when it is over."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from syncd.connector import AlertMessage, AlertRef, Retryable
from syncd.run.alarms import AFTER, AGAIN, Alarms
from syncd.run.health import Health
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.run.test_health import Part


class Chat:
    """An alert that remembers, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.failing = 0

    def send(self, message: AlertMessage) -> AlertRef:
        if self.failing:
            self.failing -= 1
            raise Retryable("the chat is away")
        self.titles.append(message.title)
        return AlertRef(message.mark)


class World:
    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock, self.chat = store, clock, Chat()
        self.intake, self.loop = Part(), Part("planner")
        self.health = Health(store, self.intake, lambda: [self.loop])  # type: ignore[arg-type, list-item]
        self.alarms = self.of("me")

    def of(self, holder: str) -> Alarms:
        alerts: Mapping[str, Any] = {"chat": self.chat}
        return Alarms(self.health, self.store.database, lambda: alerts, holder, self.clock)

    def watch(self, *alarms: Alarms, **span: float) -> None:
        """Some looks in so long a time, and one at its end."""
        step = timedelta(**span) / 5
        for _ in range(5):
            self.clock.advance(seconds=step.total_seconds())
            for each in alarms or (self.alarms,):
                each.turn()


@pytest.fixture
def world(store: Store, clock: FakeClock) -> World:
    return World(store, clock)


def test_an_outage_is_told_after_a_quarter_of_an_hour_two_hours_and_a_day(world: World) -> None:
    world.store.sinks.pause("crm", "outage", "answered 502", timedelta(days=9))

    told = []
    for after in AFTER:
        world.watch(minutes=(world.store.sinks.state("crm").since + after - world.clock.now()).total_seconds() / 60 - 1)
        before = len(world.chat.titles)
        world.watch(minutes=2)
        told.append((before, len(world.chat.titles)))

    assert told == [(0, 1), (1, 2), (2, 3)]
    world.watch(days=2)
    assert len(world.chat.titles) == 3


def test_refused_credentials_are_told_at_once_and_once(world: World) -> None:
    world.store.sinks.pause("crm", "login", "answered 401", timedelta(minutes=1))

    world.watch(minutes=30)

    assert world.chat.titles == [
        f"syncd: sink crm: the credentials are refused: answered 401 (since {world.clock.started:%Y-%m-%d %H:%M} UTC)"
    ]


def test_short_trouble_wakes_nobody(world: World) -> None:
    world.store.sinks.pause("crm", "outage", "answered 502", timedelta(minutes=1))
    world.watch(minutes=10)
    world.store.sinks.resume("crm")
    world.watch(hours=1)

    assert world.chat.titles == []


def test_the_end_of_what_was_told_is_told(world: World) -> None:
    world.store.sinks.pause("crm", "login", "answered 401", timedelta(minutes=1))
    world.watch(minutes=5)
    world.store.sinks.resume("crm")
    world.watch(minutes=5)

    assert world.chat.titles[1:] == ["syncd: sink crm: works again"]


def test_of_several_daemons_one_tells_and_a_restart_tells_nothing_twice(world: World) -> None:
    world.store.sinks.pause("crm", "login", "answered 401", timedelta(minutes=1))

    world.watch(world.alarms, world.of("other"), minutes=5)
    world.watch(world.of("another"), minutes=5)

    assert len(world.chat.titles) == 1


def test_a_daemons_own_trouble_is_told_by_it(world: World) -> None:
    world.intake.closed_for = "the disk is almost full"
    world.loop.hangs = "hangs in one turn for 400 s"
    world.health.notes["source:mail"] = "password refused"

    world.watch(minutes=10)
    at_once = sorted(title.partition(" (since")[0] for title in world.chat.titles)
    world.watch(minutes=10)

    assert at_once == [
        "syncd: intake: the disk is almost full", "syncd: loop planner: hangs in one turn for 400 s",
    ]  # fmt: skip
    assert world.chat.titles[2].startswith("syncd: source mail: password refused")


def test_an_alert_that_cannot_be_sent_is_tried_again_and_the_others_are_not_repeated(world: World) -> None:
    world.store.sinks.pause("crm", "login", "answered 401", timedelta(minutes=1))
    world.chat.failing = 2

    world.watch(minutes=5)
    world.watch(minutes=15)

    assert len(world.chat.titles) == 1
    assert world.clock.monotonic() > 2 * AGAIN.total_seconds()
