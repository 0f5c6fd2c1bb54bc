"""Another enquiry of somebody we know: one open task, a clock of its own, and a state that goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.core.decision import Verdict
from syncd.model import LeadState
from syncd.testing.clock import START
from tests.core.drafts import HOT, again, drafted, first, landed, lead_of
from tests.world import playbook


def test_another_enquiry_raises_the_open_task_and_makes_a_note_of_its_own() -> None:
    before, made = landed(first())

    decision = again(before, {"email": "eva@acme.com", "message": "And the licence?"})

    lead, task = landed(decision)
    assert decision.verdict is Verdict.MERGED
    assert (task.mark, task.raises, lead.open_task) == (made.mark, True, made.mark)
    assert task.due_at == lead.due_at == made.due_at
    assert "And the licence?" in task.body
    assert "They have asked 2 times." in task.body
    assert decision.note is not None
    assert decision.note.at == START + timedelta(minutes=20)


def test_a_more_urgent_enquiry_pulls_the_open_task_forward() -> None:
    lead, task = landed(again(landed(first({"email": "eva@acme.com"}))[0], book=playbook(rules=(HOT,))))

    assert (task.raises, task.priority, lead.stage) == (True, "high", "hot")
    assert task.due_at == START + timedelta(minutes=25)


def test_a_less_urgent_enquiry_takes_nothing_from_the_open_task() -> None:
    lead, task = landed(again(landed(first(book=playbook(rules=(HOT,))))[0]))

    assert (task.priority, lead.stage, task.due_at) == ("high", "hot", START + timedelta(minutes=5))
    assert "How much is your product" in task.body


def test_after_the_task_is_done_another_enquiry_makes_a_new_one() -> None:
    done = replace(landed(first())[0], open_task="", due_at=None, answered_at=START + timedelta(minutes=5))

    lead, task = landed(again(done))

    assert (task.raises, task.mark == lead.open_task) == (False, True)
    assert task.mark != landed(first())[1].mark
    assert (lead.due_at, lead.answered_at) == (START + timedelta(minutes=80), None)
    assert "How much is your product" not in task.body


def test_an_open_task_of_an_answered_question_starts_a_clock_of_its_own() -> None:
    answered = replace(landed(first(book=playbook(rules=(HOT,))))[0], answered_at=START + timedelta(minutes=5))

    lead, task = landed(again(answered, after=timedelta(days=1)))

    assert (task.raises, task.priority) == (True, "normal")
    assert lead.due_at == task.due_at == START + timedelta(days=1, hours=1)


@pytest.mark.parametrize("state", [state for state in LeadState if state.closed])
def test_a_closed_lead_that_writes_again_is_assigned_with_a_task_in_time(state: LeadState) -> None:
    lead, task = landed(again(replace(lead_of(drafted()), state=state), after=timedelta(days=9)))

    assert lead.state is LeadState.ASSIGNED
    assert task.due_at == START + timedelta(days=9, hours=1)
    assert lead.owner == "eva"


@pytest.mark.parametrize("state", [LeadState.TRIAGE, LeadState.ATTEMPTED, LeadState.CONNECTED, LeadState.QUALIFIED])
def test_a_lead_that_is_on_its_way_stays_where_it_is(state: LeadState) -> None:
    assert landed(again(replace(lead_of(drafted()), state=state)))[0].state is state


def test_whoever_opted_out_is_answered_but_has_refused_marketing() -> None:
    lead, _ = landed(
        again(replace(lead_of(drafted()), state=LeadState.OPTED_OUT), {"email": "eva@acme.com", "newsletter": "yes"})
    )

    assert (lead.state, lead.fields["consent"]) == (LeadState.ASSIGNED, "no")
