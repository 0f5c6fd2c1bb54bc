"""Whose a lead is, and by when it must be answered."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from syncd.core.decide import decide, owner_calendar
from syncd.core.hours import parse_week
from syncd.core.playbook import Rule
from syncd.core.targets import Target
from syncd.core.worktime import WorkCalendar
from syncd.model import Context
from syncd.testing.clock import START
from tests.core.drafts import (
    BOOK,
    EVA,
    HOT,
    NOBODY,
    REST,
    TOM,
    ZOE,
    again,
    around,
    drafted,
    first,
    found,
    landed,
    lead_of,
    when,
)
from tests.world import playbook

# Whose it is


def test_a_stranger_goes_to_whose_turn_it_is() -> None:
    decision = first()

    lead, task = landed(decision)
    assert (lead.owner, task.owner) == ("eva", "eva")
    assert decision.pool is not None
    assert (decision.pool[0], decision.pool[1].last) == ("sales", "eva")
    assert "You got this by: rule “everyone else”, pool sales" in task.body


def test_the_owner_in_the_crm_keeps_the_lead_and_uses_no_turn() -> None:
    decision = first(known=found(TOM))

    lead, task = landed(decision)
    assert (lead.owner, decision.pool) == ("tom", None)
    assert "You got this by: you own their record" in task.body


def test_an_owner_outside_the_roster_is_named_by_the_id_in_the_crm() -> None:
    lead, task = landed(first(known=found(ZOE)))

    assert lead.owner == task.owner == "crm:9"
    assert task.zone == "Europe/Berlin"


def test_the_owner_of_the_company_is_next() -> None:
    gone = replace(EVA, active=False)

    lead, task = landed(first(known=found(gone, TOM)))

    assert lead.owner == "tom"
    assert "You got this by: you own their company" in task.body


def test_who_had_the_lead_before_keeps_it_where_the_crm_names_nobody() -> None:
    lead, task = landed(again(replace(lead_of(drafted()), owner="tom")))

    assert lead.owner == "tom"
    assert "You got this by: you had their earlier enquiry" in task.body


def test_an_owner_who_has_left_the_crm_loses_the_lead_also_when_we_remember_them() -> None:
    lead, _ = landed(again(replace(lead_of(drafted()), owner="eva"), known=found(replace(EVA, active=False))))

    assert lead.owner == "tom"


def test_our_own_choice_stays_while_the_crm_still_names_somebody_who_has_left() -> None:
    known = found(replace(ZOE, active=False))
    chosen, _ = landed(first(known=known))

    lead, _ = landed(again(chosen, known=known))

    assert lead.owner == chosen.owner


@pytest.mark.parametrize(
    "people", [{"eva": BOOK.people["eva"]}, {**BOOK.people, "tom": replace(BOOK.people["tom"], active=False)}]
)
def test_whoever_has_left_the_roster_loses_the_lead(people: dict[str, object]) -> None:
    lead, _ = landed(again(replace(lead_of(drafted()), owner="tom"), book=playbook(people=people)))

    assert lead.owner == "eva"


def test_a_rule_may_take_a_lead_away() -> None:
    book = playbook(rules=(when("german", {"country": "DE"}, reassign=True), REST))

    decision = first({"email": "eva@acme.com", "country": "Germany"}, book, found(TOM))

    assert (landed(decision)[0].owner, decision.reassign) == ("eva", True)


def test_rules_decide_by_facts_of_lead_and_visit() -> None:
    rules = (
        when("paid", {"channel": "paid_search", "known": "no"}, person="tom", pool=""),
        when("customers", {"customer": "yes"}, person="tom", pool=""),
        REST,
    )
    context = Context(page_url="https://example.com/?gclid=x")

    paid = decide(drafted(context=context), NOBODY, around(playbook(rules=rules)))
    customer = first(book=playbook(rules=rules), known=replace(found(), customer=True))

    assert landed(paid)[0].rule == "paid"
    assert landed(customer)[0].rule == "customers"
    assert [row[:2] for row in customer.story["rules"]] == [["paid", False], ["customers", True]]


# By when


@pytest.mark.parametrize(
    ("said", "rule", "stage", "priority", "due"),
    [
        ({"email": "eva@acme.com", "message": "How much is it?"}, REST, "lead", "normal", timedelta(hours=1)),
        ({"email": "eva@acme.com"}, REST, "name", "low", timedelta(days=1)),
        ({"email": "eva@acme.com"}, HOT, "hot", "high", timedelta(minutes=5)),
        ({"email": "eva@acme.com"}, replace(HOT, priority="low"), "hot", "low", timedelta(minutes=5)),
        (
            {"email": "eva@acme.com"},
            replace(REST, target=Target(timedelta(hours=3))),
            "name",
            "low",
            timedelta(hours=3),
        ),
    ],
)
def test_the_target_is_that_of_the_rule_or_of_the_stage(
    said: dict[str, str], rule: Rule, stage: str, priority: str, due: timedelta
) -> None:
    lead, task = landed(first(said, playbook(rules=(rule,))))

    assert (lead.stage, task.priority) == (stage, priority)
    assert lead.due_at == task.due_at == START + due


def test_hot_leads_go_first_and_imports_last() -> None:
    imported = decide(drafted(), NOBODY, replace(around(), backfill=True))

    assert first(book=playbook(rules=(HOT,))).urgency == 2
    assert first().urgency == 1
    assert imported.urgency == 0


def test_the_clock_runs_from_the_arrival_and_of_an_import_from_now() -> None:
    later = replace(around(), now=START + timedelta(days=2))

    live, imported = decide(drafted(), NOBODY, later), decide(drafted(), NOBODY, replace(later, backfill=True))

    assert landed(live)[1].due_at == START + timedelta(hours=1)
    assert landed(imported)[1].due_at == START + timedelta(days=2, hours=1)


def test_time_is_working_time_of_the_owner() -> None:
    calendar = WorkCalendar("tokyo", ZoneInfo("Asia/Tokyo"), parse_week({"mon-fri": "09:00-17:00"}))
    people = {"eva": replace(BOOK.people["eva"], calendar=calendar)}  # 18:00 there at START

    _, task = landed(first(book=playbook(people=people)))

    assert (task.due_at, task.zone) == (START + timedelta(hours=16), "Asia/Tokyo")
    assert owner_calendar("nobody", BOOK) is BOOK.calendar
