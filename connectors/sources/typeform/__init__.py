"""Typeform: the webhook, and the Responses API for what the webhook missed.

https://www.typeform.com/developers/webhooks/ and https://www.typeform.com/developers/responses/
A response has the same token, and so the same key, in both.
"""

from connectors.sources.typeform.source import Options, Typeform
from syncd.connector import About, Plugin

__all__ = ["Options", "Typeform", "plugin"]

plugin = Plugin(
    Options,
    Typeform,
    About(
        "Typeform",
        link="https://www.typeform.com/developers/webhooks/",
        setup=(
            "In the form: Connect, Webhooks, Add a webhook; put {url} in as the endpoint.",
            "Edit it: a secret of your choice is `secret` here. Switch it on: it begins switched off.",
            "To fetch what was missed: a personal token with forms:read and responses:read as `api_token`.",
        ),
        missed="All responses of the form, by the API, under the webhook's own tokens; half an hour is read again.",
        tested="Captured deliveries, signature vectors; a fake of the Responses API with its paging and its lag.",
        notes=(
            "Typeform switches a webhook off at once when it is answered with 404 or 410: syncd never does that.",
            'What the button "Send test request" sends is marked as a test and goes to nobody.',
            "Responses that are not finished are left; what a webhook says of them is let go.",
        ),
    ),
)
