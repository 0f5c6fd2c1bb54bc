"""The heart: renews every lease that is held, whatever goes wrong with one of them."""

import threading

import pytest

from syncd.errors import StoreBusy
from syncd.run.heartbeat import Heartbeat
from tests.together import together


def test_a_beat_renews_what_is_held_and_nothing_after_that() -> None:
    beats: list[str] = []
    heart = Heartbeat([lambda: beats.append("always")])

    with heart.keep(lambda: beats.append("one")):
        with heart.keep(lambda: beats.append("two")):
            heart.beat()
        heart.beat()
    heart.beat()

    assert beats == ["always", "one", "two", "always", "one", "always"]


@pytest.mark.parametrize("error", [StoreBusy("away"), ZeroDivisionError()])
def test_one_that_fails_does_not_keep_the_others_from_being_renewed(error: Exception) -> None:
    beats: list[str] = []

    def fail() -> None:
        raise error

    heart = Heartbeat()
    with heart.keep(fail), heart.keep(lambda: beats.append("renewed")):
        heart.beat()
        heart.beat()

    assert beats == ["renewed", "renewed"]


def test_a_lease_ends_with_its_work_even_when_that_fails() -> None:
    beats: list[str] = []
    heart = Heartbeat()

    def work() -> None:
        with heart.keep(lambda: beats.append("renewed")):
            raise KeyError

    with pytest.raises(KeyError):
        work()
    heart.beat()

    assert beats == []


def test_threads_come_and_go_while_it_beats() -> None:
    heart, beats = Heartbeat(), []

    def work() -> None:
        for _ in range(300):
            with heart.keep(lambda: beats.append(1)):
                pass

    def beat() -> None:
        for _ in range(300):
            heart.beat()

    together(work, work, beat)

    assert heart._held == {}


def test_it_starts_and_stops_and_can_be_stopped_unstarted() -> None:
    heart = Heartbeat()
    heart.start()
    heart.stop()
    Heartbeat().stop()

    assert "heartbeat" not in [thread.name for thread in threading.enumerate()]
