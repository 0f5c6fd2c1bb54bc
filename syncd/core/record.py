"""What a lead's record should hold, and what may be sent of it."""

from collections.abc import Mapping

from syncd.core.playbook import Playbook
from syncd.core.policy import fields_to_write
from syncd.model import Known, Lead, OwnerRef

EXTRA_FIELDS: Mapping[str, str] = {
    "lead_source": "the tag that reports group by",
    "first_channel": "channel of the first touch",
    "first_campaign": "campaign of the first touch",
    "last_channel": "channel of the newest touch that is not direct",
    "last_campaign": "campaign of the newest touch that is not direct",
    "first_touch_at": "when the first enquiry was received, ISO 8601 UTC",
    "inquiries": "how many enquiries there have been",
}
"""What syncd knows beside the canonical fields."""

_KEPT_CURRENT = ("last_channel", "last_campaign", "inquiries")
_WRITTEN_ONCE = frozenset({"first_channel", "first_campaign", "first_touch_at"})


def wanted_fields(lead: Lead) -> dict[str, str]:
    """Canonical and extra fields with their values; empty ones left out."""
    first, last = lead.first_touch, lead.last_touch
    extra = {
        "lead_source": lead.lead_source,
        "first_channel": first.channel if first else "",
        "first_campaign": first.campaign if first else "",
        "last_channel": last.channel if last else "",
        "last_campaign": last.campaign if last else "",
        "first_touch_at": f"{lead.created_at.isoformat(timespec='seconds')[:19]}Z",
        "inquiries": str(lead.interactions),
    }
    return {name: value for name, value in {**lead.fields, **extra}.items() if value}


def allowed_fields(lead: Lead, known: Known | None, playbook: Playbook) -> dict[str, str]:
    """What the field policies let through beside the present values. A new record gets everything.

    The newest touch and the count are ours and brought up to date; a first touch is written once, all of
    it or nothing, so that two first touches are never mixed.
    """
    wanted = wanted_fields(lead)
    if known is None:
        return wanted
    present = known.values
    ours = {name: wanted.pop(name) for name in _KEPT_CURRENT if name in wanted}
    if not _WRITTEN_ONCE.isdisjoint(present):
        wanted = {name: value for name, value in wanted.items() if name not in _WRITTEN_ONCE}
    news = {name: value for name, value in ours.items() if value != present.get(name)}
    return fields_to_write(wanted, present, playbook.policies) | news


def owner_for(owner: str, sink: str, playbook: Playbook, owners: Mapping[str, OwnerRef]) -> tuple[OwnerRef | None, str]:
    """The sink's user for our owner, and a remark when it had to be somebody else.

    A person whom the sink does not know, or who has left, is replaced by the catch-all's first known person.
    """
    found = _owner_outside(owner.removeprefix(f"{sink}:"), owners) if owner.startswith(f"{sink}:") else None
    found = found or _user(owner, playbook, owners)
    if found:
        return found, ""
    for stand_in in _catch_all(playbook):
        if replacement := _user(stand_in, playbook, owners):
            return replacement, f"{owner} is no active user there: {stand_in} stands in"
    return None, f"{owner} is no active user there, and nobody of the catch-all is"


def _owner_outside(owner_id: str, owners: Mapping[str, OwnerRef]) -> OwnerRef | None:
    """A user or queue whom only the sink knows; None when the sink says that they have left."""
    listed = next((each for each in owners.values() if each.id == owner_id), OwnerRef(owner_id))
    return listed if listed.active else None


def _user(person_id: str, playbook: Playbook, owners: Mapping[str, OwnerRef]) -> OwnerRef | None:
    person = playbook.people.get(person_id)
    found = owners.get(person.email.lower()) if person else None
    return found if found and found.active else None


def _catch_all(playbook: Playbook) -> list[str]:
    """Whom the last rule names, those who still work here."""
    rule = playbook.rules[-1]
    named = [rule.person] if rule.person else [member for member, _ in playbook.pools[rule.pool].members]
    return [name for name in named if name in playbook.people and playbook.people[name].active]
