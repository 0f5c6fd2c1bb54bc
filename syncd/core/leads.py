"""What a submission makes of a lead: a new one, or one we know with what it lacked and what is new."""

from dataclasses import replace
from datetime import datetime

from syncd.core import ids
from syncd.core.attribution import lead_source, merge_touches
from syncd.core.draft import Draft
from syncd.core.playbook import Playbook
from syncd.model import Lead, LeadState


def new_lead(draft: Draft, playbook: Playbook, now: datetime, junk_score: int, *, doubtful: bool) -> Lead:
    """Received, not yet routed; in triage where somebody should look. Its id derives from the submission."""
    first, last = merge_touches(None, None, draft.touch)
    return Lead(
        id=ids.lead_id(draft.source, draft.key),
        state=LeadState.TRIAGE if doubtful else LeadState.RECEIVED,
        created_at=draft.received_at,
        updated_at=now,
        fields=draft.fields,
        source=draft.source,
        lead_source=_lead_source(draft, playbook),
        first_touch=first,
        last_touch=last,
        junk_score=junk_score,
    )


def merged_lead(draft: Draft, lead: Lead, now: datetime) -> Lead:
    """With the question of now and every field it lacked. Whoever was closed or answered waits anew."""
    first, last = merge_touches(lead.first_touch, lead.last_touch, draft.touch)
    waits_anew = lead.state.closed or (lead.answered_at is not None and lead.answered_at < draft.received_at)
    return replace(
        lead,
        state=LeadState.RECEIVED if lead.state.closed else lead.state,
        updated_at=now,
        revision=lead.revision + 1,
        fields={**draft.fields, **lead.fields, **_newer(draft, lead)},
        first_touch=first,
        last_touch=last,
        interactions=lead.interactions + 1,
        due_at=None if waits_anew else lead.due_at,
        answered_at=None if waits_anew else lead.answered_at,
    )


def _newer(draft: Draft, lead: Lead) -> dict[str, str]:
    """What wins over what is there: the question, a refusal, and a whole where only a part was known.

    So consent never moves from no to yes; having opted out is a no.
    """
    new, old = draft.fields, lead.fields
    names = _QUESTION & new.keys()
    if new.keys() >= _WHOLE_NAME and not old.keys() >= _WHOLE_NAME:
        names |= _WHOLE_NAME
    if new.get("phone", "").startswith("+") and not old.get("phone", "").startswith("+"):
        names |= {"phone"}
    newer = {name: new[name] for name in names}
    if lead.state is LeadState.OPTED_OUT or new.get("consent") == "no":
        newer["consent"] = "no"
    return newer


_QUESTION = frozenset({"message", "subject"})
_WHOLE_NAME = frozenset({"first_name", "last_name"})


def _lead_source(draft: Draft, playbook: Playbook) -> str:
    """A channel gives its name only where the company's list of lead sources has it."""
    plan, allowed, channel = playbook.sources.get(draft.source), playbook.lead_sources, draft.touch.channel
    label = _CHANNELS.get(channel) or channel.replace("_", " ").capitalize()
    labels = {channel: label} if not allowed or label in allowed else {}
    return lead_source(draft.fields.get("lead_source", ""), allowed, plan.tag if plan else "", draft.touch, labels)


_CHANNELS = {"ai_assistant": "AI assistant", "sms": "SMS", "email": "E-mail"}
