"""What a service says of itself is asked for when needed, and not more often than it may have changed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from syncd.connector import Fresh, Retryable
from syncd.testing import FakeClock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def counted() -> Iterator[int]:
    """How often it was read."""
    yield from range(1, 1_000)


def test_nothing_is_read_before_it_is_needed_and_then_once_in_ten_minutes(clock: FakeClock) -> None:
    reads = counted()
    users = Fresh(lambda: next(reads), clock)

    seen = [users.value()]
    for _ in range(3):
        clock.advance(minutes=5)
        seen.append(users.value())

    assert seen == [1, 1, 2, 2]


def test_who_wants_it_younger_has_it_read_again(clock: FakeClock) -> None:
    reads = counted()
    users = Fresh(lambda: next(reads), clock)
    users.value()

    clock.advance(seconds=59)
    before = users.value(MINUTE)
    clock.advance(seconds=1)
    after = users.value(MINUTE)

    assert (before, after) == (1, 2)
    assert users.value(timedelta()) == 3


def test_what_was_forgotten_is_read_again(clock: FakeClock) -> None:
    reads = counted()
    users = Fresh(lambda: next(reads), clock, kept=timedelta(days=1))
    users.value()

    users.forget()

    assert users.value() == 2


def test_nothing_found_is_kept_as_well(clock: FakeClock) -> None:
    reads = counted()
    fields = Fresh(lambda: [next(reads)][:0], clock)

    assert fields.value() == fields.value() == []
    assert next(reads) == 2


def test_a_read_that_fails_is_tried_again_by_the_next_who_needs_it(clock: FakeClock) -> None:
    answers: list[int | Exception] = [1, Retryable("not now"), 2]

    def read() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    users = Fresh(read, clock)
    users.value()
    clock.advance(minutes=10)

    with pytest.raises(Retryable):
        users.value()

    assert users.value() == 2


def test_many_at_once_have_it_read_once(clock: FakeClock) -> None:
    reads, start = counted(), Barrier(8)
    users = Fresh(lambda: next(reads), clock)

    def needed() -> int:
        start.wait(10)
        return users.value()

    with ThreadPoolExecutor(8) as pool:
        seen = [each.result() for each in [pool.submit(needed) for _ in range(8)]]

    assert seen == [1] * 8
