"""Is this somebody we know? Exact keys decide; likeness only suggests (a wrong merge loses data)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncd.core.cleaning.names import PersonName, similar_names
from syncd.core.draft import Draft
from syncd.model import Lead


@dataclass(frozen=True, slots=True)
class Match:
    """The lead that a draft belongs to, or none; and those that somebody should look at."""

    lead: Lead | None
    reason: str
    possible: tuple[str, ...] = ()  # ids of leads that may be the same person


def match_person(
    draft: Draft, leads: Mapping[str, Lead], keys: Mapping[str, Iterable[str]], linked: Lead | None = None
) -> Match:
    """The ladder of identity, first hit wins.

    `keys`: key text -> ids of leads that hold it; `linked`: the lead whose record the CRM found for this
    address. Order of arrival does not matter: every step is symmetric in the two submissions.
    """
    if linked is not None and (draft.email is None or not draft.email.role or _alike(draft.name, linked)):
        return Match(linked, "the CRM finds the same record")
    for key in draft.keys:
        if key.exact:
            for lead in _holders(key.text, leads, keys):
                return Match(lead, "same e-mail address")
    return _by_likeness(draft, leads, keys)


def _by_likeness(draft: Draft, leads: Mapping[str, Lead], keys: Mapping[str, Iterable[str]]) -> Match:
    possible: list[str] = []
    for key in draft.keys:
        for lead in _holders(key.text, leads, keys):
            if _alike(draft.name, lead):
                return Match(lead, _REASONS[key.text[0]])
            possible.append(lead.id)
    return Match(None, "nobody with these keys", tuple(dict.fromkeys(possible)))


_REASONS = {
    "e": "same shared address and a similar name",
    "p": "same phone number and a similar name",
    "q": "nearly the same address and a similar name",
}


def _holders(key: str, leads: Mapping[str, Lead], keys: Mapping[str, Iterable[str]]) -> Sequence[Lead]:
    """Oldest first, so that two possible answers are always chosen in the same way."""
    found = [leads[lead_id] for lead_id in keys.get(key, ()) if lead_id in leads]
    return sorted(found, key=lambda lead: (lead.created_at, lead.id))


def _alike(name: PersonName, lead: Lead) -> bool:
    theirs = PersonName(first=lead.fields.get("first_name", ""), last=lead.fields.get("last_name", ""), full="")
    if not (name.first or name.last) and not (theirs.first or theirs.last):
        return True
    return similar_names(name, theirs)
