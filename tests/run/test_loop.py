"""Loops: a unit of work, or a rest until the bell; they outlive every bug and end when they are told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from syncd.errors import StoreBusy
from syncd.run import loop as module
from syncd.run.bell import Bell
from syncd.run.loop import Loop, asked_to_stop

LONG = timedelta(seconds=30)


@contextmanager
def running(loop: Loop) -> Iterator[Loop]:
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()
        assert loop.join(10)


class Turns:
    """Says what each turn is to bring, and waits until it has happened."""

    def __init__(self, *results: bool | timedelta | Exception) -> None:
        self.results, self.count = list(results), 0
        self.changed = threading.Condition()

    def __call__(self) -> bool | timedelta:
        with self.changed:
            self.count += 1
            self.changed.notify_all()
            result = self.results.pop(0) if self.results else False
        if isinstance(result, Exception):
            raise result
        return result

    def happened(self, times: int, seconds: float = 10) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.count >= times, seconds)


def test_a_loop_goes_on_at_once_while_there_is_more_and_then_rests() -> None:
    turns = Turns(True, True, True, False)

    with running(Loop("test", turns, Bell(), LONG)):
        assert turns.happened(4)
        assert not turns.happened(5, 0.1)


def test_the_bell_ends_the_rest() -> None:
    turns, bell = Turns(), Bell()

    with running(Loop("test", turns, bell, LONG)):
        assert turns.happened(1)
        bell.ring()
        assert turns.happened(2)


def test_a_ring_during_a_turn_is_not_lost() -> None:
    bell, inside, go = Bell(), threading.Event(), threading.Event()
    count = []

    def turn() -> bool:
        count.append(1)
        inside.set()
        go.wait(10)
        return False

    loop = Loop("test", turn, bell, LONG)
    with running(loop):
        inside.wait(10)
        bell.ring()
        inside.clear()
        go.set()
        assert inside.wait(10)


def test_a_turn_may_say_how_long_to_rest() -> None:
    turns = Turns(timedelta(milliseconds=1), timedelta(milliseconds=1))

    with running(Loop("test", turns, Bell(), LONG)):
        assert turns.happened(3)


@pytest.mark.parametrize("error", [StoreBusy("disk is full"), ValueError("a bug")])
def test_a_loop_outlives_trouble_and_says_when_it_is_over(error: Exception) -> None:
    bell, turns = Bell(), Turns(error)
    loop = Loop("test", turns, bell, LONG)

    with running(loop):
        assert turns.happened(1)
        while not loop.trouble:
            threading.Event().wait(0.001)
        trouble = loop.trouble
        bell.ring()
        assert turns.happened(2)
        while loop.trouble:
            threading.Event().wait(0.001)
        assert loop.alive

    assert trouble == (str(error) if isinstance(error, StoreBusy) else "ValueError")
    assert not loop.alive


def test_stopping_waits_for_the_turn_in_hand_and_long_turns_can_ask() -> None:
    inside, asked = threading.Event(), []

    def turn() -> bool:
        inside.set()
        while not asked_to_stop():
            threading.Event().wait(0.001)
        asked.append(True)
        return True

    loop = Loop("test", turn, Bell(), LONG)
    loop.start()
    inside.wait(10)
    loop.stop()

    assert loop.join(10)
    assert asked == [True]


def test_outside_of_a_loop_nobody_is_asked_to_stop() -> None:
    assert asked_to_stop() is False


@pytest.mark.parametrize("vital", [False, True])
def test_a_turn_that_hangs_is_named_and_a_vital_loop_is_then_as_good_as_dead(vital: bool) -> None:
    inside, go = threading.Event(), threading.Event()

    def turn() -> bool:
        inside.set()
        return go.wait(10) and False

    with running(Loop("test", turn, Bell(), LONG, vital=vital)) as loop:
        inside.wait(10)
        before, alive_before = loop.hangs, loop.alive
        loop._began = (loop._began or 0) - module.TOO_LONG.total_seconds() - 1
        during, alive = loop.hangs, loop.alive
        go.set()

    assert (before, loop.hangs) == ("", "")
    assert during.startswith("hangs in one turn for 30")
    assert (alive_before, alive) == (True, not vital)
