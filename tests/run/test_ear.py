"""A bell that rings when the source hears of something, when somebody else rings, and not for longer than it may."""

import threading
import time
from collections.abc import Iterator

from syncd.run.ear import SLICE, Ear


class Listener:
    """What comes of each listening; one that hears nothing listens for its whole time."""

    def __init__(self, *results: bool | Exception) -> None:
        self.results: Iterator[bool | Exception] = iter(results)
        self.asked: list[float] = []
        self.listening = threading.Event()

    def listen(self, seconds: float) -> bool:
        self.asked.append(seconds)
        self.listening.set()
        result = next(self.results, None)
        if isinstance(result, Exception):
            raise result
        if result is None:
            threading.Event().wait(seconds)
        return bool(result)


def took(ear: Ear, seconds: float) -> tuple[bool, float]:
    began = time.monotonic()
    rung = ear.wait(seconds)
    return rung, time.monotonic() - began


def test_what_the_source_hears_ends_the_rest() -> None:
    rung, seconds = took(Ear("mail", Listener(True)), 60)

    assert rung
    assert seconds < 1


def test_a_ring_ends_the_rest_within_a_slice() -> None:
    listener = Listener()
    ear = Ear("mail", listener)
    ringing = threading.Thread(target=lambda: (listener.listening.wait(10), ear.ring()))
    ringing.start()

    rung, seconds = took(ear, 60)

    ringing.join()
    assert rung
    assert seconds < SLICE + 2


def test_nothing_heard_is_a_rest_of_the_whole_time_in_slices() -> None:
    listener = Listener()

    rung, seconds = took(Ear("mail", listener), 0.2)

    assert not rung
    assert seconds >= 0.2
    assert max(listener.asked) <= SLICE


def test_a_source_that_cannot_listen_is_not_asked_in_a_busy_loop() -> None:
    listener = Listener(*[False] * 1000)

    rung, seconds = took(Ear("mail", listener), 0.2)

    assert (rung, seconds >= 0.2) == (False, True)
    assert len(listener.asked) <= 2


def test_a_bug_in_the_listening_is_a_rest() -> None:
    listener = Listener(*[ValueError("a bug")] * 1000)

    rung, seconds = took(Ear("mail", listener), 0.2)

    assert (rung, seconds >= 0.2) == (False, True)


def test_a_ring_before_the_rest_is_not_lost() -> None:
    ear = Ear("mail", Listener(False))
    ear.ring()

    assert took(ear, 60)[0]
