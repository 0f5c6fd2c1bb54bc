"""Turns are fair over any number of them, and any state that was ever stored can be gone on from."""

import json
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.playbook import Person, Pool, PoolMethod
from syncd.core.routing.pools import PoolState, give_back, take_turn
from syncd.core.worktime import always_open

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CALENDAR = always_open(ZoneInfo("UTC"))
NAMES = "abcdefgh"


def person(name, *, active=True):
    return Person(name, name, f"{name}@example.com", CALENDAR, active=active)


def pool(weights, method=PoolMethod.ROUND_ROBIN):
    return Pool("inbound", tuple(weights.items()), method)


def served(rota, turns, state):
    names, people = "", {name: person(name) for name in NAMES}
    for _ in range(turns):
        turn = take_turn(rota, state, people, NOON)
        names, state = names + turn.person, turn.state
    return names, state


weights_of_all = st.lists(st.integers(1, 6), min_size=1, max_size=6)
counts = st.dictionaries(st.sampled_from(NAMES), st.integers(-20, 20), max_size=4)
states = st.builds(
    PoolState,
    last=st.sampled_from(["", *NAMES]),
    credits=st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3), max_size=3),
    seen=st.permutations(NAMES).map(lambda names: tuple(names[:4])),
    weights=st.lists(st.integers(1, 5), max_size=4).map(tuple),
    balance=counts,
)


@given(st.integers(1, 8), st.integers(0, 60), st.sampled_from(["", *NAMES]))
def test_round_robin_never_lets_two_members_differ_by_more_than_one_turn(size, turns, last):
    rota = pool(dict.fromkeys(NAMES[:size], 1))

    got = Counter(served(rota, turns, PoolState(last=last, seen=tuple(NAMES)))[0])

    share = [got[name] for name, _ in rota.members]
    assert max(share) - min(share) <= 1


@given(weights_of_all, st.integers(1, 3))
def test_every_full_cycle_of_a_weighted_pool_is_exact(weights, cycles):
    rota = pool(dict(zip(NAMES, weights, strict=False)), PoolMethod.WEIGHTED)

    state = PoolState()
    for _ in range(cycles):
        names, state = served(rota, sum(weights), state)
        assert Counter(names) == dict(rota.members)


@given(weights_of_all, st.integers(0, 40), st.lists(st.sampled_from(NAMES), max_size=4))
def test_a_turn_is_the_same_after_a_round_trip_through_json(weights, turns, returned):
    rota = pool(dict(zip(NAMES, weights, strict=False)), PoolMethod.WEIGHTED)
    _, state = served(rota, turns, PoolState())
    for name in returned:
        state = give_back(state, name)

    stored = PoolState.from_json(json.loads(json.dumps(state.to_json())))

    assert stored == state
    assert served(rota, 3, stored) == served(rota, 3, state)


@given(
    states,
    st.sampled_from(PoolMethod),
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 5), max_size=5),
    st.sets(st.sampled_from(NAMES)),
)
def test_any_stored_state_serves_an_eligible_member_if_there_is_one(state, method, weights, active):
    rota = pool(weights, method)
    people = {name: person(name, active=name in active) for name in NAMES}
    able = {name for name, weight in weights.items() if name in active and (weight or method is PoolMethod.ROUND_ROBIN)}

    turn = take_turn(rota, state, people, NOON)

    assert turn.person in able if able else turn.person == ""
    assert {name for name, _ in turn.skipped} == set(weights) - able
