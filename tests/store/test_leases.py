"""One holder at a time; the fence says when it has changed hands."""

import pytest

from syncd.store import leases
from syncd.store.leases import LEASE, LeaseLost, hold, insist, let_go, take_over
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.together import together


def test_a_lease_is_held_by_one_and_prolonged_by_the_same(store: Store, clock: FakeClock) -> None:
    first = hold(store.database, "poll", "me")
    clock.advance(seconds=20)
    again = hold(store.database, "poll", "me")
    clock.advance(seconds=20)

    assert (first, again, hold(store.database, "poll", "them")) == (1, 1, None)


def test_an_expired_lease_changes_hands_and_the_fence_tells(store: Store, clock: FakeClock) -> None:
    mine = hold(store.database, "poll", "me")
    clock.advance(seconds=LEASE.total_seconds() + 1)
    theirs = hold(store.database, "poll", "them")

    assert (mine, theirs) == (1, 2)
    with store.database.write() as tx, pytest.raises(LeaseLost, match="poll: another daemon"):
        insist(tx, "poll", 1)
    with store.database.write() as tx:
        insist(tx, "poll", 2)


def test_a_holder_that_lost_it_and_got_it_back_has_another_fence(store: Store, clock: FakeClock) -> None:
    hold(store.database, "poll", "me")
    clock.advance(seconds=31)
    hold(store.database, "poll", "them")
    clock.advance(seconds=31)

    assert hold(store.database, "poll", "me") == 3


def test_a_clock_that_was_set_back_does_not_prolong_the_lease_of_a_dead_daemon(store: Store, clock: FakeClock) -> None:
    hold(store.database, "poll", "them")
    clock.advance(hours=-1)

    assert hold(store.database, "poll", "me") == 2


def test_nobody_holds_what_was_never_asked_for(store: Store) -> None:
    with store.database.write() as tx, pytest.raises(LeaseLost):
        insist(tx, "poll", 1)


def test_of_many_who_ask_at_once_one_gets_it(store: Store, other: Store) -> None:
    asking = [(one, f"daemon {number}") for number, one in enumerate((store, other, store, other))]

    fences = together(*(lambda one=one, name=name: hold(one.database, "poll", name) for one, name in asking))

    assert sorted(fences, key=str) == [1, None, None, None]


def test_a_stopping_daemon_gives_back_what_it_holds_and_nothing_else(store: Store) -> None:
    hold(store.database, "a", "me")
    hold(store.database, "b", "them")

    let_go(store.database, "me")

    assert hold(store.database, "a", "another") == 2
    assert hold(store.database, "b", "another") is None


def test_a_dead_owners_leases_end_when_the_next_one_starts(store: Store) -> None:
    hold(store.database, "a", "dead")

    take_over(store.database)

    assert hold(store.database, "a", "me") == 2


def test_names_do_not_stand_in_each_others_way(store: Store) -> None:
    assert [leases.hold(store.database, name, name) for name in ("a", "b")] == [1, 1]
