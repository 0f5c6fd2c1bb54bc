"""A source that brings nothing though it should is told once through the alerts, and its end too."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.core.expect import parse_expected
from syncd.core.playbook import SourcePlan
from syncd.run.alarms import Alarms
from syncd.run.health import Health
from syncd.run.keepers import Keepers
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.run.test_alarms import Chat
from tests.run.test_health import Part
from tests.world import playbook, submission


class Watched:
    """A daemon as far as it watches its sources; `book` says which."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock, self.chat = store, clock, Chat()
        self.book = playbook(sources={"contact": SourcePlan("contact")})
        self.start()

    def start(self) -> None:
        """Anew, as after a restart."""
        self.intake = Part()
        self.health = Health(self.store, self.intake, list)  # type: ignore[arg-type]
        self.keepers = Keepers(self.store, self.health, dict, lambda: self.book, "me", self.clock)
        self.alarms = Alarms(self.health, self.store.database, lambda: {"chat": self.chat}, "me", self.clock)  # type: ignore[dict-item]

    def expect(self, text: str) -> None:
        self.book = replace(self.book, sources={"contact": SourcePlan("contact", expected=parse_expected(text))})

    def look(self) -> None:
        self.keepers.listen()
        self.alarms.turn()

    def pass_by(self, **span: float) -> None:
        """Time in which the daemon looks, often enough to have listened all the while."""
        end = self.clock.now() + timedelta(**span)
        while self.clock.now() < end:
            self.clock.advance(minutes=9)
            self.look()

    def arrive(self, key: str) -> None:
        self.store.inbox.accept([replace(submission(key), received_at=self.store.database.now())])

    def come_for(self, weeks: int, every: timedelta) -> None:
        for number in range(weeks * timedelta(weeks=1) // every):
            self.arrive(f"{number}")
            self.clock.advance(seconds=every.total_seconds())


@pytest.fixture
def watched(store: Store, clock: FakeClock) -> Watched:
    return Watched(store, clock)


def test_less_than_the_config_expects_is_told_once_with_the_last_good_time_and_its_end_is_told(
    watched: Watched,
) -> None:
    watched.expect("4 per day")
    watched.look()
    watched.arrive("1")
    began = watched.store.database.now()

    watched.pass_by(hours=5.8)
    before = list(watched.chat.titles)
    watched.pass_by(hours=3)
    told = list(watched.chat.titles)
    watched.arrive("2")
    watched.look()

    at = f"{began:%Y-%m-%d %H:%M} UTC"
    less = "nothing for 6 hours, less than the config expects"
    assert before == []
    assert told == [f"syncd: arrivals of contact: {less}; the last came at {at} (since {at})"]
    assert watched.chat.titles[1:] == ["syncd: arrivals of contact: works again"]


def test_what_is_improbable_by_what_usually_comes_is_told_with_the_usual_rate(watched: Watched) -> None:
    watched.come_for(weeks=5, every=timedelta(hours=6))
    watched.look()

    watched.pass_by(days=1.5)
    before = list(watched.chat.titles)
    watched.pass_by(days=2.5)

    assert before == []
    (told,) = watched.chat.titles
    assert "arrivals of contact: nothing for" in told
    assert "usual are 4.0 per day; the last came at" in told


def test_with_little_history_or_silence_off_nobody_cries(watched: Watched) -> None:
    watched.come_for(weeks=3, every=timedelta(hours=6))
    watched.pass_by(days=4)
    assert watched.chat.titles == []

    watched.come_for(weeks=5, every=timedelta(hours=7))
    watched.book = replace(watched.book, sources={"contact": SourcePlan("contact", learned=False)})
    watched.pass_by(days=4)

    assert watched.chat.titles == []


def test_a_source_that_never_brought_anything_is_told_from_when_it_was_listened_to(watched: Watched) -> None:
    watched.expect("1 per day")
    watched.look()

    watched.pass_by(hours=25)

    (told,) = watched.chat.titles
    assert "nothing for 24 hours, less than the config expects; nothing has ever come" in told


def test_time_without_a_daemon_is_no_silence_and_ends_none_that_was_told(watched: Watched) -> None:
    watched.expect("1 per day")
    watched.arrive("1")
    watched.pass_by(hours=20)
    watched.clock.advance(days=3)
    watched.start()
    watched.pass_by(hours=20)
    assert watched.chat.titles == []
    watched.pass_by(hours=5)
    assert len(watched.chat.titles) == 1

    watched.clock.advance(days=2)
    watched.start()
    watched.pass_by(hours=2)

    assert len(watched.chat.titles) == 1


def test_a_door_that_is_shut_by_ourselves_blames_no_source(watched: Watched) -> None:
    watched.expect("1 per day")
    watched.arrive("1")
    watched.pass_by(hours=1)
    watched.intake.closed_for = "the disk is almost full"
    watched.pass_by(hours=30)

    watched.intake.closed_for = ""
    watched.pass_by(hours=2)

    assert [title for title in watched.chat.titles if "arrivals" in title] == []


def test_silence_takes_readiness_away_from_nobody(watched: Watched) -> None:
    watched.expect("1 per day")
    watched.arrive("1")
    watched.pass_by(hours=25)

    report = watched.health.report()

    assert report["ready"] is True
    assert list(report["silent"]) == ["contact"]
    assert watched.keepers.silences.look()["contact"].silent(watched.store.database.now())


def test_sources_that_left_the_config_are_forgotten(watched: Watched) -> None:
    watched.expect("1 per day")
    watched.arrive("1")
    watched.pass_by(hours=25)

    watched.book = playbook(sources={})
    watched.look()

    assert watched.health.report()["silent"] == {}
