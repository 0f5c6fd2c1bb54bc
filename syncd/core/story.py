"""Why a decision is as it is, in plain values that can be kept as JSON."""

from typing import Any

from syncd.core.draft import Draft
from syncd.core.identity import Match
from syncd.core.junk import JunkVerdict
from syncd.core.routing.assign import Assignment
from syncd.core.routing.rules import RuleChoice
from syncd.core.targets import Target
from syncd.core.texts import Occasion
from syncd.model import Known, Lead


def story_of_match(
    draft: Draft, match: Match, junk: JunkVerdict, known: Known | None, *, asked: bool
) -> dict[str, Any]:
    """Who it may be, and how it looks. Kinds of keys, never the keys themselves."""
    return {
        "keys": [key.text[0] for key in draft.keys],
        "match": {"reason": match.reason, "possible": list(match.possible)},
        "junk": {"score": junk.score, "signals": [list(signal) for signal in junk.signals], "label": junk.label},
        "crm": _story_of_crm(known, asked=asked),
    }


def _story_of_crm(known: Known | None, *, asked: bool) -> dict[str, Any]:
    if not asked:
        return {"asked": False}
    if known is None:
        return {"asked": True, "found": False}
    return {
        "asked": True,
        "found": True,
        "ref": known.ref.id,
        "owner": known.owner.id if known.owner else "",
        "owner_active": known.owner.active if known.owner else None,
    }


def story_of_route(
    lead: Lead, choice: RuleChoice, assignment: Assignment, target: Target, occasion: Occasion
) -> dict[str, Any]:
    """Who gets it, by which rule, and by when."""
    return {
        "rules": [[tried.name, tried.matched, tried.why] for tried in choice.tried],
        "rule": choice.rule.name,
        "owner": {
            "id": assignment.person,
            "how": assignment.how,
            "why": occasion.why,
            "pool": assignment.pool,
            "notes": list(assignment.notes),
        },
        "stage": lead.stage,
        "channel": [lead.last_touch.channel, lead.last_touch.channel_rule] if lead.last_touch else [],
        "lead_source": lead.lead_source,
        "due": {
            "at": occasion.due.isoformat(),
            "target": str(target),
            "calendar": occasion.calendar.name,
            "zone": str(occasion.calendar.zone),
        },
    }
