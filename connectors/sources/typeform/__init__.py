"""Typeform: the webhook, and the Responses API for what the webhook missed.

https://www.typeform.com/developers/webhooks/ and https://www.typeform.com/developers/responses/
A response has the same token, and so the same key, in both.
"""

from connectors.sources.typeform.source import Options, Typeform
from syncd.connector import Plugin

__all__ = ["Options", "Typeform", "plugin"]

plugin = Plugin(Options, Typeform)
