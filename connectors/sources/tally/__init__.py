"""Tally: the webhook, and the list of submissions for what it missed.

https://tally.so/help/webhooks and https://developers.tally.so/api-reference/endpoint/forms/submissions/list
A submission has the same id, and so the same key, in both; how the list writes it is made how the webhook does.
"""

from connectors.sources.tally.source import Options, Tally
from syncd.connector import About, Plugin

__all__ = ["Options", "Tally", "plugin"]

plugin = Plugin(
    Options,
    Tally,
    About(
        "Tally",
        link="https://tally.so/help/webhooks",
        setup=(
            "In the form: Integrations, Webhooks; put {url} in as the endpoint.",
            "Add a signing secret there; it is `secret` here.",
            "To fetch what was missed: Settings, API keys; the key is `api_token`, the form's id is `form_id`.",
        ),
        missed="All completed submissions of the form, by the API, under the webhook's own ids.",
        tested="Captured deliveries, signature vectors; answers of the API's list after its documentation.",
        notes=("Tally tries five more times, within a day and a half, and then gives up.",),
    ),
)
