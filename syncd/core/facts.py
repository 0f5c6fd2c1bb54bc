"""What a rule may ask about: the names that a condition of the config can test."""

from collections.abc import Mapping
from types import MappingProxyType

from syncd.core.draft import Draft
from syncd.model import FIELDS, Known, Lead

FACT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **FIELDS,
        "source": "name of the source in the config",
        "form": "name of the form, or its id where it has no name",
        "channel": "how the person came: organic_search, paid_search, referral, email, direct, ...",
        "utm_source": "of this visit, as written",
        "utm_medium": "of this visit, as written",
        "utm_campaign": "of this visit, as written",
        "page": "address of the page with the form",
        "referrer_host": "host that sent the person; empty for the company's own domains",
        "email_domain": "domain of the e-mail address, lower case",
        "freemail": "true when the e-mail address is with a public mail provider",
        "stage": "lead after a question or a second enquiry, else name; hot is what a rule makes of it",
        "known": "true when the person was known before, here or in the CRM",
        "customer": "true when the CRM says that this is a customer already",
        "interactions": "how often the person has written, this time included",
        "junk_score": "0 to 100; see junk",
        "language": "language of the form or the browser, two letters",
    }
)
"""The canonical fields and what syncd works out itself, with one line each."""


def facts_of(draft: Draft, lead: Lead, known: Known | None) -> dict[str, str | float | bool]:
    """What rules may test of one lead, by the names of FACT_NAMES; a canonical field it lacks is left out."""
    touch, context = draft.touch, draft.context
    return {
        **lead.fields,
        "source": draft.source,
        "form": context.form_name or context.form_id,
        "channel": touch.channel,
        "utm_source": touch.source,
        "utm_medium": touch.medium,
        "utm_campaign": touch.campaign,
        "page": context.page_url,
        "referrer_host": touch.referrer_host,
        "email_domain": draft.email.domain if draft.email else "",
        "freemail": draft.email is not None and draft.email.freemail,
        "language": context.language,
        "stage": stage_of(lead),
        "lead_source": lead.lead_source,
        "known": is_known(lead, known),
        "customer": known is not None and known.customer,
        "interactions": float(lead.interactions),
        "junk_score": float(lead.junk_score),
    }


def stage_of(lead: Lead) -> str:
    """A question or a second enquiry makes a lead; one of anything else is a name."""
    return "lead" if lead.fields.get("message") or lead.interactions > 1 else "name"


def is_known(lead: Lead, known: Known | None) -> bool:
    return lead.interactions > 1 or known is not None
