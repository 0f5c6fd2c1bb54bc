"""Meta Lead Ads (Facebook and Instagram). https://developers.facebook.com/docs/marketing-api/guides/lead-ads"""

from connectors.sources.meta.source import Meta, Options
from syncd.connector import About, Plugin

plugin = Plugin(
    Options,
    Meta,
    About(
        "Meta Lead Ads (Facebook, Instagram)",
        link="https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving",
        setup=(
            "At developers.facebook.com make an app; its app secret (Settings, Basic) is `secret`.",
            "In Business Settings make a system user for the page, and a token of it that never expires: `api_token`.",
            "Rights: leads_retrieval, pages_manage_metadata, pages_show_list, pages_read_engagement, ads_management.",
            "Under Leads Access Manager of the page give it access to the leads.",
            "In the app: Webhooks, Page, `leadgen`, with {url} as callback and `verify_token` as verify token.",
            "`syncd hooks create <source>` subscribes the page (`page_id`) to the app; without that nothing is posted.",
        ),
        missed="All leads of `form_ids`, or of all forms of `page_id`, for the 90 days that Meta keeps them.",
        tested=(
            "Bodies and answers made from Meta's documentation; the retry times, the limits, the error codes of a lead "
            "that may not be read, and what test leads look like are from memory."
        ),
        notes=(
            "A webhook brings ids alone: the lead is kept and answered at once, and fetched afterwards.",
            "Consent comes from custom disclaimers: a box that was shown and not ticked says no.",
            "The ad's campaign, set and name become utm_campaign, utm_term and utm_content, the platform utm_source.",
            "A token that Meta refuses pauses the fetching and is told; leads wait and are fetched with the new one.",
        ),
        example={
            "secret": "${META_SECRET}",
            "verify_token": "${META_VERIFY}",
            "api_token": "${META_TOKEN}",
            "page_id": '"100000000000000"',
        },
    ),
)
"""What an entry point names."""

__all__ = ["Meta", "Options", "plugin"]
