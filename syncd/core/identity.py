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
    person. Of two submissions it does not matter which arrives first: every step is symmetric in them.
    """
    if linked is not None and (_has_own_address(draft) or _alike(draft.name, linked)):
        return Match(linked, "the CRM finds the same record")
    for key in draft.keys:
        if key.exact:
            for lead in _holders(key.text, leads, keys):
                return Match(lead, "same e-mail address")
    return _by_likeness(draft, leads, keys)


def _has_own_address(draft: Draft) -> bool:
    """Then a CRM that finds a record for it says more than a name; what it finds by telephone does not."""
    return draft.email is not None and not draft.email.role


def _by_likeness(draft: Draft, leads: Mapping[str, Lead], keys: Mapping[str, Iterable[str]]) -> Match:
    possible: list[str] = []
    for key in draft.keys:
        kind = key.text[0]
        for lead in _holders(key.text, leads, keys):
            if _alike(draft.name, lead):
                return Match(lead, f"{_SAME[kind]} and a similar name")
            if _nameless(draft, lead) and _is_enough(kind, draft, lead):
                return Match(lead, f"{_SAME[kind]}, and neither gives a name")
            possible.append(lead.id)
    return Match(None, "nobody with these keys", tuple(dict.fromkeys(possible)))


_SAME = {"e": "same shared address", "p": "same phone number", "q": "nearly the same address"}


def _holders(key: str, leads: Mapping[str, Lead], keys: Mapping[str, Iterable[str]]) -> Sequence[Lead]:
    """Oldest first, so that two possible answers are always chosen in the same way."""
    found = [leads[lead_id] for lead_id in keys.get(key, ()) if lead_id in leads]
    return sorted(found, key=lambda lead: (lead.created_at, lead.id))


def _alike(name: PersonName, lead: Lead) -> bool:
    first, last = lead.fields.get("first_name", ""), lead.fields.get("last_name", "")
    return similar_names(name, PersonName(first, last, full=""))


def _nameless(draft: Draft, lead: Lead) -> bool:
    named = draft.name.first or draft.name.last or lead.fields.get("first_name") or lead.fields.get("last_name")
    return not named


def _is_enough(kind: str, draft: Draft, lead: Lead) -> bool:
    """Without names, one mailbox or one telephone is one person, unless their addresses tell them apart."""
    return kind == "e" or (kind == "p" and not (draft.email and lead.fields.get("email")))
