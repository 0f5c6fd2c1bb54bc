"""What is set aside, what a task and a story tell, and that the same values give the same decision."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.decide import Surroundings, decide
from syncd.core.decision import Verdict
from syncd.core.identity import Match
from syncd.core.playbook import Playbook, Rule
from syncd.errors import Rejected
from syncd.model import Context, Known, Lead, LeadState, OwnerRef
from syncd.testing.clock import START
from tests.core.drafts import (
    BOOK,
    HOT,
    JUNK,
    NOBODY,
    REST,
    TOM,
    again,
    around,
    drafted,
    first,
    found,
    landed,
    lead_of,
)
from tests.world import playbook


def test_junk_of_a_stranger_is_quarantined_with_its_signals() -> None:
    decision = first(JUNK)

    assert decision.verdict is Verdict.QUARANTINED
    assert (decision.lead, decision.task, decision.note) == (None, None, None)
    assert decision.story["reason"] == "junk by score"
    assert ["link_in_name", 70] in decision.story["junk"]["signals"]


def test_junk_of_somebody_in_the_crm_is_not_held_back_but_looked_at() -> None:
    lead, _ = landed(first(JUNK, known=found()))

    assert lead.state is LeadState.TRIAGE


def test_junk_of_a_person_with_a_lead_is_an_interaction_like_any_other() -> None:
    decision = again(lead_of(drafted()), JUNK)

    assert decision.verdict is Verdict.MERGED


def test_what_a_person_has_called_no_junk_goes_its_way() -> None:
    draft = drafted(JUNK, trusted=True)

    lead, _ = landed(decide(draft, NOBODY, around()))

    assert lead.state is LeadState.ASSIGNED


def test_a_doubtful_stranger_is_assigned_and_looked_at() -> None:
    lead, task = landed(
        first({"name": "Eva", "email": "eva@mailinator.com", "message": "http://a.example http://b.example"})
    )

    assert (lead.state, task.owner) == (LeadState.TRIAGE, "eva")


def test_a_possible_duplicate_is_assigned_and_looked_at() -> None:
    decision = decide(drafted(), Match(None, "nobody with these keys", ("L9",)), around())

    assert landed(decision)[0].state is LeadState.TRIAGE
    assert decision.story["match"] == {"reason": "nobody with these keys", "possible": ["L9"]}


def test_a_test_of_the_provider_never_reaches_sales() -> None:
    decision = decide(drafted(context=Context(test=True)), NOBODY, around())

    assert (decision.verdict, decision.story["reason"]) == (Verdict.QUARANTINED, "a test of the provider")


BOUNCE = Context(no_lead="bounce: a report of failed delivery")


def test_what_is_no_lead_never_reaches_sales_and_says_why() -> None:
    decision = decide(drafted(context=BOUNCE), NOBODY, around())

    assert (decision.verdict, decision.story["reason"]) == (Verdict.QUARANTINED, "bounce: a report of failed delivery")


def test_what_is_no_lead_goes_its_way_once_a_person_has_released_it() -> None:
    lead, _ = landed(decide(drafted(context=BOUNCE, trusted=True), NOBODY, around()))

    assert lead.state is LeadState.ASSIGNED


def test_what_is_no_lead_needs_nobody_who_could_be_reached_until_it_is_released() -> None:
    said = {"message": "The following message could not be delivered"}

    decision = decide(drafted(said, context=BOUNCE), NOBODY, around())

    assert decision.verdict is Verdict.QUARANTINED
    with pytest.raises(Rejected, match="nobody could be reached"):
        drafted(said, context=BOUNCE, trusted=True)


@pytest.mark.parametrize(
    "book",
    [
        playbook(suppressed_emails=frozenset({"eva@mail.acme.com"})),
        playbook(suppressed_domains=frozenset({"acme.com"})),
        playbook(suppressed_domains=frozenset({"mail.acme.com"})),
    ],
)
@pytest.mark.parametrize("lead", [None, lead_of(drafted())])
def test_whoever_is_suppressed_never_goes_to_sales(book: Playbook, lead: Lead | None) -> None:
    draft = drafted({"email": "Eva@Mail.acme.com"}, trusted=True)

    decision = decide(draft, Match(lead, ""), around(book))

    assert (decision.verdict, decision.lead) == (Verdict.SUPPRESSED, None)


# What is told


def test_the_task_leads_to_the_record_and_says_that_the_crm_knew_them() -> None:
    _, task = landed(first(known=found()))

    assert "https://crm.example.com/7" in task.body
    assert "The CRM knew them before." in task.body


def test_the_story_is_plain_and_holds_no_key_of_the_person() -> None:
    story = first(known=found(TOM)).story

    told = orjson.dumps(dict(story)).decode()
    assert "eva@acme.com" not in told
    assert story["keys"] == ["e", "q"]
    assert story["crm"] == {"asked": True, "found": True, "ref": "7", "owner": "2", "owner_active": True}
    assert story["owner"]["why"] == "you own their record"
    assert story["due"] == {
        "at": "2026-11-23T10:00:00+00:00",
        "target": "60 min",
        "calendar": "always open",
        "zone": "Europe/Berlin",
    }


def test_the_story_says_when_the_crm_was_not_asked() -> None:
    decision = decide(drafted(), NOBODY, Surroundings(BOOK, {}, START, "crm"))

    assert decision.story["crm"] == {"asked": False}
    assert first().story["crm"] == {"asked": True, "found": False}


# Properties

says = st.dictionaries(
    st.sampled_from(["name", "phone", "company", "newsletter", "message", "country", "subject"]),
    st.text(max_size=30) | st.sampled_from(["Eva Beispiel", "030 901820", "DE", "no", "http://a http://b"]),
)
owners = st.none() | st.builds(
    OwnerRef, id=st.sampled_from("129"), email=st.sampled_from(["eva@example.com", "", "x@y.zz"]), active=st.booleans()
)
knowns = st.none() | st.builds(found, owners, owners)
rules = st.sampled_from([HOT, REST, Rule("tom", None, person="tom"), replace(REST, reassign=True)])


@given(says, says, knowns, rules, st.sampled_from(LeadState), st.booleans(), st.integers(0, 3_000))
def test_the_same_values_give_the_same_decision_and_nobody_is_forgotten(
    one: dict[str, str],
    other: dict[str, str],
    known: Known | None,
    rule: Rule,
    state: LeadState,
    answered: bool,
    minutes: int,
) -> None:
    book, after = playbook(rules=(rule,)), timedelta(minutes=minutes)
    made = decide(drafted({"email": "eva@acme.com", **one}, trusted=True), NOBODY, around(book))
    before = replace(landed(made)[0], state=state, answered_at=START if answered else None)

    decision = again(before, {"email": "eva@acme.com", **other}, book, known, after)

    assert decision == again(before, {"email": "eva@acme.com", **other}, book, known, after)
    lead, task = landed(decision)
    assert not lead.state.closed
    assert (lead.owner, lead.open_task) == (task.owner, task.mark)
    assert lead.owner
    assert lead.due_at == task.due_at
    assert task.due_at >= START
    assert len(task.subject.splitlines()) == 1
    orjson.dumps(dict(decision.story))
