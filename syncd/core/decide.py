"""From a draft to a decision: junk, identity, stage, owner, due time, task and note. Pure.

Everything that depends on the outside comes in as a value: the leads we know, what the CRM said, the state
of the pools, and the time. The same values give the same decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from syncd.core import ids
from syncd.core.attribution import lead_source, merge_touches
from syncd.core.decision import Decision, NotePlan, TaskPlan, Verdict
from syncd.core.draft import Draft
from syncd.core.identity import Match
from syncd.core.junk import JunkEvidence, JunkVerdict, judge, score_junk
from syncd.core.playbook import Playbook
from syncd.core.routing.assign import Assignment, assign_owner
from syncd.core.routing.pools import PoolState
from syncd.core.routing.rules import RuleChoice, choose_rule
from syncd.core.targets import Target, due_at
from syncd.core.texts import note_text, task_texts
from syncd.core.worktime import WorkCalendar
from syncd.model import Known, Lead, LeadState


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
    story: dict[str, Any] = {
        "playbook": around.playbook.version,
        "keys": [key.text.partition(":")[0] for key in draft.keys],
        "match": {"reason": match.reason, "possible": list(match.possible)},
        "junk": {
            "score": junk.score,
            "signals": [list(signal) for signal in junk.signals],
            "label": junk.label,
        },
        "crm": _crm_story(around),
    }
    refusal = _set_aside(draft, junk, match, around)
    if refusal:
        return Decision(refusal, {**story, "reason": _REASONS[refusal]}, known=around.known, asked=around.asked)
    if match.lead is None:
        return _new_lead(draft, match, junk, around, story)
    return _another_interaction(draft, match.lead, around, story)


_REASONS = {
    Verdict.QUARANTINED: "junk by score, or a test of the provider",
    Verdict.SUPPRESSED: "on the suppression list",
}


def _crm_story(around: Surroundings) -> dict[str, Any]:
    if not around.asked:
        return {"asked": False}
    if around.known is None:
        return {"asked": True, "found": False}
    owner = around.known.owner
    return {
        "asked": True,
        "found": True,
        "ref": around.known.ref.id,
        "owner": owner.id if owner else "",
        "owner_active": owner.active if owner else None,
    }


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
        user_agent=draft.context.user_agent or None,
        languages=around.playbook.languages,
        known_customer=bool(around.known and around.known.customer),
        business_domain_with_account=bool(around.known and around.known.account_owner),
        same_payload_sources=1,
        recent_from_sender=around.recent,
    )
    return score_junk(evidence, around.playbook.junk.weights)


def _set_aside(draft: Draft, junk: JunkVerdict, match: Match, around: Surroundings) -> Verdict | None:
    """Junk never overrides a known person's message; suppression does."""
    playbook = around.playbook
    if draft.email and (
        draft.email.key in playbook.suppressed_emails
        or draft.email.registrable in playbook.suppressed_domains
        or draft.email.domain in playbook.suppressed_domains
    ):
        return Verdict.SUPPRESSED
    if draft.trusted:
        return None
    if draft.context.test:
        return Verdict.QUARANTINED
    known = match.lead is not None or around.known is not None
    if not known and _judged(junk, around) == "quarantine":
        return Verdict.QUARANTINED
    return None


def _new_lead(draft: Draft, match: Match, junk: JunkVerdict, around: Surroundings, story: dict[str, Any]) -> Decision:
    first, last = merge_touches(None, None, draft.touch)
    lead = Lead(
        id=ids.lead_id(draft.source, draft.key),
        state=LeadState.RECEIVED,
        created_at=draft.received_at,
        updated_at=around.now,
        fields=dict(draft.fields),
        source=draft.source,
        lead_source=_lead_source(draft, around.playbook),
        first_touch=first,
        last_touch=last,
        junk_score=junk.score,
    )
    doubtful = bool(match.possible) or _judged(junk, around) == "flag"
    return _route(draft, lead, around, story, Verdict.NEW, doubtful=doubtful)


def _judged(junk: JunkVerdict, around: Surroundings) -> str:
    plan = around.playbook.junk
    return judge(junk.score, (plan.flag, plan.quarantine), protected=junk.protected)


def _another_interaction(draft: Draft, lead: Lead, around: Surroundings, story: dict[str, Any]) -> Decision:
    first, last = merge_touches(lead.first_touch, lead.last_touch, draft.touch)
    newest = {name: value for name, value in draft.fields.items() if name in ("message", "subject")}
    merged = replace(
        lead,
        updated_at=around.now,
        revision=lead.revision + 1,
        fields={**draft.fields, **lead.fields, **newest, **_consent(lead, draft)},
        first_touch=first,
        last_touch=last,
        interactions=lead.interactions + 1,
    )
    return _route(draft, merged, around, story, Verdict.MERGED, doubtful=False)


def _consent(lead: Lead, draft: Draft) -> dict[str, str]:
    """Consent never moves from no to yes by a merge."""
    said = [lead.fields.get("consent", ""), draft.fields.get("consent", "")]
    if "no" in said:
        return {"consent": "no"}
    return {"consent": "yes"} if "yes" in said else {}


def _route(
    draft: Draft, lead: Lead, around: Surroundings, story: dict[str, Any], verdict: Verdict, *, doubtful: bool
) -> Decision:
    facts = facts_of(draft, lead, around)
    choice = choose_rule(around.playbook.rules, facts)
    existing, active = _existing_owner(lead, around)
    assignment = assign_owner(choice.rule, around.playbook, around.pools, existing, active, around.now)
    stage = "hot" if choice.rule.hot else _stage(lead)
    lead = replace(
        lead,
        owner=assignment.person,
        rule=choice.rule.name,
        stage=stage,
        state=_state(lead, doubtful=doubtful),
    )
    calendar = owner_calendar(assignment.person, around.playbook)
    target = choice.rule.target or around.playbook.targets[stage]
    due, raises = _due(lead, target, calendar, draft, around)
    mark = lead.open_task if raises else ids.task_mark(draft.source, draft.key)
    why = _why(choice, assignment)
    subject, body, kind = task_texts(draft, lead, choice.rule, around.playbook, due, calendar, why)
    task = TaskPlan(
        mark=mark,
        subject=subject,
        body=body,
        due_at=due,
        zone=str(calendar.zone),
        owner=assignment.person,
        kind=kind,
        priority=choice.rule.priority or _PRIORITY[stage],
        raises=raises,
    )
    note = NotePlan(ids.note_mark(draft.source, draft.key), note_text(draft, lead), draft.received_at)
    story |= _story(lead, choice, assignment, target, calendar, due)
    return Decision(
        verdict,
        story,
        lead=replace(lead, due_at=due, open_task=mark),
        keys=draft.keys,
        task=task,
        note=note,
        pool=(assignment.pool, assignment.pool_state) if assignment.pool_state else None,
        urgency=0 if around.backfill else 2 if stage == "hot" else 1,
        reassign=choice.rule.reassign,
        known=around.known,
        asked=around.asked,
    )


_PRIORITY = {"hot": "high", "lead": "normal", "name": "low"}


def _stage(lead: Lead) -> str:
    """An explicit question or two interactions make a lead; one of anything else is a name."""
    return "lead" if lead.fields.get("message") or lead.interactions > 1 else "name"


def _state(lead: Lead, *, doubtful: bool) -> LeadState:
    if doubtful:
        return LeadState.TRIAGE
    if lead.state in (LeadState.RECEIVED, LeadState.QUARANTINED) or lead.state.closed:
        return LeadState.ASSIGNED
    return lead.state


def _existing_owner(lead: Lead, around: Surroundings) -> tuple[str, bool]:
    """The CRM's owner wins over ours, the account's owner comes next, then who we gave the lead to."""
    people = around.playbook.people
    if around.known:
        for owner in (around.known.owner, around.known.account_owner):
            if owner and owner.active:
                by_email = next((p.id for p in people.values() if p.email.lower() == owner.email.lower()), "")
                return by_email or f"{around.record_sink}:{owner.id}", True
    person = people.get(lead.owner)
    return lead.owner, bool(lead.owner) and (person.active if person else ":" in lead.owner)


def owner_calendar(owner: str, playbook: Playbook) -> WorkCalendar:
    """The owner's own hours; the company's for somebody outside the roster."""
    person = playbook.people.get(owner)
    return person.calendar if person else playbook.calendar


def _due(
    lead: Lead, target: Target, calendar: WorkCalendar, draft: Draft, around: Surroundings
) -> tuple[datetime, bool]:
    """When, and whether the open task is pulled forward instead of a second one being made."""
    start = max(draft.received_at, around.now) if around.backfill else draft.received_at
    due = due_at(target, calendar, start)
    if lead.open_task and lead.due_at is not None:
        return min(due, lead.due_at), True
    return due, False


def _lead_source(draft: Draft, playbook: Playbook) -> str:
    plan = playbook.sources.get(draft.source)
    tag = plan.tag if plan else ""
    label = {draft.touch.channel: draft.touch.channel.replace("_", " ").capitalize()}
    return lead_source(draft.fields.get("lead_source", ""), playbook.lead_sources, tag, draft.touch, label)


def _why(choice: RuleChoice, assignment: Assignment) -> str:
    if assignment.how == "existing owner":
        return "you own this record already"
    pool = f", pool {assignment.pool}" if assignment.pool else ""
    return f"rule “{choice.rule.name}”{pool}"


def _story(
    lead: Lead,
    choice: RuleChoice,
    assignment: Assignment,
    target: Target,
    calendar: WorkCalendar,
    due: datetime,
) -> dict[str, Any]:
    return {
        "rules": [[tried.name, tried.matched, tried.why] for tried in choice.tried],
        "rule": choice.rule.name,
        "owner": {
            "id": assignment.person,
            "how": assignment.how,
            "pool": assignment.pool,
            "notes": list(assignment.notes),
        },
        "stage": lead.stage,
        "channel": [lead.last_touch.channel, lead.last_touch.channel_rule] if lead.last_touch else [],
        "lead_source": lead.lead_source,
        "due": {
            "at": due.isoformat(),
            "target": str(target),
            "calendar": calendar.name,
            "zone": str(calendar.zone),
        },
    }


def facts_of(draft: Draft, lead: Lead, around: Surroundings) -> dict[str, str | float | bool]:
    """What rules may test (`core/facts.py` lists the names)."""
    touch = draft.touch
    return {
        **lead.fields,
        "source": draft.source,
        "form": draft.context.form_name or draft.context.form_id,
        "channel": touch.channel,
        "utm_source": touch.source,
        "utm_medium": touch.medium,
        "utm_campaign": touch.campaign,
        "page": draft.context.page_url,
        "referrer_host": touch.referrer_host,
        "email_domain": draft.email.domain if draft.email else "",
        "freemail": bool(draft.email and draft.email.freemail),
        "language": draft.context.language,
        "stage": _stage(lead),
        "lead_source": lead.lead_source,
        "known": lead.revision > 1 or around.known is not None,
        "customer": bool(around.known and around.known.customer),
        "interactions": float(lead.interactions),
        "junk_score": float(lead.junk_score),
    }
