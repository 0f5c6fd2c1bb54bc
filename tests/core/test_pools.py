"""Turns are fair, survive edits of the pool, and never go to somebody who is not there."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from syncd.core.hours import parse_week
from syncd.core.playbook import Person, Pool, PoolMethod
from syncd.core.routing.pools import PoolState, give_back, take_turn
from syncd.core.worktime import WorkCalendar, always_open

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
ROUND = ZoneInfo("UTC")


def person(name, *, calendar=None, active=True, away=()):
    return Person(name, name, f"{name}@example.com", calendar or always_open(ROUND), active=active, away=away)


def roster(*people):
    return {each.id: each for each in people}


def pool(weights, method=PoolMethod.ROUND_ROBIN, *, in_hours_only=False):
    return Pool("inbound", tuple(weights.items()), method, in_hours_only)


def plain(names):
    return pool(dict.fromkeys(names, 1))


def weighted(**weights):
    return pool(weights, PoolMethod.WEIGHTED)


def served(rota, turns, state=None, people=None, **more):
    """Who gets the next turns, as one word, and the state after them."""
    state, names = state or PoolState(), ""
    people = people or roster(*(person(name) for name, _ in rota.members))
    for _ in range(turns):
        turn = take_turn(rota, state, people, NOON, **more)
        names, state = names + turn.person, turn.state
    return names, state


def test_round_robin_goes_through_the_members_in_order():
    assert served(plain("abc"), 7)[0] == "abcabca"


def test_five_to_one_to_one_is_spread_smoothly():
    assert served(weighted(a=5, b=1, c=1), 14)[0] == "aabacaaaabacaa"


def test_whoever_joins_leaves_or_moves_shifts_nobody_elses_turn():
    _, state = served(plain("abcd"), 2)

    assert served(plain("xabcd"), 1, state)[0] == "c"
    assert served(plain("abxcd"), 1, state)[0] == "x"
    assert served(plain("acd"), 1, state)[0] == "c"  # the one served last has left
    assert served(plain("ad"), 1, state)[0] == "d"
    assert served(plain("dcba"), 1, state)[0] == "a"
    assert served(plain("xyz"), 1, state)[0] == "x"


def test_absence_loses_the_turn_and_gives_no_credit():
    people = roster(person("a"), person("b", active=False), person("c"))
    _, state = served(plain("abc"), 4, people=people)

    assert served(plain("abc"), 4, people=people)[0] == "acac"
    assert served(plain("abc"), 6, state)[0] == "abcabc"


def test_a_weighted_member_who_comes_back_gets_no_flood():
    rota = weighted(a=1, b=1, c=1)
    people = roster(person("a"), person("b"), person("c", active=False))
    _, state = served(rota, 30, people=people)

    assert Counter(served(rota, 9, state)[0]) == {"a": 3, "b": 3, "c": 3}


def test_whoever_joins_a_weighted_pool_starts_level():
    _, state = served(weighted(a=5, b=1), 7)

    assert Counter(served(weighted(a=5, b=1, n=1), 7, state)[0])["n"] == 1


def test_after_a_change_of_weights_everybody_starts_level():
    _, state = served(weighted(a=100, b=1), 50)

    assert served(weighted(a=1, b=1), 4, state)[0] == "abab"


def test_a_change_of_the_method_leaves_no_debts():
    _, weighted_state = served(weighted(a=50, b=1), 25)

    names, plain_state = served(plain("ab"), 4, weighted_state)

    assert names == "baba"
    assert served(weighted(a=1, b=1), 4, plain_state)[0] == "abab"


def test_the_less_loaded_of_two_who_stand_level_is_served_first():
    assert served(weighted(a=1, b=1), 2, load={"a": 9, "b": 2})[0] == "ba"


def test_a_turn_given_back_is_served_first_and_once():
    _, state = served(plain("abc"), 2)

    names, after = served(plain("abc"), 4, give_back(state, "a"))

    assert names == "acab"
    assert after.credits == {}


def test_a_turn_given_back_waits_for_an_absent_person():
    _, state = served(plain("ab"), 2)
    people = roster(person("a"), person("b", active=False))

    names, after = served(plain("ab"), 2, give_back(state, "b"), people)

    assert names == "aa"
    assert after.credits == {"b": 1}


def test_everybody_skipped_is_named_with_the_reason():
    people = roster(
        person("a", active=False),
        person("b", away=((date(2026, 3, 1), date(2026, 3, 4)),)),
        person("d"),
    )

    turn = take_turn(plain("abcd"), PoolState(), people, NOON)

    assert turn.person == "d"
    assert turn.skipped == (("a", "inactive"), ("b", "away until 2026-03-04"), ("c", "not on the roster"))


def test_days_of_leave_are_those_of_the_persons_own_zone():
    leave = ((date(2026, 3, 5), date(2026, 3, 5)),)
    auckland = person("a", calendar=always_open(ZoneInfo("Pacific/Auckland")), away=leave)  # already the fifth
    lisbon = person("b", calendar=always_open(ZoneInfo("Europe/Lisbon")), away=leave)

    turn = take_turn(plain("ab"), PoolState(), roster(auckland, lisbon), NOON)

    assert turn.person == "b"


def shift(zone):
    return WorkCalendar("office", ZoneInfo(zone), parse_week({"mon-fri": "09:00-17:00"}))


def test_hours_count_only_while_somebody_is_inside_theirs():
    rota = pool({"a": 1, "b": 1}, in_hours_only=True)
    people = roster(person("a", calendar=shift("America/Los_Angeles")), person("b", calendar=shift("Europe/Lisbon")))

    at_noon = take_turn(rota, PoolState(), people, NOON)
    at_night = take_turn(rota, PoolState(), people, NOON.replace(hour=5))
    whenever = take_turn(pool({"a": 1, "b": 1}), PoolState(), people, NOON)

    assert (at_noon.person, at_noon.skipped) == ("b", (("a", "outside working hours"),))
    assert (at_night.person, at_night.skipped) == ("a", ())
    assert whenever.person == "a"


def test_an_absent_person_inside_their_hours_does_not_keep_the_others_out():
    rota = pool({"a": 1, "b": 1}, in_hours_only=True)
    people = roster(
        person("a", calendar=shift("America/Los_Angeles")),
        person("b", calendar=shift("Europe/Lisbon"), active=False),
    )

    assert take_turn(rota, PoolState(), people, NOON).person == "a"


def test_with_nobody_eligible_the_state_stays_as_it_was():
    state = PoolState(last="a", credits={"b": 1}, seen=("a", "b"))

    turn = take_turn(plain("ab"), state, {}, NOON)

    assert (turn.person, turn.state) == ("", state)
    assert take_turn(plain(""), state, {}, NOON).person == ""


def test_weight_zero_rests():
    turn = take_turn(weighted(a=0, b=1), PoolState(), roster(person("a"), person("b")), NOON)

    assert (turn.person, turn.skipped) == ("b", (("a", "weight 0"),))


def test_a_stored_state_with_keys_of_another_version_is_read():
    assert PoolState.from_json({}) == PoolState()
    assert PoolState.from_json({"last": "a", "colour": "blue"}) == PoolState(last="a")
