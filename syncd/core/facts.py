"""What a rule may ask about: the names that a condition of the config can test."""

from collections.abc import Mapping
from types import MappingProxyType

from syncd.model import FIELDS

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
        "stage": "name, lead or hot",
        "known": "true when the person was known before, here or in the CRM",
        "customer": "true when the CRM says that this is a customer already",
        "interactions": "how often the person has written, this time included",
        "junk_score": "0 to 100; see junk",
        "language": "language of the form or the browser, two letters",
    }
)
"""The canonical fields and what syncd works out itself, with one line each."""
