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
"""What syncd knows beside the canonical fields. These are ours: they are always brought up to date."""

_OURS = frozenset(EXTRA_FIELDS) - {"lead_source"}


def wanted_fields(lead: Lead) -> dict[str, str]:
    """Canonical and extra fields with their values; empty ones left out."""
    first, last = lead.first_touch, lead.last_touch
    extra = {
        "lead_source": lead.lead_source,
        "first_channel": first.channel if first else "",
        "first_campaign": first.campaign if first else "",
        "last_channel": last.channel if last else "",
        "last_campaign": last.campaign if last else "",
        "first_touch_at": f"{lead.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "inquiries": str(lead.interactions),
    }
    return {name: value for name, value in {**lead.fields, **extra}.items() if value}


def allowed_fields(lead: Lead, known: Known | None, playbook: Playbook) -> dict[str, str]:
    """What the field policies let through beside the present values. A new record gets everything."""
    wanted = wanted_fields(lead)
    if known is None:
        return wanted
    ours = {name: wanted.pop(name) for name in _OURS & wanted.keys() if wanted[name] != known.values.get(name)}
    return fields_to_write(wanted, known.values, playbook.policies) | ours


def owner_for(owner: str, sink: str, playbook: Playbook, owners: Mapping[str, OwnerRef]) -> tuple[OwnerRef | None, str]:
    """The sink's user for our owner, and a remark when it had to be somebody else.

    A person whom the sink does not know, or who has left, is replaced by the catch-all's first known person.
    """
    if owner.startswith(f"{sink}:"):
        return OwnerRef(owner.partition(":")[2]), ""
    found = _user(owner, playbook, owners)
    if found:
        return found, ""
    for stand_in in _catch_all(playbook):
        if replacement := _user(stand_in, playbook, owners):
            return replacement, f"{owner} is no active user there: {stand_in} stands in"
    return None, f"{owner} is no active user there, and nobody of the catch-all is"


def _user(person_id: str, playbook: Playbook, owners: Mapping[str, OwnerRef]) -> OwnerRef | None:
    person = playbook.people.get(person_id)
    found = owners.get(person.email.lower()) if person else None
    return found if found and found.active else None


def _catch_all(playbook: Playbook) -> list[str]:
    rule = playbook.rules[-1]
    return [rule.person] if rule.person else [member for member, _ in playbook.pools[rule.pool].members]
