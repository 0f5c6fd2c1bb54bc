"""Rules are tried from the top, each says why it did not match, and a list that cannot work is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from syncd.core.playbook import JunkPlan, Person, Playbook, Pool, Rule
from syncd.core.routing.assign import Assignment, assign_owner
from syncd.core.routing.conditions import compile_condition
from syncd.core.routing.pools import PoolState
from syncd.core.routing.rules import Tried, check_rules, choose_rule
from syncd.core.worktime import always_open

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOURS = always_open(ZoneInfo("Europe/Berlin"))


def rule(name, when=None, **more):
    return Rule(name, compile_condition(when, ("country", "hot")) if when else None, **more)


GERMAN = rule("german", {"country": "DE"}, person="ann")
HOT = rule("hot", {"hot": "true"}, pool="inbound")
REST = rule("rest", person="zoe")


def person(name, **more):
    return Person(name, name.title(), f"{name}@example.com", HOURS, **more)


def playbook(*people, rules=(GERMAN, HOT, REST)):
    roster = people or tuple(map(person, ("ann", "bob", "cid", "zoe")))
    return Playbook(
        version="1",
        company="Example",
        own_domains=frozenset(),
        country="DE",
        calendar=HOURS,
        people={each.id: each for each in roster},
        pools={"inbound": Pool("inbound", (("bob", 1), ("cid", 1)))},
        rules=tuple(rules),
        sources={},
        targets={},
        policies={},
        junk=JunkPlan(),
        lead_sources=(),
        subject="",
        body="",
    )


def assigned(by, book, existing="", *, active=True, states=None):
    return assign_owner(by, book, states or {}, existing, active, NOW)


AWAY = ((date(2026, 3, 2), date(2026, 3, 6)),)


def test_the_first_rule_that_matches_wins_and_those_before_it_say_why_they_did_not():
    choice = choose_rule([GERMAN, HOT, REST], {"country": "FR", "hot": True})

    assert choice.rule is HOT
    assert choice.tried == (
        Tried("german", matched=False, why="country is 'FR', expected 'DE'"),
        Tried("hot", matched=True, why=""),
    )


def test_what_no_rule_wants_goes_to_the_last_one():
    choice = choose_rule([GERMAN, HOT, REST], {})

    assert choice.rule is REST
    assert [each.matched for each in choice.tried] == [False, False, True]


def test_a_list_without_a_catch_all_still_loses_no_lead():
    choice = choose_rule([GERMAN, HOT], {})

    assert choice.rule is HOT
    assert choice.tried[-1] == Tried("hot", matched=False, why="hot is empty, expected 'true'")


def test_no_rules_at_all_is_an_error():
    with pytest.raises(ValueError, match="no rules"):
        choose_rule([], {})


def test_a_sound_list_has_nothing_to_complain_about():
    assert check_rules([GERMAN, HOT, REST]) == []


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([], ["there are no rules"]),
        ([GERMAN, HOT], ['the last rule, "hot", has a condition']),
        ([REST, replace(REST, name="late")], ['"late" is never reached: "rest" before it has no condition']),
        ([GERMAN, GERMAN, REST], ['2 rules are called "german"', '"german" is never reached']),
        ([HOT, rule("again", {"hot": ["TRUE"]}), REST], ['"again" is never reached: "hot"']),
        ([HOT, rule("narrow", {"country": "DE", "hot": "true"}), REST], ['"narrow" is never reached: "hot"']),
    ],
)
def test_a_list_that_cannot_work_is_named_in_words(rules, words):
    complaints = check_rules(rules)

    assert len(complaints) == len(words)
    assert all(word in complaint for word, complaint in zip(words, complaints, strict=True))


def test_a_narrower_rule_before_a_wider_one_is_fine():
    assert check_rules([rule("narrow", {"country": "DE", "hot": "true"}), HOT, REST]) == []


def test_a_rule_gives_the_lead_to_the_person_it_names():
    assert assigned(GERMAN, playbook()) == Assignment("ann", "rule")


def test_a_pool_gives_it_to_the_next_in_turn_and_hands_over_its_state():
    found = assigned(HOT, playbook(), states={"inbound": PoolState(last="bob", seen=("bob", "cid"))})

    assert (found.person, found.how, found.pool) == ("cid", "pool", "inbound")
    assert found.pool_state == PoolState(last="cid", seen=("bob", "cid"))


def test_an_active_owner_keeps_the_lead_even_one_whom_only_the_crm_knows():
    assert assigned(GERMAN, playbook(), "bob") == Assignment("bob", "existing owner")
    assert assigned(GERMAN, playbook(), "hubspot:4711") == Assignment("hubspot:4711", "existing owner")


def test_an_owner_on_leave_keeps_the_lead_and_it_is_said():
    found = assigned(GERMAN, playbook(person("ann"), person("bob", away=AWAY)), "bob")

    assert (found.person, found.how) == ("bob", "existing owner")
    assert found.notes == ("bob keeps the lead, though away until 2026-03-06",)


def test_an_owner_who_has_left_does_not_keep_it():
    left = playbook(person("ann"), person("bob", active=False))

    by_the_crm = assigned(GERMAN, playbook(), "bob", active=False)
    by_the_roster = assigned(GERMAN, left, "bob")

    assert by_the_crm.person == by_the_roster.person == "ann"
    assert by_the_crm.notes == by_the_roster.notes == ("bob had the lead: inactive",)


def test_an_owner_whom_the_crm_calls_inactive_does_not_get_the_lead_back_by_a_rule():
    named = assigned(GERMAN, playbook(), "ann", active=False)
    in_turn = assigned(HOT, playbook(), "bob", active=False)

    assert (named.person, named.how) == ("zoe", "catch-all")
    assert (in_turn.person, in_turn.how) == ("cid", "pool")


def test_a_rule_that_may_reassign_takes_the_lead_from_its_owner():
    found = assigned(replace(GERMAN, reassign=True), playbook(), "bob")

    assert (found.person, found.how) == ("ann", "rule")
    assert found.notes == ("bob had the lead: the rule may reassign",)


@pytest.mark.parametrize(
    ("ann", "words"),
    [
        (person("ann", active=False), "inactive"),
        (person("ann", away=AWAY), "away until 2026-03-06"),
        (person("someone"), "not on the roster"),
    ],
)
def test_the_last_rule_steps_in_for_a_person_who_cannot_take_it(ann, words):
    found = assigned(GERMAN, playbook(ann, person("zoe")))

    assert (found.person, found.how) == ("zoe", "catch-all")
    assert found.notes == (f'rule "german" names ann, who is {words}',)


def test_the_last_rule_steps_in_for_a_pool_in_which_nobody_can_take_it():
    found = assigned(HOT, playbook(person("bob", active=False), person("cid", away=AWAY), person("zoe")))

    assert (found.person, found.how, found.pool_state) == ("zoe", "catch-all", None)
    assert found.notes == (
        'bob skipped in pool "inbound": inactive',
        'cid skipped in pool "inbound": away until 2026-03-06',
        'nobody in pool "inbound" can take it',
    )


def test_a_catch_all_pool_takes_its_turn():
    rest = rule("rest", pool="inbound")

    found = assigned(GERMAN, playbook(person("bob"), person("cid"), rules=(GERMAN, rest)))

    assert (found.person, found.how, found.pool) == ("bob", "catch-all", "inbound")
    assert found.pool_state is not None


def test_without_the_catch_all_whoever_is_there_gets_it():
    gone = playbook(person("zoe", active=False), person("bob", away=AWAY), person("cid"))

    found = assigned(REST, gone)

    assert (found.person, found.how) == ("cid", "catch-all")
    assert found.notes[-1] == 'rule "rest" yields nobody: cid is the first of the roster who is there'


def test_with_everybody_away_the_catch_all_gets_it_and_with_everybody_gone_too():
    away = playbook(person("bob", away=AWAY), person("zoe", away=AWAY))
    left = playbook(person("bob", active=False), person("zoe", active=False))
    half = playbook(person("zoe", active=False), person("bob", away=AWAY))

    assert assigned(REST, away).person == "zoe"
    assert assigned(REST, left).person == "zoe"
    assert assigned(REST, left).notes[-1] == "nobody of the roster is there: zoe gets it though inactive"
    assert assigned(REST, half).person == "bob"


def test_a_catch_all_pool_of_absent_people_still_yields_one_of_them():
    rest = rule("rest", pool="inbound")
    book = playbook(person("ann", away=AWAY), person("cid", away=AWAY), rules=(rest,))

    found = assigned(rest, book)

    assert (found.person, found.how) == ("cid", "catch-all")
    assert found.notes.count('nobody in pool "inbound" can take it') == 1


def test_only_an_empty_roster_leaves_a_lead_without_an_owner():
    nobody = replace(playbook(), people={})

    found = assigned(REST, nobody)

    assert found.person == ""
    assert found.notes[-1] == "the roster is empty"
