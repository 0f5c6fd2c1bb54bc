"""The person behind one or many submissions, as syncd keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class LeadState(StrEnum):
    RECEIVED = "received"  # kept, nobody has decided yet
    QUARANTINED = "quarantined"  # junk by score: kept, counted, restorable
    TRIAGE = "triage"  # assigned, but somebody should look: suspected junk or a possible duplicate
    ASSIGNED = "assigned"  # has an owner and a task
    ATTEMPTED = "attempted"  # a human at our end tried to reach them
    CONNECTED = "connected"
    QUALIFIED = "qualified"
    WON = "won"
    LOST = "lost"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"  # on the list of people and domains that never go to sales

    @property
    def closed(self) -> bool:
        """Nobody has to act any more."""
        return self in _CLOSED


_CLOSED = frozenset(
    {
        LeadState.QUARANTINED,
        LeadState.SUPPRESSED,
        LeadState.WON,
        LeadState.LOST,
        LeadState.OPTED_OUT,
    }
)


@dataclass(frozen=True, slots=True)
class Touch:
    """Where one submission came from (channel table: `core/channels.py`)."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    term: str = ""
    content: str = ""
    campaign_id: str = ""
    click_ids: tuple[tuple[str, str], ...] = ()  # (parameter, opaque value)
    referrer_host: str = ""
    landing: str = ""
    channel: str = "direct"
    channel_rule: int = 1  # the number of the row that fired
    unresolved: tuple[str, ...] = ()  # parameters that held an unexpanded macro


@dataclass(frozen=True, slots=True)
class Lead:
    """One person. `revision` grows with every change, so that a stale decision is noticed."""

    id: str
    state: LeadState
    created_at: datetime
    updated_at: datetime
    revision: int = 1
    fields: Mapping[str, str] = field(default_factory=dict)  # canonical field -> cleaned value
    source: str = ""  # the config's name of the source that brought the first submission
    lead_source: str = ""  # the tag that the CRM shows
    first_touch: Touch | None = None
    last_touch: Touch | None = None
    interactions: int = 1
    owner: str = ""  # a person of the roster, or "<sink>:<id>" for a CRM user outside it
    rule: str = ""
    stage: str = "lead"  # name | lead | hot
    junk_score: int = 0
    due_at: datetime | None = None  # of the open follow-up task
    open_task: str = ""  # mark of the open follow-up task; empty when it is done
    answered_at: datetime | None = None


FIELDS: Mapping[str, str] = {
    "email": "e-mail address, display form",
    "first_name": "given name",
    "last_name": "family name; a lone name token goes here",
    "company": "company, as written",
    "phone": "phone number, E.164 where it can be read",
    "job_title": "role in the company",
    "website": "web address",
    "street": "street and number",
    "city": "city",
    "state": "state, province or region",
    "postal_code": "postal code, a string: leading zeros stay",
    "country": "ISO 3166-1 alpha-2",
    "industry": "industry, as written",
    "company_size": "number of employees, as written",
    "message": "the question, verbatim",
    "subject": "what it is about: topic, product, form of request",
    "how_heard": "self-reported source; never merged into the measured ones",
    "consent": "marketing consent: yes, no, or empty when nobody asked",
    "lead_source": "the tag that reports group by",
}
"""The canonical fields, with one line each. Connectors map these to their own names."""
