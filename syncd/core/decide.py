"""From a draft to a decision: junk, identity, stage, owner, due time, task and note. Pure.

Everything that depends on the outside comes in as a value: the leads we know, what the CRM said, the state
of the pools, and the time. The same values give the same decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from syncd.core import ids
from syncd.core.decision import Decision, NotePlan, TaskPlan, Verdict
from syncd.core.draft import Draft
from syncd.core.facts import facts_of, is_known, stage_of
from syncd.core.identity import Match
from syncd.core.junk import Judgement, JunkEvidence, JunkVerdict, judge, score_junk
from syncd.core.leads import merged_lead, new_lead
from syncd.core.playbook import Playbook, Rule
from syncd.core.routing.assign import EXISTING, Assignment, assign_owner
from syncd.core.routing.pools import PoolState
from syncd.core.routing.rules import choose_rule
from syncd.core.story import story_of_match, story_of_route
from syncd.core.targets import Target, due_at
from syncd.core.texts import Occasion, note_text, task_texts
from syncd.core.worktime import WorkCalendar
from syncd.model import Known, Lead, LeadState, OwnerRef


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the decision may look at beside the draft."""

    playbook: Playbook
    pools: Mapping[str, PoolState]
    now: datetime  # aware, UTC
    record_sink: str  # name of the system of record; "" when there is none
    known: Known | None = None  # its answer for this person
    asked: bool = False  # it was asked and answered in time
    recent: int = 0  # submissions of this person within the last hour
    backfill: bool = False  # an import: less urgent than what comes in live


def decide(draft: Draft, match: Match, around: Surroundings) -> Decision:
    """One decision per draft. Raises NoOpenTime when a calendar never opens."""
    junk = _junk(draft, around)
    judged = judge(junk.score, (around.playbook.junk.flag, around.playbook.junk.quarantine), protected=junk.protected)
    story = {
        "playbook": around.playbook.version,
        **story_of_match(draft, match, junk, around.known, asked=around.asked),
    }
    verdict, reason = _set_aside(draft, judged, match, around)
    if verdict:
        return Decision(verdict, {**story, "reason": reason}, known=around.known, asked=around.asked)
    if match.lead:
        return _route(draft, merged_lead(draft, match.lead, around.now), around, story, Verdict.MERGED)
    doubtful = bool(match.possible) or (judged is not Judgement.PASS and not draft.trusted)
    lead = new_lead(draft, around.playbook, around.now, junk.score, doubtful=doubtful)
    return _route(draft, lead, around, story, Verdict.NEW)


def _junk(draft: Draft, around: Surroundings) -> JunkVerdict:
    email, phone, fields = draft.email, draft.phone, draft.fields
    evidence = JunkEvidence(
        email_valid=email is not None,
        has_email=draft.typed_email,
        has_phone=phone is not None,
        phone_valid=bool(phone and phone.valid),
        disposable=bool(email and email.disposable),
        email_local=email.local if email else "",
        email_domain=email.domain if email else "",
        first=draft.name.first,
        last=draft.name.last,
        company=fields.get("company", ""),
        message=fields.get("message", ""),
        subject=fields.get("subject", ""),
        honeypot=draft.context.honeypot,
        seconds_to_submit=draft.context.seconds_to_submit,
        suspicions=frozenset(draft.context.suspicions),
        user_agent=draft.context.user_agent or None,
        languages=around.playbook.languages,
        known_customer=bool(around.known and around.known.customer),
        business_domain_with_account=bool(around.known and around.known.account_owner),
        recent_from_sender=around.recent,
    )
    return score_junk(evidence, around.playbook.junk.weights)


def _set_aside(draft: Draft, judged: Judgement, match: Match, around: Surroundings) -> tuple[Verdict | None, str]:
    """Junk never overrides a known person's message; suppression does."""
    email, playbook = draft.email, around.playbook
    if email and (
        email.key in playbook.suppressed_emails
        or not playbook.suppressed_domains.isdisjoint((email.domain, email.registrable))
    ):
        return Verdict.SUPPRESSED, "on the suppression list"
    if draft.trusted:
        return None, ""
    if draft.context.test:
        return Verdict.QUARANTINED, "a test of the provider"
    if draft.context.no_lead:
        return Verdict.QUARANTINED, draft.context.no_lead
    if judged is Judgement.QUARANTINE and match.lead is None and around.known is None:
        return Verdict.QUARANTINED, "junk by score"
    return None, ""


def _route(draft: Draft, lead: Lead, around: Surroundings, story: dict[str, Any], verdict: Verdict) -> Decision:
    playbook = around.playbook
    choice = choose_rule(playbook.rules, facts_of(draft, lead, around.known))
    existing = _existing_owner(lead, around)
    assignment = assign_owner(choice.rule, playbook, around.pools, existing.owner, existing.active, around.now)
    raises, waiting = bool(lead.open_task), _is_waiting(lead)
    lead, target, due = _assigned(draft, lead, choice.rule, assignment, around)
    occasion = Occasion(
        rule=choice.rule,
        why=_why(choice.rule, assignment, existing),
        due=due,
        now=around.now,
        calendar=owner_calendar(lead.owner, playbook),
        waiting=waiting,
        known=is_known(lead, around.known),
        url=around.known.ref.url if around.known else "",
    )
    return Decision(
        verdict,
        story | story_of_route(lead, choice, assignment, target, occasion),
        lead=lead,
        keys=draft.keys,
        task=_task(draft, lead, playbook, occasion, raises=raises),
        note=NotePlan(ids.note_mark(draft.source, draft.key), note_text(draft, lead), draft.received_at),
        pool=(assignment.pool, assignment.pool_state) if assignment.pool_state else None,
        urgency=0 if around.backfill else 2 if lead.stage == "hot" else 1,
        reassign=choice.rule.reassign,
        known=around.known,
        asked=around.asked,
        source=draft.source,
    )


@dataclass(frozen=True, slots=True)
class _Existing:
    owner: str = ""
    active: bool = False
    why: str = ""


def _existing_owner(lead: Lead, around: Surroundings) -> _Existing:
    """The CRM's owner wins over ours, the account's owner comes next, then who we gave the lead to."""
    people, known = around.playbook.people, around.known
    if known and known.owner and known.owner.active:
        return _Existing(_in_our_words(known.owner, around), active=True, why="you own their record")
    if known and known.account_owner and known.account_owner.active:
        return _Existing(_in_our_words(known.account_owner, around), active=True, why="you own their company")
    left = _in_our_words(known.owner, around) if known and known.owner else ""
    if not lead.owner or lead.owner == left:
        return _Existing(left)
    person = people.get(lead.owner)
    return _Existing(lead.owner, person.active if person else ":" in lead.owner, "you had their earlier enquiry")


def _in_our_words(owner: OwnerRef, around: Surroundings) -> str:
    email = owner.email.lower()
    people = around.playbook.people.values()
    ours = next((person.id for person in people if person.email.lower() == email), "") if email else ""
    return ours or f"{around.record_sink}:{owner.id}"


def owner_calendar(owner: str, playbook: Playbook) -> WorkCalendar:
    """The owner's own hours; the company's for somebody outside the roster."""
    person = playbook.people.get(owner)
    return person.calendar if person else playbook.calendar


def _assigned(
    draft: Draft, lead: Lead, rule: Rule, assignment: Assignment, around: Surroundings
) -> tuple[Lead, Target, datetime]:
    """The lead with its owner and its one open task, and by when that is to be done."""
    stage = _stage_after(rule, lead)
    target = rule.target or around.playbook.targets[stage]
    due = _due(lead, target, owner_calendar(assignment.person, around.playbook), draft, around)
    changed = replace(
        lead,
        owner=assignment.person,
        rule=rule.name,
        stage=stage,
        state=LeadState.ASSIGNED if lead.state is LeadState.RECEIVED else lead.state,
        due_at=due,
        open_task=lead.open_task or ids.task_mark(draft.source, draft.key),
    )
    return changed, target, due


def _is_waiting(lead: Lead) -> bool:
    """An earlier question has its task, and nobody has answered it yet."""
    return bool(lead.open_task) and lead.due_at is not None


def _stage_after(rule: Rule, lead: Lead) -> str:
    """What was urgent and still waits has not become less so by being asked again."""
    stage = "hot" if rule.hot else stage_of(lead)
    return max(stage, lead.stage, key=_STAGES.index) if _is_waiting(lead) else stage


_STAGES = ("name", "lead", "hot")
_PRIORITY = {"hot": "high", "lead": "normal", "name": "low"}


def _due(lead: Lead, target: Target, calendar: WorkCalendar, draft: Draft, around: Surroundings) -> datetime:
    """An open task is pulled forward, never put off."""
    start = max(draft.received_at, around.now) if around.backfill else draft.received_at
    due = due_at(target, calendar, start)
    return min(due, lead.due_at) if lead.open_task and lead.due_at else due


def _task(draft: Draft, lead: Lead, playbook: Playbook, occasion: Occasion, *, raises: bool) -> TaskPlan:
    subject, body, kind = task_texts(draft, lead, playbook, occasion)
    return TaskPlan(
        mark=lead.open_task,
        subject=subject,
        body=body,
        due_at=occasion.due,
        zone=str(occasion.calendar.zone),
        owner=lead.owner,
        kind=kind,
        priority=occasion.rule.priority or _PRIORITY[lead.stage],
        raises=raises,
    )


def _why(rule: Rule, assignment: Assignment, existing: _Existing) -> str:
    if assignment.how == EXISTING:
        return existing.why
    pool = f", pool {assignment.pool}" if assignment.pool else ""
    return f"rule “{rule.name}”{pool}"
