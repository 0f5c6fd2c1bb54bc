"""LinkedIn Lead Gen Forms. https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync"""

from connectors.sources.linkedin.source import LinkedIn, Options
from syncd.connector import About, Plugin

plugin = Plugin(
    Options,
    LinkedIn,
    About(
        "LinkedIn Lead Gen Forms",
        link="https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync",
        setup=(
            "At developer.linkedin.com make an app with the product Lead Sync; its client secret is `secret`.",
            "Get a token of a person who may manage the leads (scope r_marketing_leadgen_automation): `api_token`.",
            "Put {url} in as the app's webhook; LinkedIn asks it whether it knows the client secret, every 2 hours.",
            "`owner` is the ad account or organization, as urn:li:sponsoredAccount:123456.",
            "`syncd hooks create <source>` subscribes it to the leads of `owner`: LinkedIn has no page for that.",
        ),
        missed="All responses of `owner` of the kinds in `lead_types`, for the 90 days that LinkedIn keeps them.",
        tested=(
            "Bodies and answers made from LinkedIn's documentation. From memory: how forms tell the text of their "
            "questions, and how long responses are kept."
        ),
        notes=(
            "A webhook brings ids alone: the lead is kept and answered at once, and fetched afterwards.",
            "DELETED asks to erase a lead: no lead comes of it, it is parked with the id so that a person does it.",
            "LinkedIn ends each version of its API after about a year: raise `version` in time.",
            "`api_token` runs out after 60 days; an app with refresh tokens has `oauth` instead, good for a year.",
            "syncd tells when either is refused.",
        ),
        example={
            "secret": "${LINKEDIN_SECRET}",
            "api_token": "${LINKEDIN_TOKEN}",
            "owner": "urn:li:sponsoredAccount:123456",
        },
    ),
)
"""What an entry point names."""

__all__ = ["LinkedIn", "Options", "plugin"]
